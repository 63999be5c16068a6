"""What a prompt's words ask a scene to show.

No understanding here, only a vocabulary: nouns that have a figure, places, moods, weather and colours. A noun that is
not known gets a figure all the same, always the same one, so that every prompt makes a picture of its own.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import Any

from mj_widgets.sandbox.dice import mix
from mj_widgets.sandbox.scenery.palette import HUES

_FIGURES = {
    "fox": "fox vixen",
    "cat": "cat kitten kitty tabby lynx panther tiger lion leopard",
    "dog": "dog puppy corgi hound labrador beagle",
    "wolf": "wolf wolves coyote husky",
    "rabbit": "rabbit bunny hare",
    "deer": "deer stag elk moose reindeer doe antelope gazelle",
    "horse": "horse pony unicorn stallion mare zebra donkey",
    "bear": "bear panda grizzly",
    "elephant": "elephant mammoth",
    "owl": "owl owlet",
    "bird": "bird crow raven eagle swan parrot dove sparrow hawk crane heron hummingbird phoenix dragon",
    "gull": "gull seagull albatross",
    "butterfly": "butterfly moth",
    "fish": "fish koi goldfish salmon",
    "whale": "whale dolphin shark orca",
    "tree": "tree oak maple willow bonsai cherry birch",
    "pine": "pine fir spruce cedar",
    "house": "house cottage cabin hut barn home farmhouse inn shop library",
    "castle": "castle palace fortress temple tower cathedral church citadel pagoda",
    "lighthouse": "lighthouse beacon",
    "boat": "boat ship sailboat yacht sail canoe vessel ferry gondola",
    "person": "person man woman girl boy child people wizard witch knight monk samurai queen king traveler traveller "
    "wanderer hiker princess warrior dancer portrait figure pilgrim shepherd fisherman teacher student explorer",
    "astronaut": "astronaut cosmonaut spaceman",
    "balloon": "balloon airship zeppelin",
    "flower": "flower rose tulip poppy daisy sunflower lily orchid lotus peony bouquet blossom",
    "mushroom": "mushroom toadstool fungi",
    "umbrella": "umbrella parasol",
    "robot": "robot android droid cyborg mech",
    "lantern": "lantern lamp candle light",
    "hat": "hat fedora cap",
    "windmill": "windmill mill turbine",
    "kite": "kite",
    "arch": "arch gate portal monolith bridge ruin",
}
_SETTINGS = {
    "mountains": "mountain peak alp alps ridge valley cliff highland summit glacier himalaya fjord volcano",
    "sea": "sea ocean lake river water beach island coast harbour harbor wave pond bay shore lagoon reflection underwater",
    "forest": "forest wood woods jungle woodland grove rainforest taiga",
    "city": "city town street skyline tokyo paris london york building skyscraper cyberpunk downtown urban metropolis",
    "desert": "desert dune sand sahara canyon mars savanna oasis",
    "field": "field meadow garden farm hill grass prairie pasture countryside park lawn steppe",
    "space": "space galaxy planet nebula cosmos universe orbit lunar asteroid",
}
_HOMES = {  # where a figure is found when the prompt names no place
    "sea": "boat whale fish lighthouse gull",
    "forest": "wolf owl bear deer mushroom fox pine",
    "field": "flower butterfly windmill horse rabbit house tree umbrella kite balloon",
    "city": "robot cat lantern",
    "space": "astronaut",
    "mountains": "castle person",
    "desert": "arch elephant",
}
_MOOD_WORDS = {  # a style goes before the time of day, that before the season, and the place comes last
    "ink": "ink monochrome sketch charcoal pencil noir calligraphy engraving lineart black-and-white woodcut",
    "neon": "neon cyberpunk synthwave vaporwave retrowave futuristic glowing hologram",
    "pastel": "pastel watercolor watercolour kawaii aquarelle gouache",
    "space": "space galaxy nebula cosmos cosmic universe planet orbit",
    "night": "night midnight moonlight moonlit nocturnal starry stars moon dark aurora constellation",
    "sunset": "sunset evening sundown",
    "dusk": "dusk twilight blue-hour gloaming nightfall",
    "dawn": "dawn sunrise morning daybreak",
    "winter": "winter snow snowy ice icy frost frozen arctic blizzard snowfall christmas",
    "autumn": "autumn fall october november harvest leaves",
    "spring": "spring april may blossom blossoms easter",
    "storm": "storm stormy thunder lightning rain rainy tempest gloomy overcast",
    "golden": "golden golden-hour afternoon",
    "day": "day noon daylight sunny summer midday blue-sky",
    "desert": "desert dune dunes sahara sand savanna canyon mars oasis",
}
_HINTS = {  # words that only lean towards a mood
    "dawn": "misty soft gentle",
    "dusk": "dreamy dreamlike calm quiet",
    "sunset": "dramatic fiery epic",
    "golden": "warm honey cinematic",
    "day": "bright photo realistic clear",
}
_WEATHER = {
    "snow": "snow snowy snowfall blizzard snowflakes",
    "rain": "rain rainy drizzle storm stormy thunder tempest",
    "fog": "fog foggy mist misty haze hazy smoke",
    "clouds": "cloud clouds cloudy overcast storm stormy cumulus",
    "clear": "clear cloudless",
    "stars": "star stars starry constellation milky galaxy cosmos space night",
    "aurora": "aurora borealis northern-lights",
    "moon": "moon moonlight moonlit crescent lunar",
    "sun": "sun sunny sunlight sunrise sunset",
    "birds": "birds flock gulls",
    "water": "sea ocean lake river water harbour harbor pond bay lagoon fjord reflection canal venice",
    "paper": "watercolor watercolour aquarelle gouache ink sketch paper woodcut",
    "bands": "synthwave vaporwave retrowave outrun",
}
_NUMBERS = {"two": 2, "pair": 2, "couple": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "many": 6}
_STRANGERS = ("balloon", "tree", "lighthouse", "boat", "windmill", "kite", "castle", "house", "arch", "umbrella")
_USUAL_MOODS = ("day", "dawn", "golden", "sunset", "dusk", "golden", "sunset")
_PLAIN_WORDS = frozenset(re.findall(r"\w+", "a an the of in on at with and or by to from into under over very like its is"))
_MOST_FIGURES = 7


@dataclass(frozen=True)
class Cast:
    """One kind of figure, how many of it, and the colour that was asked for (or an empty string)."""

    figure: str
    count: int = 1
    colour: str = ""


@dataclass(frozen=True)
class Features:
    """What a scene shows; small, and plain enough for JSON.

    Attributes
    ----------
    setting, mood : str
        The place, and the palette's name.
    tints : tuple of str
        Colour words that rule the palette, in the prompt's order.
    casts : tuple of Cast
        The figures, the first one most prominent.
    weather : tuple of str
        Snow, rain, fog, stars and the like; also ``paper``, the look of watercolour and ink.
    without : tuple of str
        What ``--no`` took away.
    stylize, weird : int
        How rich, and how strange.
    repeat : float
        For a pattern whose edges fit (``--tile``), the width of the piece that repeats over its height; else 0.
    """

    setting: str = "mountains"
    mood: str = "dusk"
    tints: tuple[str, ...] = ()
    casts: tuple[Cast, ...] = ()
    weather: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    stylize: int = 100
    weird: int = 0
    repeat: float = 0.0

    def tinted(self, colours: list[str]) -> Features:
        """Let more colours rule the palette."""
        return replace(self, tints=(*self.tints, *colours)[:2])

    def to_json(self) -> dict[str, Any]:
        """Turn into what `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Features:
        """Read what `to_json` wrote."""
        casts = tuple(Cast(**cast) for cast in data["casts"])
        lists = {name: tuple(data[name]) for name in ("tints", "weather", "without")}
        return cls(**{**data, **lists, "casts": casts})


def _index(table: dict[str, str]) -> dict[str, str]:
    return {word: name for name, words in table.items() for word in words.split()}


_FIGURE_OF, _SETTING_OF, _HOME_OF = _index(_FIGURES), _index(_SETTINGS), _index(_HOMES)
_MOOD_OF, _HINT_OF = _index(_MOOD_WORDS), _index(_HINTS)
_COMPOUNDS = {"golden hour", "blue hour", "northern lights", "black and white", "blue sky"}


def _words(text: str) -> list[str]:
    text = text.lower()
    for compound in _COMPOUNDS:
        text = text.replace(compound, compound.replace(" ", "-"))
    return re.findall(r"[^\W_]+(?:-[^\W_]+)*", text)


def _singular(word: str) -> str:
    if word in _FIGURE_OF or word in _SETTING_OF:
        return word
    for ending, instead in (("ies", "y"), ("es", ""), ("s", "")):
        stem = word.removesuffix(ending) + instead
        if word.endswith(ending) and (stem in _FIGURE_OF or stem in _SETTING_OF):
            return stem
    return word


def _casts(words: list[str]) -> tuple[tuple[Cast, ...], set[int]]:
    """Find the figures that words name, and the places of the colour words that belong to them."""
    casts: dict[str, Cast] = {}
    used: set[int] = set()
    for i, word in enumerate(words):
        figure = _FIGURE_OF.get(_singular(word))
        if figure is None or figure in casts:
            continue
        before = range(max(0, i - 2), i)
        colours = [k for k in before if words[k] in HUES and k not in used][-1:]
        numbers = [_NUMBERS.get(words[k]) or (words[k].isdigit() and int(words[k])) for k in before]
        count = next(filter(None, numbers), 3 if _singular(word) != word else 1)
        used.update(colours)
        used.add(i)  # a rose is no colour, here
        casts[figure] = Cast(figure, min(count, _MOST_FIGURES), words[colours[0]] if colours else "")
    return tuple(casts.values())[:3], used


def read(
    text: str,
    *,
    without: str = "",
    stylize: int = 100,
    weird: int = 0,
    repeat: float = 0.0,
    base: Features | None = None,
) -> Features:
    """Find what a prompt's words ask for.

    Parameters
    ----------
    text : str
        The prompt without its parameters.
    without : str
        What ``--no`` names.
    stylize, weird, repeat
        As in `Features`.
    base : Features or None
        Whose place, mood and colours are kept where the words name none.
    """
    words, key = _words(text), " ".join(_words(text))
    banned = {_singular(word) for word in _words(without)}
    banned |= {_FIGURE_OF[word] for word in banned if word in _FIGURE_OF}
    casts, used = _casts(words)
    casts = tuple(cast for cast in casts if cast.figure not in banned)
    places = [_SETTING_OF[stem] for stem in map(_singular, words) if stem in _SETTING_OF and stem not in banned]
    if not casts and not places and any(word not in _PLAIN_WORDS for word in words):
        casts = (Cast(_STRANGERS[mix(key, "stranger") % len(_STRANGERS)]),)
    setting = _setting(casts, places, key, base)
    moods = sorted((_MOOD_OF[word] for word in words if word in _MOOD_OF and word not in banned), key=[*_MOOD_WORDS].index)
    tints = tuple(word for i, word in enumerate(words) if word in HUES and i not in used)[:2]
    weather = tuple(w for w, names in _WEATHER.items() if set(names.split()) & set(words) and w not in banned)
    return Features(
        setting=setting,
        mood=_mood(moods, words, setting, base),
        tints=tints or (base.tints if base else ()),
        casts=casts,
        weather=weather or (base.weather if base else ()),
        without=tuple(sorted(banned)),
        stylize=stylize,
        weird=weird,
        repeat=repeat,
    )


def _setting(casts: tuple[Cast, ...], places: list[str], key: str, base: Features | None) -> str:
    if places:
        return places[0]
    if base:
        return base.setting
    homes = [_HOME_OF[cast.figure] for cast in casts if cast.figure in _HOME_OF]
    anywhere = [setting for setting in _SETTINGS if setting != "space"]  # nobody is in space by chance
    return homes[0] if homes else anywhere[mix(key, "setting") % len(anywhere)]


def _mood(moods: list[str], words: list[str], setting: str, base: Features | None) -> str:
    if moods:
        return moods[0]
    if base:
        return base.mood
    if setting in ("desert", "space"):
        return setting
    hints = [_HINT_OF[word] for word in words if word in _HINT_OF]
    return hints[0] if hints else _USUAL_MOODS[mix(" ".join(words), "mood") % len(_USUAL_MOODS)]
