from __future__ import annotations

import pytest

from mj_widgets.sandbox.prompts import RefusalError, read_prompt


def test_a_prompt_is_taken_apart() -> None:
    prompt = read_prompt("https://a.example/1.png a fox, in snow --aspect 3:2 --s 250 --no birds, trees --tile --seed 7")
    assert prompt.urls == ("https://a.example/1.png",)
    assert prompt.text == "a fox, in snow"
    assert prompt.parameters == {"ar": "3:2", "stylize": "250", "no": "birds, trees", "tile": "", "seed": "7"}
    assert (prompt.ratio, prompt.seed, prompt.number("stylize", 100), prompt.number("chaos", 0)) == (1.5, 7, 250, 0)


@pytest.mark.parametrize("flag", [
    "--ar 16:9", "--aspect 1:2", "--v 7", "--version 8.2", "--niji 5", "--stylize 1000", "--s 0", "--chaos 100", "--c 5",
    "--weird 3000", "--w 1", "--quality .25", "--q 2", "--iw 1.5", "--seed 4294967295", "--stop 10", "--repeat 40", "--r 2",
    "--no a, b", "--style raw", "--style random-16", "--raw", "--tile", "--hd", "--sref https://a.example/x.png 123",
    "--cref https://a.example/x.png", "--oref https://a.example/x.png", "--sw 1000", "--sv 6", "--ow 1000", "--exp 100",
    "--draft", "--cw 0", "--p", "--p code", "--profile code", "--fast", "--relax", "--turbo", "--AR 3:2",
])  # fmt: skip
def test_the_services_parameters_are_known(flag: str) -> None:
    assert read_prompt(f"a fox {flag}").text == "a fox"


@pytest.mark.parametrize(("text", "says"), [
    ("a fox --arr", "Unrecognized argument(s): `--arr`"),
    ("a fox --foo 1 --ar 3:2 --bar", "Unrecognized argument(s): `--foo`, `--bar`"),
    ("a fox —iw 2", "Unrecognized argument(s): `—iw`"),
    ("a fox \u2013s 2", "Unrecognized argument(s): `\u2013s`"),
    ("a fox --ar 3x2", "Invalid value for `--ar`"),
    ("a fox --ar 0:2", "Invalid value for `--ar`"),
    ("a fox --ar 100:1", "Invalid value for `--ar`"),
    ("a fox --ar", "Invalid value for `--ar`"),
    ("a fox --s 1001", "not between 0 and 1000"),
    ("a fox --chaos -1", "not between 0 and 100"),
    ("a fox --chaos lots", "`lots` is not a number"),
    ("a fox --seed 4294967296", "not between 0 and 4294967295"),
    ("a fox --seed 1.5", "`1.5` is not a number"),
    ("a fox --iw nan", "not between 0 and 3"),
    ("a fox --stop 9", "not between 10 and 100"),
    ("a fox --no", "Missing value for `--no`"),
    ("--ar 3:2", "The prompt has no words"),
    ("https://a.example/1.png", "The prompt has no words"),
    ("https://a.example/1.png " * 6, "at most 5"),
])  # fmt: skip
def test_what_the_service_refuses(text: str, says: str) -> None:
    with pytest.raises(RefusalError) as refusal:
        read_prompt(text)
    assert says in refusal.value.message
    assert (refusal.value.status, refusal.value.code) == (400, "bad_request")


@pytest.mark.parametrize("text", [
    "a fox \u2014 in snow", "a well-known fox", "a fox--like thing", "two pictures -- and words", "http://a.example and more",
    "https://a.example/1.png https://a.example/2.png", "<script>alert(1)</script>", "\u72d0\u72f8",
])  # fmt: skip
def test_what_only_looks_strange_is_accepted(text: str) -> None:
    assert read_prompt(text).parameters == {}
