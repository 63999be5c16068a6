from __future__ import annotations

import dataclasses
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mj_widgets.models import EditRequest, ImageRef, ImagineRequest, TextRequest, VideoRequest
from mj_widgets.prompt.parse import KNOWN, parse
from mj_widgets.prompt.rules import RULES, Finding, lint
from mj_widgets.prompt.template import expand

FOX = "https://example.com/fox.png"
FIVE = " ".join(f"https://example.com/{number}.png" for number in range(1, 6))
NONE = None


def found(what: object, **beside) -> list[tuple[str, str, str | None]]:
    """What lint finds: the rule, the text that it points to, the fix."""
    text = what if isinstance(what, str) else what.prompt
    return [(finding.rule, text[slice(*finding.span)], finding.fix) for finding in lint(what, **beside)]


# the text, the rule, what it points to, the fix
ROWS = [
    # -- what is said
    ("", "empty", "", NONE),
    (" \n", "empty", " \n", NONE),
    ("--fast", "empty", "--fast", NONE),
    ("--ar 3:2 --raw", "no-words", "--ar 3:2 --raw", NONE),
    ("—ar 3:2", "no-words", "—ar 3:2", NONE),
    (FOX, "one-image", FOX, NONE),
    (f"{FIVE} {FOX} {FOX} a fox", "many-images", f"{FOX} {FOX}", f"{FIVE} a fox"),
    (f"a fox {FOX} in snow", "image-not-first", FOX, f"{FOX} a fox in snow"),
    (f"{FOX} a fox like {FOX}, in snow", "image-not-first", f"{FOX},", f"{FOX} {FOX} a fox like in snow"),
    (f"--raw a fox {FOX}", "image-not-first", FOX, f"--raw {FOX} a fox"),
    (f"{FIVE} a fox {FOX}", "image-not-first", FOX, NONE),
    ("https://www.youtube.com/watch?v=1 a fox", "not-a-picture", "https://www.youtube.com/watch?v=1", NONE),
    ("https://x.com a fox", "not-a-picture", "https://x.com", NONE),
    ("https://imgur.com/abc a fox", "not-a-picture", "https://imgur.com/abc", NONE),
    ("https://en.wikipedia.org/wiki/File:Fox.jpg a fox", "not-a-picture", "https://en.wikipedia.org/wiki/File:Fox.jpg", NONE),
    ("https://www.midjourney.com/jobs/1-2?index=0 a fox", "not-a-picture", "https://www.midjourney.com/jobs/1-2?index=0", NONE),
    ("https://example.com/a/fox.HTML?x#y a fox", "not-a-picture", "https://example.com/a/fox.HTML?x#y", NONE),
    ("a fox --sref 123 https://example.com/fox.pdf::2", "not-a-picture", "https://example.com/fox.pdf::2", NONE),
    ("/home/me/fox.png a fox", "local-file", "/home/me/fox.png", NONE),
    ("C:\\Users\\me\\fox.JPG a fox", "local-file", "C:\\Users\\me\\fox.JPG", NONE),
    ("a fox --sref 'fox.webp',", "local-file", "'fox.webp',", NONE),
    ("data:image/png;base64,AAAA a fox", "local-file", "data:image/png;base64,AAAA", NONE),
    ("a fox --cref http://example.com/fox.png", "insecure-url", "http", f"a fox --cref {FOX}"),
    ("HTTP://example.com/fox.png a fox", "insecure-url", "HTTP", f"{FOX} a fox"),
    ("a" * 6001, "long", "a" * 6001, NONE),
    ("a лиса in снег", "translate", "лиса", NONE),
    ("狐狸 --ar 3:2", "translate", "狐狸", NONE),
    ("a ثعلب", "translate", "ثعلب", NONE),
    ("a {red, blue fox", "loose-brace", "{", "a (red, blue fox"),
    ("a red} fox", "loose-brace", "}", "a red) fox"),
    (r"a \{red fox", "escaped-brace", r"\{", "a (red fox"),
    (r"a red\} fox", "escaped-brace", r"\}", "a red) fox"),
    # -- dashes and names
    ("a fox —ar 3:2 —raw", "dash", "—", "a fox --ar 3:2 --raw"),
    ("a fox \u2013ar 3:2 x", "stray-words", "x", "a fox x --ar 3:2"),
    ("a fox ———raw ——tile x", "stray-words", "x", "a fox x --raw --tile"),
    ("a fox —fast", "dash", "—", "a fox --fast"),
    ("a fox —at night", "dash-word", "—", "a fox — at night"),
    ("a fox -ar 3:2", "hyphens", "-", "a fox --ar 3:2"),
    ("a fox ---raw", "hyphens", "---", "a fox --raw"),
    ("a fox \u2212v 7", "hyphens", "\u2212", "a fox --v 7"),
    ("a fox --ar=3:2", "glued", "--ar=", "a fox --ar 3:2"),
    ("a fox --fast, --raw", "glued", "--fast,", "a fox --fast  --raw"),
    ("a fox --fast.", "glued", "--fast.", "a fox --fast"),
    ("a fox --v7", "glued", "--v", "a fox --v 7"),
    ("a fox --q.5 --v 7", "glued", "--q", "a fox --q .5 --v 7"),
    ("a fox --AR:3:2", "glued", "--AR:", "a fox --AR 3:2"),
    ("a fox —ar=3:2", "glued", "—ar=", "a fox --ar 3:2"),
    ("a fox —s250", "glued", "—s", "a fox --s 250"),
    ("a fox --stylise 50 --ar 3:2", "unknown-flag", "--stylise", "a fox --stylize 50 --ar 3:2"),
    ("a fox --ratio 3:2", "unknown-flag", "--ratio", "a fox --ar 3:2"),
    ("a fox --negative hats", "unknown-flag", "--negative", "a fox --no hats"),
    ("a fox --Sparkl 3", "unknown-flag", "--Sparkl", NONE),
    ("a fox --turb", "unknown-flag", "--turb", "a fox --turbo"),
    ("a fox --STYLISE 50", "unknown-flag", "--STYLISE", "a fox --stylize 50"),
    ("a fox --xyzzy", "unknown-flag", "--xyzzy", NONE),
    ("a fox --ar 3:2 --raw --aspect 1:1", "repeated", "--ar 3:2", "a fox --raw --aspect 1:1"),
    ("a fox --ar 3:2 --ar 4:5 --ar 1:1", "repeated", "--ar 3:2", "a fox --ar 1:1"),
    ("--raw a fox --raw", "repeated", "--raw", "a fox --raw"),
    ("a fox --no hats --raw --no red shoes", "repeated", "--no hats", "a fox --raw --no hats, red shoes"),
    (f"a fox --sref 12 --sref {FOX} --sref 12", "repeated", "--sref 12", f"a fox --sref 12 {FOX}"),
    ("a fox --no hats --ar 3:2 x --ar 1:1", "repeated", "--ar 3:2", NONE),  # or x would join the hats
    ("a fox --ar 3:2 in snow", "stray-words", "in snow", "a fox in snow --ar 3:2"),
    ("a fox --raw in snow --ar 3:2 at night --tile", "stray-words", "in snow", "a fox in snow at night --raw --ar 3:2 --tile"),
    ("--raw a fox very very red", "stray-words", "a fox very very red", "a fox very very red --raw"),
    ("a \ud83e fox", "half-character", "\ud83e", "a fox"),
    # -- slips with dashes and spaces
    *(
        (f"a fox {dash}ar 3:2", "hyphens", dash, "a fox --ar 3:2")
        for dash in ("\u2011\u2011", "\u2015", "\u2013-", "-\u2013", "\\-\\-")
    ),
    ("a fox -ar3:2", "hyphens", "-", "a fox --ar3:2"),
    ("a fox - -ar 3:2", "hyphens-apart", "- -", "a fox --ar 3:2"),
    ("a fox -- ar 3:2", "hyphens-apart", "-- ", "a fox --ar 3:2"),
    ("a fox — s 250", "hyphens-apart", "— ", "a fox --s 250"),
    ("a fox -- no hats", "hyphens-apart", "-- ", "a fox --no hats"),
    ("a fox -- raw --s 5", "hyphens-apart", "-- ", "a fox --raw --s 5"),
    ("a fox --", "lone-hyphens", "--", "a fox"),
    ("a fox --- --raw", "lone-hyphens", "---", "a fox --raw"),
    ("a fox ar 3:2", "no-hyphens", "ar 3:2", "a fox --ar 3:2"),
    ("a fox--ar 3:2", "no-space", "--", "a fox --ar 3:2"),
    ("a fox—ar 3:2", "no-space", "—", "a fox --ar 3:2"),
    ("a fox --ar 3:2--s 50", "no-space", "--", "a fox --ar 3:2 --s 50"),
    ("a fox --ar 3:2 , --s 50", "stray-mark", ",", "a fox --ar 3:2 --s 50"),
    ("a fox --hd true --raw", "switch-value", "true", "a fox --hd --raw"),
    ("a fox --tile no", "switch-value", "no", "a fox"),
    ("--no hats a fox --raw", "words-taken", "--no hats a fox", "a fox --no hats --raw"),
    ("--no hats, red things a fox", "words-taken", "--no hats, red things a fox", NONE),
    ('"a fox --ar 3:2"', "quoted", '"a fox --ar 3:2"', "a fox --ar 3:2"),
    ("\u201ca fox --raw\u201d", "quoted", "\u201ca fox --raw\u201d", "a fox --raw"),
    ("/imagine prompt: a fox", "discord", "/imagine prompt: ", "a fox"),
    ("prompt: a fox", "discord", "prompt: ", "a fox"),
    # -- slips in addresses
    *(
        (f"{wrong}example.com/fox.png a fox", "address", wrong, f"{FOX} a fox")
        for wrong in ("http:/", "https//", "https:", "https: //", "htps://", "hhttps://", "https://https://", "https:\\\\")
    ),
    ("www.example.com/fox.png a fox", "no-https", "www.example.com/fox.png", "https://www.example.com/fox.png a fox"),
    ("a fox --sref example.com/fox.png", "no-https", "example.com/fox.png", f"a fox --sref {FOX}"),
    *(
        (f"{left}{FOX}{right} a fox", "wrapped", f"{left}{FOX}{right}", f"{FOX} a fox")
        for left, right in ("<>", '""', "()", "[]", "\u201c\u201d", ("[my fox](", ")"))
    ),
    (f"{FOX},{FOX} a fox", "glued-addresses", ".png,", f"{FOX} {FOX} a fox"),
    (f"a fox --sref {FOX}{FOX}", "glued-addresses", ".png", f"a fox --sref {FOX} {FOX}"),
    (f"{FOX}, a fox", "address-mark", ",", f"{FOX} a fox"),
    (
        "https://example.com/my fox.png a fox",
        "space-inside",
        "https://example.com/my ",
        "https://example.com/my%20fox.png a fox",
    ),
    (f"a fox --sref {FOX}, 12", "reference-comma", f"--sref {FOX}, 12", f"a fox --sref {FOX} 12"),
    ("a fox --sref 12,34", "reference-comma", "--sref 12,34", "a fox --sref 12 34"),
    # -- modes
    ("a fox --fast --relax --fast", "mode-twice", "--relax", "a fox --fast --fast"),
    ("a --TURBO fox --relax", "mode-twice", "--TURBO", "a fox --relax"),
    ("a fox --turbo --v 8.1", "turbo-version", "--turbo", "a fox --v 8.1"),
    # -- values
    ("a fox --ar", "missing-value", "--ar", "a fox"),
    ("a fox --v --raw", "missing-value", "--v", "a fox --raw"),
    ("a fox --sref --raw", "missing-value", "--sref", "a fox --raw"),
    ("a fox --no", "missing-value", "--no", "a fox"),
    ("a fox --s {5, }", "missing-value", "--s {5, }", NONE),
    ("a fox --s lots", "not-a-number", "--s lots", "a fox"),
    ("a fox --s 250, --raw", "not-a-number", "--s 250,", "a fox --s 250 --raw"),
    ("a fox --stop 50%", "not-a-number", "--stop 50%", "a fox --stop 50"),
    ("a fox --s 1,000", "not-a-number", "--s 1,000", "a fox --s 1000"),
    ("a fox --q 0,5 --v 7", "not-a-number", "--q 0,5", "a fox --q 0.5 --v 7"),
    ('a fox --s "250"', "not-a-number", '--s "250"', "a fox --s 250"),
    ("a fox --s 1e3", "not-a-number", "--s 1e3", "a fox"),
    ("a fox --s nan", "not-a-number", "--s nan", "a fox"),
    ("a fox --q high", "not-a-number", "--q high", "a fox"),
    ("a fox --niji five", "not-a-number", "--niji five", "a fox"),
    ("a fox --s 250.5", "not-whole", "--s 250.5", "a fox --s 250"),
    ("a fox --stylize 1001", "range", "--stylize 1001", "a fox --stylize 1000"),
    ("a fox --s -1", "range", "--s -1", "a fox --s 0"),
    ("a fox --s {0, 2000}", "range", "--s {0, 2000}", NONE),
    ("a fox --chaos 101", "range", "--chaos 101", "a fox --chaos 100"),
    ("a fox --w 3001", "range", "--w 3001", "a fox --w 3000"),
    ("a fox --seed 4294967296", "range", "--seed 4294967296", "a fox --seed 4294967295"),
    ("a fox --seed 1234567890123456789", "range", "--seed 1234567890123456789", "a fox --seed 4294967295"),
    ("a fox --stop 9", "range", "--stop 9", "a fox --stop 10"),
    ("a fox --stop 101", "range", "--stop 101", "a fox --stop 100"),
    ("a fox --repeat 0", "range", "--repeat 0", "a fox --repeat 1"),
    ("a fox --r 41", "range", "--r 41", "a fox --r 40"),
    ("a fox --iw 3.1 --v 7", "range", "--iw 3.1", "a fox --iw 3 --v 7"),
    ("a fox --iw 2.5 --v 7", "range-uncertain", "--iw 2.5", "a fox --iw 2 --v 7"),
    ("a fox --sw 1001", "range-uncertain", "--sw 1001", "a fox --sw 1000"),
    ("a fox --sv 7", "range-uncertain", "--sv 7", "a fox --sv 6"),
    ("a fox --sv 0", "range-uncertain", "--sv 0", "a fox --sv 1"),
    ("a fox --ow 0", "range-uncertain", "--ow 0", "a fox --ow 1"),
    ("a fox --ow 1001", "range-uncertain", "--ow 1001", "a fox --ow 1000"),
    ("a fox --exp 101", "range-uncertain", "--exp 101", "a fox --exp 100"),
    ("a fox --cw 101", "range-uncertain", "--cw 101", "a fox --cw 100"),
    ("a fox --repeat 4", "repeat-cost", "--repeat 4", "a fox"),
    ("a fox --r {1, 2}", "repeat-cost", "--r {1, 2}", NONE),
    ("a fox --ar wide", "aspect", "--ar wide", "a fox"),
    ("a fox --ar 16", "aspect", "--ar 16", "a fox"),
    ("a fox --ar 3:0", "aspect", "--ar 3:0", "a fox"),
    ("a fox --ar 0:3", "aspect", "--ar 0:3", "a fox"),
    ("a fox --ar 0:0", "aspect", "--ar 0:0", "a fox"),
    ("a fox --ar 3:2,", "aspect", "--ar 3:2,", "a fox --ar 3:2"),
    ("a fox --ar 16x9", "aspect", "--ar 16x9", "a fox --ar 16:9"),
    ("a fox --ar 3/2 --raw", "aspect", "--ar 3/2", "a fox --ar 3:2 --raw"),
    *(
        (f"a fox --ar {value}", "aspect", f"--ar {value}", "a fox --ar 3:2")
        for value in ("3;2", "(3:2)", '"3:2"', "3\uff1a2", "\uff13:\uff12", "3by2")
    ),
    ("a fox --ar square", "aspect", "--ar square", "a fox --ar 1:1"),
    *(
        (f"a fox --ar {value} --raw", "aspect-spaces", f"--ar {value}", "a fox --ar 3:2 --raw")
        for value in ("3 : 2", "3: 2", "3 2", "3 x 2")
    ),
    ("a fox --ar 3:2:1", "aspect", "--ar 3:2:1", "a fox"),
    ("a fox --ar {3:2, 3}", "aspect", "--ar {3:2, 3}", NONE),
    ("a fox --ar 1.5:1", "aspect-decimal", "--ar 1.5:1", "a fox --ar 3:2"),
    ("a fox --ar 3:1.5", "aspect-decimal", "--ar 3:1.5", "a fox --ar 2:1"),
    ("a fox --ar 2.39:1", "aspect-decimal", "--ar 2.39:1", "a fox --ar 239:100"),
    ("a fox --q .5", "quality", "--q .5", "a fox --q 1"),
    ("a fox --q 4 --v 8.2", "quality", "--q 4", "a fox --q 2 --v 8.2"),
    ("a fox --q 2 --v 8", "quality", "--q 2", "a fox --q 1 --v 8"),
    ("a fox --q 4 --v 7", "quality", "--q 4", "a fox --q 2 --v 7"),
    ("a fox --q 1.5 --v 6.1", "quality", "--q 1.5", "a fox --q 1 --v 6.1"),
    ("a fox --q 4 --v {8, 8.2}", "quality", "--q 4", "a fox --q 1 --v {8, 8.2}"),
    ("a fox --v 9", "version", "--v 9", NONE),
    ("a fox --v 7.2", "version", "--v 7.2", NONE),
    ("a fox --v latest", "version", "--v latest", "a fox"),
    ("a fox --v 6,1", "version", "--v 6,1", "a fox --v 6.1"),
    ("a fox --v 8.1,", "version", "--v 8.1,", "a fox --v 8.1"),
    ("a fox --v V8.1", "version", "--v V8.1", "a fox --v 8.1"),
    ("a fox --niji 6", "niji", "--niji 6", NONE),
    ("a fox --style cute", "niji-style", "--style cute", "a fox"),
    ("a fox --style Scenic --v 7", "niji-style", "--style Scenic", "a fox --v 7"),
    # -- versions
    ("a fox --q 1 --v 8.1", "quality-version", "--q 1", "a fox --v 8.1"),
    ("a fox --q 2 --v {7, 8.1}", "quality-version", "--q 2", "a fox --v {7, 8.1}"),
    (f"{FOX} a fox --iw 1", "iw-version", "--iw 1", f"{FOX} a fox"),
    (f"{FOX} a fox --iw 1 --v 8", "iw-version", "--iw 1", f"{FOX} a fox --v 8"),
    (f"{FOX} a fox --v 8.1 --iw 1", "iw-version", "--iw 1", f"{FOX} a fox --v 8.1"),
    ("a fox --hd --v 7", "hd-version", "--hd", "a fox --v 7"),
    ("a fox --hd --niji 5", "hd-version", "--hd", "a fox --niji 5"),
    ("a fox --niji 5 --v 7", "niji-version", "--v 7", "a fox --niji 5"),
]


@pytest.mark.parametrize(("text", "rule", "snippet", "fix"), ROWS, ids=[f"{rule}-{text[:40]}" for text, rule, *_ in ROWS])
def test_a_rule_finds_it_and_mends_it(text, rule, snippet, fix):
    assert (rule, snippet, fix) in found(text)
    if fix is not None:
        assert rule not in {finding.rule for finding in lint(fix)}


def test_every_rule_has_a_row():
    elsewhere = {"mode-conflict"}
    assert {rule for _, rule, _, _ in ROWS} | elsewhere == set(RULES)


FINE = [
    "a fox",
    "a fox in snow --ar 3:2",
    f"{FIVE} a fox",
    f"{FOX} {FOX}",
    f"{FOX}?ex=1&is=2 https://images.unsplash.com/photo-1 https://i.imgur.com/a.webp https://cdn.discordapp.com/a/b.jpg a fox",
    "https://mynotx.com/a https://example.com/html a fox",
    "a fox --ar 16:9 --s 0 --c 100 --w 3000 --seed 0 --stop 100 --no hats, red things --raw --tile --draft --hd --exp 5",
    f"a fox --sref {FOX}::2 123 random --sw 1000 --sv 6 --cref {FOX} --cw 0 --oref {FOX} --ow 1 --p",
    f"{FOX} a fox --iw .5 --v 7 --q .25",
    "a fox --v 6 --q 2",
    "a fox --V 8 --Q 4",
    "a fox --v 8.0 --q 1 --hd",
    "a fox --v 8.2 --q 2 --hd --turbo",
    "a fox --v 8.1 --hd --relax",
    "a fox --v 5.0 --style raw",
    "a fox --niji 5 --style cute",
    "a fox --style abc123",
    "a" * 6000,
    "a fox --s 250.0 --seed 4294967295 --repeat 1",
    "a {red, {dark, light} blue} fox --ar {3:2, 1:1} --s {0, 50} --v {7, 6.1}",
    "a {red, blue} fox, {a, b}",
    "a fox --ar {3:2}",
    "rain — at night, well—known, 3 \u2013 4, a -5 b, sea-side, — 3",
    'cat::2 dog::-1, (a), [b], 100%, </script>, "a --\'b"',
    "a fox -- in snow, --3, --_x",
    "naïve Ångström ñandú Vượng 🦊 ½ ²",
    "a fox --fast",
    "a fox --relax --relax",
    "a fox - raw and wild, a weird -- exp -- thing, the bar 3:2",
    'it says "no", and "stop", -- end',
    "https://web.archive.org/web/2020/https://example.com/fox.png a fox",
    "https://example.com/w_3,h_2/fox.png a fox --sref https://example.com/a,b.png",
    "www, e.g. a.b/c, at 3/4, ratio 3 2, an imagine prompt",
    "a fox --tile --ar 3:2 --no on, true",
    "https://example.com/a--ar a fox --sref https://example.com/fox--v",
    # a group that holds a flag or a part of one: nothing is said of flags
    "a fox {--v 7, --niji 5} --q 7 --arr 3 --iw 1 x",
    "a fox --ar {3:2, {1:1, 4:5}} x --s 9000",
    "a fox {--ar 3:2 x, y}",
    "a fox {--s 2000 --hd, --v 8.1 --q 2}",
]


@pytest.mark.parametrize(
    "page",
    [
        *("youtube.com/watch?v=1", "m.youtube.com/x", "youtu.be/x", "artstation.com/a", "deviantart.com/a", "facebook.com/a"),
        *("instagram.com/p/1", "twitter.com/a", "x.com/a/status/1", "pinterest.com/pin/1", "uk.pinterest.co.uk/pin/1"),
        *(
            "drive.google.com/file/d/1",
            "photos.app.goo.gl/1",
            "flickr.com/photos/a/1",
            "unsplash.com/photos/a",
            "pexels.com/photo/a",
        ),
        *("midjourney.com/app", "midjourney.com/explore", "midjourney.com/imagine", "midjourney.com/jobs/1"),
        *("commons.wikimedia.org/wiki/File:A.jpg", "imgur.com/a"),
        *(
            f"example.com/fox.{kind}"
            for kind in ("asp", "aspx", "htm", "html", "json", "md", "mov", "mp4", "pdf", "php", "psd")
        ),
        *(f"example.com/fox.{kind}" for kind in ("svg", "txt", "webm", "zip")),
    ],
)
@pytest.mark.parametrize(
    "text", ["https://{} a fox", "http://www.{} a fox", "a fox --sref https://{}", "a fox --oref 1 https://{}?x"]
)
def test_a_page_is_no_picture(text, page):
    text = text.format(page)
    assert "not-a-picture" in {finding.rule for finding in lint(text)}


ENDS = {"s": (0, 1000), "c": (0, 100), "w": (0, 3000), "seed": (0, 4294967295), "stop": (10, 100), "r": (1, 40)}
ENDS |= {"sw": (0, 1000), "sv": (1, 6), "ow": (1, 1000), "exp": (0, 100), "cw": (0, 100), "iw": (0, 2)}


@pytest.mark.parametrize(("name", "low", "high"), [(name, *ends) for name, ends in ENDS.items()])
def test_the_ends_of_a_range_belong_to_it(name, low, high):
    def rules(value: int) -> set[str]:
        return {finding.rule for finding in lint(f"a fox --{name} {value} --v 7")} - {"repeat-cost"}

    assert rules(low) == rules(high) == set()
    assert len(rules(low - 1)) == len(rules(high + 1)) == 1


@pytest.mark.parametrize("text", FINE)
def test_nothing_is_found_where_nothing_is_wrong(text):
    assert lint(text) == ()


def test_what_a_group_hides_is_found_once_it_is_expanded():
    rules = [{finding.rule for finding in lint(prompt)} for prompt in expand("a fox {--s 2000, --v 8.1 --q 2}")]
    assert rules == [{"range"}, {"quality-version"}]


def test_a_finding_says_why_and_what_the_fix_does():
    (finding,) = lint("a fox --s 2000")
    assert finding == Finding(
        level="error",
        message="--s takes 0 to 1000, not 2000.",
        span=(6, 14),
        rule="range",
        fix="a fox --s 1000",
        fix_label="Write 1000",
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        finding.rule = "x"
    labels = {finding.rule: finding.fix_label for text, *_ in ROWS for finding in lint(text)}
    assert labels["unknown-flag"] is None
    assert labels["missing-value"] in ("Remove --no", None)
    assert labels["not-a-number"] == "Remove --niji"
    assert labels["repeated"] in ("Keep the last", None)


def test_the_fix_mends_all_that_get_the_same_message():
    (finding,) = [finding for finding in lint("a fox --stylise 2 --raw --stylise 2") if finding.fix][:1]
    assert finding.fix == "a fox --stylize 2 --raw --stylize 2"


def test_a_long_value_is_shown_short():
    (finding,) = lint(f"a fox --ar {'x' * 41}")
    assert finding.message.endswith(f" not {'x' * 39}….")
    (finding,) = lint(f"a fox --ar {'x' * 40}")
    assert finding.message.endswith(f" not {'x' * 40}.")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a fox --sw 1001", "--sw is told to take 0 to 1000; whether it takes 1001 is uncertain."),
        ("a fox --r 4", "--r 4 asks for 4 grids, and each is charged."),
        ("a fox --q 4", "--q is told to take 1 or 2 in V8.2; whether it takes 4 is uncertain."),
        ("a fox --ar 3:2 --aspect 1:1", "--aspect stands here 2 times, and it is uncertain which of them counts."),
        (f"{FIVE} {FOX} a fox", "At most 5 images may stand in front, not 6."),
        ("a fox --relax --fast", "Of several modes the last one counts, --fast."),
        ("a fox --turbo --v 8.1", "V8.1 has no turbo mode: the service refuses it."),
    ],
)
def test_a_message_says_what_was_found(text, message):
    assert [finding.message for finding in lint(text)] == [message]


def test_positions_are_those_of_the_text_as_typed():
    text = "  ——raw a fox —arr x\n\u2013ar 3:2 ———s 2000 —at —fast --v 77 "
    snippets = {finding.rule: text[slice(*finding.span)] for finding in lint(text)}
    assert snippets["range"] == "———s 2000"
    assert snippets["version"] == "--v 77"
    assert snippets["dash-word"] == "—"
    assert [text[slice(*finding.span)] for finding in lint(text) if finding.rule == "dash"] == ["——", "\u2013", "———", "—"]


# -- requests, and what is said beside the text


def asked(prompt: str, **fields) -> ImagineRequest:
    return ImagineRequest(prompt=prompt, **fields)


@pytest.mark.parametrize(
    ("what", "mode", "findings"),
    [
        ("a fox --turbo", "relax", [("mode-conflict", "--turbo", "a fox")]),
        ("a fox --turbo", "turbo", []),
        ("a fox --TURBO", "turbo", []),
        ("a fox --turbo --relax", "turbo", [("mode-conflict", "--relax", "a fox --turbo")]),
        (asked("a fox --turbo"), None, [("mode-conflict", "--turbo", "a fox")]),
        (asked("a fox --turbo", mode="turbo"), None, []),
        ("a fox --v 8.1", "turbo", [("turbo-version", "", None)]),
        (asked("a fox --v 8.1", mode="turbo"), None, [("turbo-version", "", None)]),
        (asked("a fox", version="8.1", mode="turbo"), None, [("turbo-version", "", None)]),
        (asked("a fox", version="8.2", mode="turbo"), None, []),
        (asked("a fox --v 8.2", version="8.1", mode="turbo"), None, []),
        (asked("a fox", version="8.1", quality="2"), None, [("quality-version", "", None)]),
        (asked("a fox --q 2", version="8.1"), None, [("quality-version", "--q 2", "a fox")]),
        (asked("a fox --q .5", version="7"), None, []),
        (asked("a fox", version="7", hd=True), None, [("hd-version", "", None)]),
        (asked("a fox", version="8.2", hd=True, quality="2"), None, []),
        (asked("лиса"), None, [("translate", "лиса", None)]),
        (asked("лиса", translation=True), None, []),
        (asked("", action="reroll", source=ImageRef(image_id="1")), None, []),
        (asked("--ar 3:2", action="zoom_out_2x", source=ImageRef(image_id="1")), None, []),
        (asked("--ar 3", action="zoom_out_2x", source=ImageRef(image_id="1")), None, [("aspect", "--ar 3", "")]),
        (EditRequest(image_url=FOX, prompt="a hat --s 2000 --iw 1"), None, [("range", "--s 2000", "a hat --s 1000 --iw 1")]),
        (VideoRequest(image_url=FOX, prompt="--motion high"), None, []),
        (TextRequest(action="translate", content="лиса --arr 3"), None, []),
    ],
)
def test_a_request_says_more_than_its_prompt(what, mode, findings):
    assert found(what, mode=mode) == findings


def test_what_a_field_says_points_to_nothing():
    findings = lint(asked("a fox", version="8.1", quality="2", mode="turbo"))
    assert {(finding.rule, finding.span) for finding in findings} == {("turbo-version", (0, 0)), ("quality-version", (0, 0))}


@pytest.mark.parametrize("version", ["8.2", "8.1", "8", "7", "6.1", "6.0", "6", "5.2", "5.1", "5.0", "5", "4", "3", "2", "1"])
def test_every_version_of_the_vendors_form_is_known(version):
    """Service notes, section 7; only the latest ones take --hd."""
    assert lint(f"a fox --v {version}") == ()
    assert {finding.rule for finding in lint(f"a fox --hd --v {version}")} == ({"hd-version"} if version[0] != "8" else set())


# -- speed


def test_an_ordinary_prompt_takes_less_than_a_millisecond():
    text = f"{FOX} a fox in snow, at night, cinematic --ar 3:2 --s 250 --v 7 --no hats, red things --seed 5 --iw 1"
    assert lint(text) == ()
    times = []
    for _ in range(50):
        began = time.perf_counter()
        lint(text)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.001


# one after the other, 100 kB of each
PIECES = [
    *(
        " ",
        "a ",
        "{",
        "{a ",
        "}",
        "{a,b} ",
        "{a,b}",
        "\\{",
        "-",
        "—",
        "—a ",
        "—ar ",
        "-ar ",
        "--ar ",
        "--ar= ",
        "--no ",
        "--fast ",
    ),
    *(
        "--fast --relax ",
        "https://a ",
        "http://a ",
        "https://a/b.html ",
        "/",
        "--ar 3:2 a ",
        "--s {1,2} ",
        "--s 9999 ",
        "--v v7 ",
    ),
    *("--repeat 2 ", "--sref http://a ", "--hd ", "я ", "--a ", "--styliz ", "{--ar} ", "--ar {", "x.html"),
]


@pytest.mark.parametrize("start", ["", "--ar "])
@pytest.mark.parametrize("piece", PIECES)
def test_a_long_prompt_is_judged_in_no_time(start, piece):
    """100 kB of anything takes under a second; with a quadratic step it takes minutes."""
    text = f"{start}{piece * (100_000 // len(piece))} --tile"
    began = time.process_time()
    findings = lint(text)
    assert len(findings) <= 25
    assert time.process_time() - began < 8


def test_many_unknown_flags_are_told_in_no_time():
    began = time.process_time()
    assert len(lint(" ".join(f"--stylize{chr(97 + number % 26)}{number}" for number in range(8_000)))) == 25
    assert time.process_time() - began < 4


# -- for any text

gap = st.sampled_from([" ", " ", "  ", "\n", "\u00a0", ""])
values = [
    "3:2",
    "0:2",
    "1.5:1",
    "16x9",
    "7",
    "8.1",
    "8.2",
    "5",
    "9",
    "0",
    "-3",
    "250",
    "250.5",
    "99999",
    "4",
    "cute",
    "{3:2, 1:1}",
    "x,",
]
token = st.one_of(
    st.builds(
        "{}{} {}".format, st.sampled_from(["--", "--", "—", "-"]), st.sampled_from(sorted(KNOWN)), st.sampled_from(values)
    ),
    st.builds("{}{}".format, st.sampled_from(["--", "—", "\u2013", "——", "---", "-"]), st.sampled_from(sorted(KNOWN))),
    st.sampled_from(
        ["--Sparkle", "--arr", "--ar=3:2", "--v7", "--fast,", "--fast", "--turbo", "—at", "--", "—", "fox", "снег"]
    ),
    st.sampled_from(
        ["3:2", "{3:2,", "1:1}", "{", "}", "\\{", "{a, b}", "::2", FOX, f"{FOX},", "http://a.b/c.html", "https://"]
    ),
    st.text(st.characters(exclude_categories=()), max_size=6),
)
a_text = st.lists(st.tuples(token, gap).map("".join), max_size=10).map("".join)
a_mode = st.sampled_from([None, None, "fast", "turbo"])
anything = settings(deadline=None, max_examples=300)


@anything
@given(a_text, a_mode)
@example("\ud800 --\ud800 —\x00", None)
def test_any_text_is_judged_and_each_finding_is_whole(text, mode):
    findings = lint(text, mode=mode)
    assert [finding.span for finding in findings] == sorted(finding.span for finding in findings)
    for finding in findings:
        start, end = finding.span
        assert 0 <= start <= end <= len(text)
        assert (start < end) or finding.rule in ("empty", "turbo-version")
        assert finding.level == RULES[finding.rule].level
        assert finding.message[-1] == "."
        assert "{" not in finding.message or "{" in text
        assert (finding.fix is None) == (finding.fix_label is None)
        assert finding.fix_label != ""
        assert finding.fix != text


@anything
@given(a_text, a_mode)
@example("--Sparkle--fast—ar 3:2", None)
@example("--no a  --no b c fox", None)
@example("--c {3:2, 1:1} a fox --c 3:2", None)  # the first cannot be mended by a click, the second can
def test_a_fix_really_fixes(text, mode):
    """What was found is gone from its place; mending one slip may show another of its kind elsewhere."""
    for finding in lint(text, mode=mode):
        if finding.fix is not None:
            left = [other for other in lint(finding.fix, mode=mode) if other.fix is not None]
            here = finding.rule, finding.message, finding.span[0]
            assert here not in [(other.rule, other.message, other.span[0]) for other in left]


@anything
@given(a_text, a_mode)
def test_clicking_every_fix_comes_to_an_end(text, mode):
    for _ in range(60):
        fix = next((finding.fix for finding in lint(text, mode=mode) if finding.fix is not None), None)
        if fix is None:
            return
        text = fix
    pytest.fail(f"still being fixed: {text!r}")


@anything
@given(a_text)
def test_a_fix_of_a_value_leaves_the_words_and_the_mode(text):
    before = parse(text)
    for finding in lint(text):
        if finding.fix is not None and finding.rule in (
            "range",
            "aspect",
            "not-a-number",
            "missing-value",
            "repeated",
            "stray-words",
        ):
            after = parse(finding.fix)
            assert (after.mode, after.words.split()) == (before.mode, before.words.split())


@anything
@given(a_text.filter(lambda text: not {*"—\u2013"} & {*text}), st.sampled_from(["—", "\u2013", "———"]))
def test_pasted_dashes_change_nothing_but_the_dash_findings(text, dash):
    pieces = text.split()
    pasted = " ".join(f"{dash}{piece[2:]}" if piece[:2] == "--" and piece[2:].lower() in KNOWN else piece for piece in pieces)

    def rest(text: str) -> list[tuple[object, ...]]:
        return [
            (finding.rule, finding.message, finding.fix, text[slice(*finding.span)].replace(dash, "--"))
            for finding in lint(text)
            if finding.rule != "dash"
        ]

    assert rest(pasted) == rest(" ".join(pieces))


in_range = {"s": (0, 1000), "c": (0, 100), "w": (0, 3000), "seed": (0, 4294967295), "stop": (10, 100), "exp": (0, 100)}
a_flag = st.sampled_from(sorted(in_range)).flatmap(
    lambda name: st.integers(*in_range[name]).map(lambda value: (name, f"--{name} {value}"))
)


@anything
@given(st.lists(st.sampled_from(["fox", "snow,", "red", "3"]), min_size=1), st.lists(a_flag, unique_by=lambda flag: flag[0]))
def test_nothing_is_found_in_a_prompt_within_its_ranges(words, flags):
    assert lint(" ".join([*words, *(flag for _, flag in flags)])) == ()


@anything
@given(st.sampled_from(sorted(in_range)), st.integers(-(10**12), 10**12))
def test_a_number_is_wrong_just_outside_its_range(name, value):
    low, high = in_range[name]
    rules = [finding.rule for finding in lint(f"a fox --{name} {value}")]
    assert ("range" in rules or "range-uncertain" in rules) == (not low <= value <= high)
