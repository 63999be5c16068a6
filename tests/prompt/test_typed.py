from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mj_widgets.prompt.parse import long_name, parse
from mj_widgets.prompt.typed import set_parameter

WORDS = ["a", "fox", "{red, blue}", "https://example.com/a.png", "🦊", "ثعلب", "</script>", "-5", "—"]
PIECES = {"ar": "--ar 3:2", "s": "—s 50", "no": "--no hats, cars", "raw": "--raw", "v": "--version 7", "sref": "--sref 1 2"}
SET = {"ar": "16:9", "s": "250", "no": "dogs, a cat", "raw": "", "v": "8.1", "sref": "https://example.com/b.png"}
GAPS = st.sampled_from([" ", "  ", "\n", "\t", "\u00a0 "])


@st.composite
def typed(draw: st.DrawFn) -> tuple[list[str], str, str]:
    """Pieces of a text with white space between them, the white space at its end, and a flag to set."""
    flags = draw(st.lists(st.sampled_from([*PIECES.values(), "--turbo", "—relax"]), unique=True))
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6))
    pieces = [piece + draw(GAPS) for piece in (*words, *flags)]
    return pieces, draw(st.sampled_from(["", " ", "\n"])), draw(st.sampled_from([*PIECES]))


@given(typed())
def test_a_parameter_is_replaced_where_it_stands_or_put_at_the_end_and_all_else_stays(case: tuple[list[str], str, str]) -> None:
    pieces, end, flag = case
    text = "".join(pieces).rstrip() + end
    old = PIECES[flag]
    place = next((number for number, piece in enumerate(pieces) if piece.strip() == old), None)
    new = f"--{old.split()[0].lstrip('-—') if place is not None else flag} {SET[flag]}".rstrip()
    if place is None:
        wanted = f"{text} {new}"
    else:
        changed = [*pieces[:place], pieces[place].replace(old, new), *pieces[place + 1 :]]
        wanted = "".join(changed).rstrip() + end
    assert set_parameter(text, flag, SET[flag]) == wanted


@given(typed())
def test_a_parameter_is_removed_and_all_else_stays(case: tuple[list[str], str, str]) -> None:
    pieces, end, flag = case
    text = "".join(pieces).rstrip() + end
    rest = " ".join(piece for piece in pieces if piece.strip() != PIECES[flag])
    assert set_parameter(text, flag, None).split() == rest.split()


@given(st.text(), st.sampled_from([*SET]))
def test_what_was_set_is_taken_back_to_the_same_text(text: str, flag: str) -> None:
    if flag not in parse(text):
        assert set_parameter(set_parameter(text, flag, SET[flag]), flag, None) == text


@given(
    st.lists(st.sampled_from(["a", "{", "}", "{--s", "5}", "--ar", "3:2", "—no", "x,", "--raw", "--turbo", "\\{", "--x"])).map(
        " ".join
    ),
    st.sampled_from([*SET]),
    st.none() | st.sampled_from(["", "3:2", "a, b", "{a, b}", "a }", "--x", "two words"]),
)
def test_it_either_does_that_alone_or_refuses(text: str, flag: str, value: str | None) -> None:
    def rest(text: str) -> object:
        prompt = parse(text)
        return prompt.mode, prompt.images, prompt.words.split(), [p for p in prompt.parameters if p.name != long_name(flag)]

    try:
        changed = set_parameter(text, flag, value)
    except ValueError:
        return
    assert parse(changed).get(flag) == (value.strip() if value is not None else None)
    assert rest(changed) == rest(text)


@pytest.mark.parametrize(
    ("text", "flag", "value", "wanted"),
    [
        ("", "ar", "3:2", " --ar 3:2"),  # a word that is typed before it has a space after it
        ("a fox ", "s", "5", "a fox  --s 5"),
        ("a fox --ar 3:2 --ar 1:1", "ar", "4:5", "a fox --ar 4:5"),
        ("a fox --ar --turbo 3:2 x", "ar", "1:1", "a fox --ar 1:1 --turbo x"),
        ("a fox --ar --turbo 3:2 x", "ar", None, "a fox --turbo x"),
        ("a fox\n--ar 3:2\n--s 5", "ar", None, "a fox\n--s 5"),
        ("a fox --s {5, 6}", "stylize", "7", "a fox --s 7"),
    ],
)
def test_it_fits_what_is_there(text: str, flag: str, value: str | None, wanted: str) -> None:
    assert set_parameter(text, flag, value) == wanted


@pytest.mark.parametrize("text", ["a fox {--s 5, --s 6}", "a {fox --s 5}", "a fox --no {a --s 5}"])
def test_what_stands_inside_braces_is_left_alone(text: str) -> None:
    with pytest.raises(ValueError, match="inside braces"):
        set_parameter(text, "s", "7")


@pytest.mark.parametrize("value", ["a --b", "a {b", "5 6"])
def test_a_value_that_would_be_read_otherwise_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="cannot be set"):
        set_parameter("a fox", "s", value)
