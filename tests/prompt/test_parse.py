from __future__ import annotations

import dataclasses
import pickle
import time
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from mj_widgets.prompt.parse import KNOWN, Parameter, Prompt, long_name, parse

FOX = "https://example.com/a--b/fox.png?x=1--ar"
HAT = "HTTP://example.com/hat.webp"

# the flag as written, its long name, a value that it takes
FLAGS = [
    ("ar", "aspect", "3:2"),
    ("aspect", "aspect", "16:9"),
    ("v", "version", "6.1"),
    ("version", "version", "8.2"),
    ("niji", "niji", "6"),
    ("s", "stylize", "250"),
    ("stylize", "stylize", "0"),
    ("c", "chaos", "20"),
    ("chaos", "chaos", "100"),
    ("w", "weird", "3000"),
    ("weird", "weird", "5"),
    ("q", "quality", ".5"),
    ("quality", "quality", "2"),
    ("r", "repeat", "4"),
    ("repeat", "repeat", "40"),
    ("iw", "iw", "1.5"),
    ("seed", "seed", "4294967295"),
    ("stop", "stop", "50"),
    ("style", "style", "raw"),
    ("sw", "sw", "100"),
    ("sv", "sv", "6"),
    ("cw", "cw", "80"),
    ("ow", "ow", "400"),
    ("exp", "exp", "10"),
    ("no", "no", "hats, red things"),
    ("sref", "sref", f"{FOX} 123456::2 random"),
    ("cref", "cref", f"{FOX} {HAT}"),
    ("oref", "oref", FOX),
    ("p", "profile", "abc123 m456"),
    ("profile", "profile", "abc123"),
    ("personalize", "profile", ""),
    ("raw", "raw", ""),
    ("tile", "tile", ""),
    ("hd", "hd", ""),
    ("draft", "draft", ""),
]
SWITCHES = {"raw", "tile", "hd", "draft"}
MODES = ["fast", "relax", "turbo"]
ONE_WORD = {name for _, name, value in FLAGS} - SWITCHES - {"no", "sref", "cref", "oref", "profile"}


def pairs(prompt: Prompt) -> list[tuple[str, str]]:
    return [(parameter.name, parameter.value) for parameter in prompt.parameters]


def test_known_is_every_flag_of_the_table_and_the_modes():
    assert {flag for flag, _, _ in FLAGS} | set(MODES) == KNOWN


@pytest.mark.parametrize(("flag", "name", "value"), FLAGS)
def test_a_flag_is_read_under_its_long_name(flag, name, value):
    text = f"a fox --{flag} {value}".strip()
    prompt = parse(f"{text} --{'tile' if name != 'tile' else 'raw'}")
    assert pairs(prompt)[0] == (name, value)
    assert len(prompt.parameters) == 2
    assert prompt.parameters[0].spelling == flag
    assert prompt.words == "a fox"
    assert prompt.get(flag) == prompt.get(f"--{flag}") == prompt.get(name) == prompt.get(flag.upper()) == value
    assert prompt.text[slice(*prompt.parameters[0].span)] == text.removeprefix("a fox ")


@pytest.mark.parametrize("flag", sorted(KNOWN))
@pytest.mark.parametrize("dash", ["—", "\u2013", "——", "\u2013\u2013"])
def test_a_pasted_dash_before_a_known_flag_is_mended(dash, flag):
    assert parse(f"a fox {dash}{flag} 3 --tile") == parse(f"a fox --{flag} 3 --tile")
    assert parse(f"a fox\n{dash}{flag}") == parse(f"a fox\n--{flag}")
    assert parse(f"{dash}{flag.upper()} 3") == parse(f"--{flag.upper()} 3")


@pytest.mark.parametrize(
    "text",
    [
        "rain — at night",
        "rain —at night",
        "well—known fox",
        "rain—ar 3:2",
        "a fox —arrow",
        "a fox —sparkle 3",
        "he said —no, never",
        "a fox —ar3:2",
        "a fox (—ar 3:2)",
        '"—ar 3:2"',
        "a fox —",
        "— ar 3:2",
        "a fox \u2013 ar 3:2",
        "a fox -ar 3:2",
        "a fox −ar 3:2",  # noqa: RUF001 - a minus sign
        "—3:2",
    ],
)
def test_a_dash_in_prose_stays(text):
    prompt = parse(text)
    assert str(prompt) == prompt.words == text
    assert prompt.parameters == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a fox",
        "cat::2 dog::-1",
        "a {red, blue} fox, {a, b}",
        "a fox --{v 5, niji}",
        "a fox -- in snow",
        "--",
        "fox--ar 3:2",
        "fox--fast",
        "---ar 3:2",
        "--3 foxes",
        "--_x",
        '"--ar 3:2"',
        "(--fast)",
        "first line\n\n\tsecond   line",
        "🦊 in ❄️ 👨‍👩‍👧",
        "ثعلب في الثلج",
        "nul \x00 \x00--ar 3:2",
        "\ud800 a lone surrogate",
        f"a fox, {FOX}",
        "fa\u017ft --\u200bar",
    ],
)
def test_text_without_flags_is_words_and_comes_back_unchanged(text):
    prompt = parse(f" \n{text}\t\u3000")
    assert str(prompt) == prompt.text == prompt.words == text
    assert (prompt.images, prompt.parameters, prompt.mode) == ((), (), None)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("a fox --{}", "a fox"),
        ("--{} a fox", "a fox"),
        ("a fox —{} --ar 3:2", "a fox --ar 3:2"),
        ("a fox --ar 3:2 --{} --tile", "a fox --ar 3:2 --tile"),
        ("a fox\n--{}\n--ar 3:2", "a fox\n--ar 3:2"),
        ("a --fast --relax --turbo fox --{}", "a fox"),
        ("--{}", ""),
    ],
)
def test_a_mode_flag_is_lifted_and_the_last_one_counts(text, sent, mode):
    prompt = parse(text.format(mode))
    assert (str(prompt), prompt.mode) == (sent, mode)
    assert parse(text.format(mode.upper())) == prompt
    assert mode not in prompt


@pytest.mark.parametrize("text", ["a fox --fastest", "a fox --fast,", "a fox --relax=1", "a fox --fa\u017ft"])
def test_a_flag_that_only_looks_like_a_mode_stays(text):
    prompt = parse(text)
    assert (str(prompt), prompt.mode, len(prompt.parameters)) == (text, None, 1)


@pytest.mark.parametrize(
    ("text", "words", "parameters"),
    [
        ("a fox --Sparkle 3 and more --x", "a fox", [("Sparkle", "3 and more"), ("x", "")]),
        ("a fox --ar=3:2 --é 1", "a fox", [("ar=3:2", ""), ("é", "1")]),
        ("--ar 3:2 --v 7", "", [("aspect", "3:2"), ("version", "7")]),
        ("a fox\n--ar\n3:2\n--tile", "a fox", [("aspect", "3:2"), ("tile", "")]),
        ("a fox --ar\u00a03:2\u3000--tile", "a fox", [("aspect", "3:2"), ("tile", "")]),
        ("a fox --no hats,\n red  things \n --tile", "a fox", [("no", "hats,\n red  things"), ("tile", "")]),
        ("a fox --no hats -- or —never", "a fox", [("no", "hats -- or —never")]),
        ("a fox --ar --v 7 --no", "a fox", [("aspect", ""), ("version", "7"), ("no", "")]),
        ("a fox --no hats --no shoes", "a fox", [("no", "hats"), ("no", "shoes")]),
        ("a fox --ar {3:2, 1:1} --s {{0, 5}} x", "a fox x", [("aspect", "{3:2, 1:1}"), ("stylize", "{{0, 5}}")]),
        ("a fox --ar {3:2, 1:1} in {snow, rain}", "a fox in {snow, rain}", [("aspect", "{3:2, 1:1}")]),
        ("a fox --ar {3:2, 1:1 in snow", "a fox 1:1 in snow", [("aspect", "{3:2,")]),
        ("a fox --ar {3:2 --v 7}", "a fox", [("aspect", "{3:2"), ("version", "7}")]),
        ("a fox --s {stylize}", "a fox", [("stylize", "{stylize}")]),
        ("a fox --raw in snow --ar 3:2 at night", "a fox in snow at night", [("raw", ""), ("aspect", "3:2")]),
        ("--tile a  fox", "a  fox", [("tile", "")]),
        (f"a fox --sref {FOX} {HAT} 12 --sw 5", "a fox", [("sref", f"{FOX} {HAT} 12"), ("sw", "5")]),
    ],
)
def test_values_and_words_are_told_apart(text, words, parameters):
    prompt = parse(text)
    assert (str(prompt), prompt.words, pairs(prompt), prompt.images) == (text, words, parameters, ())


@pytest.mark.parametrize(
    ("text", "images", "words"),
    [
        (f"{FOX} a fox --ar 3:2", (FOX,), "a fox"),
        (f"{FOX}\n{HAT}  a  fox", (FOX, HAT), "a  fox"),
        (f"{FOX} {HAT}", (FOX, HAT), ""),
        (f"--tile {FOX} a fox", (FOX,), "a fox"),
        (f"--fast {FOX} a fox", (FOX,), "a fox"),
        (f"a fox {FOX}", (), f"a fox {FOX}"),
        ("https:// a fox", (), "https:// a fox"),
        ("httpsx://a fox", (), "httpsx://a fox"),
    ],
)
def test_images_are_the_urls_that_it_starts_with(text, images, words):
    prompt = parse(text)
    assert (prompt.images, prompt.words) == (images, words)


def test_get_gives_the_last_value_or_the_default():
    prompt = parse("a fox --ar 3:2 --aspect 1:1 --raw --Sparkle 3")
    assert prompt.get("ar") == "1:1"
    assert prompt.get("raw") == prompt.get("raw", "x") == ""
    assert prompt.get("seed") is None
    assert prompt.get("seed", "7") == "7"
    assert prompt.get("--Sparkle") == "3"
    assert prompt.get("sparkle") is None
    assert "raw" in prompt
    assert "--ar" in prompt
    assert "seed" not in prompt


def test_long_name_keeps_an_unknown_one_as_written():
    assert [long_name(flag) for flag in ("--AR", "s", "Fast", "--Sparkle", "fa\u017ft")] == [
        *("aspect", "stylize", "fast", "Sparkle", "fa\u017ft"),
    ]


@pytest.mark.parametrize(
    ("text", "name", "value", "sent"),
    [
        ("a fox", "ar", "3:2", "a fox --ar 3:2"),
        ("a fox", "--aspect", "3:2", "a fox --aspect 3:2"),
        ("", "ar", "3:2", "--ar 3:2"),
        ("a fox --v 7", "ar", "3:2", "a fox --v 7 --ar 3:2"),
        ("a  fox\n--ar  3:2 \n --v 7", "aspect", "1:1", "a  fox\n--ar 1:1 \n --v 7"),
        ("a fox --S 5 x", "stylize", "6", "a fox --S 6 x"),
        ("a fox --ar --v 7", "ar", "1:1", "a fox --ar 1:1 --v 7"),
        ("a fox --ar 3:2 --v 7 --aspect 4:5 x", "ar", "1:1", "a fox --v 7 --aspect 1:1 x"),
        ("a fox --ar 3:2 --v 7", "ar", None, "a fox --v 7"),
        ("a fox --ar 3:2 --v 7", "ar", False, "a fox --v 7"),
        ("a fox --ar 3:2 --v 7 --ar 4:5", "ar", None, "a fox --v 7"),
        ("--ar 3:2 a fox", "ar", None, "a fox"),
        ("a fox  --ar 3:2\nx", "ar", None, "a fox  x"),
        ("a fox", "ar", None, "a fox"),
        ("a fox", "raw", True, "a fox --raw"),
        ("a fox --raw x", "raw", True, "a fox --raw x"),
        ("a fox", "raw", "", "a fox --raw"),
        ("a fox --raw", "raw", False, "a fox"),
        ("a fox --no hats", "no", True, "a fox --no"),
        ("a fox --no hats --tile", "no", " red things, \n hats ", "a fox --no red things, \n hats --tile"),
        ("a fox", "Sparkle", "3 and more", "a fox --Sparkle 3 and more"),
        ("a fox", "s", 250, "a fox --s 250"),
        ("a fox", "s", 0, "a fox --s 0"),
        ("a fox", "s", 250.0, "a fox --s 250"),
        ("a fox", "iw", 0.1 + 0.2, "a fox --iw 0.3"),
        ("a fox", "seed", 4294967295.0, "a fox --seed 4294967295"),
        ("a fox", "seed", 1234567890123456789, "a fox --seed 1234567890123456789"),
        ("a fox", "s", np.int64(250), "a fox --s 250"),
        ("a fox", "s", np.float32(250), "a fox --s 250"),
        ("a fox", "ar", "{3:2, 1:1}", "a fox --ar {3:2, 1:1}"),
        (r"a \1 fox", "no", r"\g<0> \1", r"a \1 fox --no \g<0> \1"),
    ],
)
def test_with_parameter_touches_nothing_else(text, name, value, sent):
    prompt = parse(f"{text} --turbo")
    changed = prompt.with_parameter(name, value)
    assert str(changed) == sent
    assert changed.mode == "turbo"
    assert str(prompt) == text


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("a fox", "ar", "3:2 red"),  # only a word is its value
        ("a fox", "ar", "3:2 --v 7"),
        ("a fox", "no", "hats --fast"),
        ("a fox", "no", "hats —ar 3:2"),
        ("a fox", "raw", "yes"),
        ("a fox --ar 3:2 x", "ar", True),  # x would become its value
        ("a fox --no hats --raw x", "raw", None),  # x would join the hats
        (f"--no hats --raw {FOX}", "raw", None),
        ("a fox", "turbo", True),
        ("a fox", "", "3"),
        ("a fox", "3", "3"),
        ("a fox", "a b", "3"),
    ],
)
def test_with_parameter_refuses_what_would_not_be_read_back(text, name, value):
    with pytest.raises(ValueError, match="cannot be") as error:
        parse(text).with_parameter(name, value)
    assert text in str(error.value)


@pytest.mark.parametrize("value", [["a"], b"3:2", {}, object()])
def test_with_parameter_takes_text_and_numbers_only(value):
    with pytest.raises(TypeError, match=f"text or a number, not {type(value).__name__}"):
        parse("a fox").with_parameter("no", value)


def test_replace_sets_several_and_stops_at_none():
    prompt = parse("a fox --v 7 --tile --fast").replace(version="8.2", tile=None, s=50, raw=True)
    assert str(prompt) == "a fox --v 8.2 --s 50 --raw"
    assert prompt.mode == "fast"
    assert prompt.replace() == prompt


def test_parameters_are_equal_by_name_and_value():
    assert parse("--ar 3:2").parameters == parse("a fox --aspect  3:2").parameters == (Parameter("aspect", "3:2"),)
    assert parse("--ar 3:2").parameters != parse("--ar 1:1").parameters


def test_prompts_are_equal_by_text_and_mode():
    assert parse("a fox —ar 3:2 --fast") == parse("--fast a fox --ar 3:2")
    assert parse("a fox --fast") != parse("a fox")
    assert parse("a fox --ar 3:2") != parse("a fox --aspect 3:2")
    assert len({parse("a fox"), parse(" a fox ")}) == 1


def test_values_are_frozen_and_travel():
    prompt = parse("a fox --ar 3:2 --fast")
    for value, name in ((prompt, "text"), (prompt, "words"), (prompt.parameters[0], "value")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, name, "x")
    assert pickle.loads(pickle.dumps(prompt)) == prompt  # noqa: S301 - our own bytes


@pytest.mark.parametrize("text", [None, 3, b"a fox", ["a fox"], parse("a fox")])
def test_parse_takes_text_only(text):
    with pytest.raises(TypeError, match=rf"text \(str\), not {type(text).__name__}"):
        parse(text)


@pytest.mark.parametrize("start", ["", "--ar ", "--no x", "--no "])
@pytest.mark.parametrize("piece", [" ", "a", "{", "{a ", "}", "-", "—", "--ar ", "--no ", "--fast ", "https://a "])
def test_a_long_prompt_is_read_in_no_time(start, piece):
    """100 kB of anything takes under 0.2 s; with a quadratic step it takes minutes."""
    text = f"{start}{piece * (100_000 // len(piece))} --tile"
    began = time.process_time()
    prompt = parse(text)
    assert isinstance((prompt.words, prompt.images, prompt.parameters), tuple)
    assert time.process_time() - began < 3


# -- for any text

any_text = st.text(st.characters(exclude_categories=()), max_size=60)  # lone surrogates too
gap = st.sampled_from([" ", "  ", "\n", "\t ", "\u00a0", "\u3000", ""])
token = st.one_of(
    st.builds("{}{}".format, st.sampled_from(["--", "—", "\u2013", "——", "---", "-"]), st.sampled_from(sorted(KNOWN))),
    st.sampled_from(
        ["--Sparkle", "--", "—", "fox", "well—known", "3:2", "{3:2,", "1:1}", "{", "::2", FOX, HAT, "--{v", "x--ar"]
    ),
    st.text(st.sampled_from("-\u2013—arvfs{} "), max_size=5),
    any_text,
)
flagged_text = st.lists(st.tuples(token, gap).map("".join), max_size=12).map("".join)
a_text = st.one_of(any_text, flagged_text)
a_name = st.one_of(st.sampled_from(sorted(KNOWN)), st.sampled_from(["Sparkle", "x-y"]))
anything = settings(deadline=None)


@anything
@given(a_text)
@example("— —fast --fast —ar")
def test_round_trip(text):
    prompt = parse(text)
    again = parse(str(prompt))
    assert again == dataclasses.replace(prompt, mode=None)
    assert str(again) == str(prompt)
    assert (again.images, again.words, again.parameters) == (prompt.images, prompt.words, prompt.parameters)


def mended(piece: str) -> str:
    """The rule for one token, written down a second time."""
    for dash in "—\u2013":
        if piece.startswith(dash):
            bare = piece.replace("—", "").replace("\u2013", "")
            return f"--{bare}" if bare.lower() in KNOWN and piece.endswith(bare) else piece
    return piece


@anything
@given(a_text)
def test_only_dashes_and_mode_flags_differ_from_what_was_typed(text):
    pieces = [mended(piece) for piece in text.split()]
    modes = [piece[2:].lower() for piece in pieces if piece.lower() in ("--fast", "--relax", "--turbo")]
    prompt = parse(text)
    assert str(prompt).split() == [piece for piece in pieces if piece.lower() not in ("--fast", "--relax", "--turbo")]
    assert prompt.mode == (modes[-1] if modes else None)
    if pieces == text.split() and not modes:
        assert str(prompt) == text.strip()


@anything
@given(a_text)
def test_nothing_is_lost_and_nothing_is_said_twice(text):
    prompt = parse(text)
    read = [*prompt.images, *prompt.words.split()]
    for parameter in prompt.parameters:
        read += [f"--{parameter.spelling}", *parameter.value.split()]
        assert prompt.text[slice(*parameter.span)].split() == [f"--{parameter.spelling}", *parameter.value.split()]
        assert long_name(parameter.spelling) == parameter.name
        assert parameter.value == parameter.value.strip()
        assert not (parameter.name in SWITCHES and parameter.value)
        assert parameter.name not in ONE_WORD or "{" in parameter.value or len(parameter.value.split()) <= 1
    assert Counter(read) == Counter(str(prompt).split())
    assert [piece for piece in str(prompt).split() if piece[:2] == "--" and piece[2:3].isalpha()] == [
        f"--{parameter.spelling}" for parameter in prompt.parameters
    ]


@anything
@given(flagged_text, a_name)
def test_setting_what_is_there_already_changes_no_meaning(text, name):
    prompt = parse(text)
    try:
        same = prompt.with_parameter(name, prompt.get(name))
    except ValueError:  # an earlier one of the same name goes, and its words would join a value
        assert sum(found.name == long_name(name) for found in prompt.parameters) > 1
        return
    last = {found.name: found.value for found in prompt.parameters}
    assert {found.name: found.value for found in same.parameters} == last
    assert same.words.split() == prompt.words.split()


@anything
@given(flagged_text, a_name, st.one_of(flagged_text, st.sampled_from(["3:2", "7", ""]), st.booleans(), st.none()))
def test_with_parameter_is_read_back_and_leaves_the_others(text, name, value):
    prompt = parse(text)
    try:
        changed = prompt.with_parameter(name, value)
    except ValueError:
        assume(False)
    wanted = value.strip() if isinstance(value, str) else "" if value else None
    assert changed.get(name) == wanted
    assert sum(found.name == long_name(name) for found in changed.parameters) == (wanted is not None)
    assert [found for found in changed.parameters if found.name != long_name(name)] == [
        found for found in prompt.parameters if found.name != long_name(name)
    ]
    assert (changed.images, changed.words.split(), changed.mode) == (prompt.images, prompt.words.split(), prompt.mode)
    assert parse(str(changed)) == dataclasses.replace(changed, mode=None)


@anything
@given(any_text.filter(lambda text: "--" not in text), st.sampled_from(FLAGS))
def test_a_flag_can_always_be_added_after_words(text, flag):
    spelling, name, value = flag
    prompt = parse(text)
    assume(not prompt.parameters)
    changed = prompt.with_parameter(spelling, value)
    assert str(changed).startswith(str(prompt))
    assert pairs(changed) == [(name, value)]
