"""A small dictionary from Chinese to English: enough for the first prompts of a lesson."""

from __future__ import annotations

_WORDS = {
    "赤狐": "red fox", "狐狸": "fox", "小猫": "kitten", "猫": "cat", "小狗": "puppy", "狗": "dog", "狼": "wolf",
    "兔子": "rabbit", "鹿": "deer", "马": "horse", "熊猫": "panda", "熊": "bear", "大象": "elephant", "猫头鹰": "owl",
    "鸟": "bird", "蝴蝶": "butterfly", "鱼": "fish", "鲸鱼": "whale", "鲸": "whale", "龙": "dragon", "树": "tree",
    "松树": "pine tree", "樱花": "cherry blossom", "花": "flower", "蘑菇": "mushroom", "房子": "house",
    "小屋": "cottage", "城堡": "castle", "灯塔": "lighthouse", "塔": "tower", "船": "boat", "桥": "bridge",
    "气球": "balloon", "热气球": "hot-air balloon", "灯笼": "lantern", "雨伞": "umbrella", "机器人": "robot",
    "宇航员": "astronaut", "女孩": "girl", "男孩": "boy", "孩子": "child", "老师": "teacher", "学生": "student",
    "人": "person", "山": "mountains", "雪山": "snowy mountains", "海": "sea", "大海": "ocean", "海边": "by the sea",
    "湖": "lake", "河": "river", "森林": "forest", "竹林": "bamboo forest", "沙漠": "desert", "城市": "city",
    "街道": "street", "田野": "field", "花园": "garden", "天空": "sky", "太空": "space", "月亮": "moon",
    "月球": "the moon", "太阳": "sun", "星星": "stars", "星空": "starry sky", "云": "clouds", "雪": "snow",
    "雪地": "snow", "雨": "rain", "雾": "fog", "风": "wind", "日出": "sunrise", "日落": "sunset", "夜晚": "night",
    "夜": "night", "黎明": "dawn", "黄昏": "dusk", "春天": "spring", "夏天": "summer", "秋天": "autumn",
    "冬天": "winter", "红色": "red", "蓝色": "blue", "绿色": "green", "黄色": "yellow", "白色": "white",
    "黑色": "black", "金色": "golden", "紫色": "purple", "粉色": "pink", "一只": "a", "两只": "two", "三只": "three",
    "一个": "a", "一座": "a", "一艘": "a", "一棵": "a", "大": "big", "小": "small", "老": "old", "美丽": "beautiful",
    "可爱": "cute", "安静": "quiet", "水墨画": "ink painting", "水彩画": "watercolour", "油画": "oil painting",
    "折纸": "origami", "照片": "photograph", "电影": "cinematic", "在": "in", "和": "and", "与": "and", "的": "",
    "里": "", "中": "", "上": "",
}  # fmt: skip
_LONGEST = max(map(len, _WORDS))
_MARKS = {"，": ",", "。": ".", "、": ",", "；": ";"}  # noqa: RUF001 - these are what is to be replaced


def in_english(text: str) -> str:
    """Translate the words that are known, longest first; a text without any comes back as it is."""
    pieces: list[str] = []
    at = known = 0
    while at < len(text):
        size = next((size for size in range(_LONGEST, 0, -1) if text[at : at + size] in _WORDS), 0)
        pieces.append(f" {_WORDS[text[at : at + size]]} " if size else _MARKS.get(text[at], text[at]))
        known += bool(size)
        at += size or 1
    if not known:
        return text
    return " ".join("".join(pieces).split()).replace(" ,", ",").replace(" .", ".").replace(" ;", ";")
