from __future__ import annotations

import time

import pytest

import mj_widgets as mj
from mj_widgets.models import Mode
from mj_widgets.widgets.plan import LONGEST, MOST, Plan, read


def plan(text: str, mode: Mode = "fast") -> Plan:
    return read(text, mode)


def test_one_prompt_says_its_price() -> None:
    assert plan("a fox").label == "Generate · ≈ 0.27 credits"
    assert plan("a fox").code == "session.imagine('a fox', mode='fast')"


def test_six_prompts_say_their_number_and_price() -> None:
    found = plan("a {red, white, grey} fox in {snow, rain}")
    assert found.label == "Generate 6 · ≈ 1.6 credits"
    assert found.prompts[0] == "a red fox in snow"


def test_a_version_without_turbo_is_mended_by_a_flag_that_moves_the_mode() -> None:
    for text in ("a fox --v 8.1", "a fox --turbo --v 8.1"):
        (found,) = [found for found in plan(text, "turbo").findings if found.rule == "turbo-version"]
        assert (found.fix, found.fix_label) == ("a fox --v 8.1 --fast", "Take fast")
    assert plan("a fox --v 8.1 --fast").findings == ()


def test_half_a_character_is_not_sent_and_one_click_takes_it_out() -> None:
    found = plan("a fox \ud83e in snow")
    assert found.refusal
    assert [(each.rule, each.fix) for each in found.findings] == [("half-character", "a fox in snow")]


def test_a_price_that_nobody_knows_is_told() -> None:
    assert plan("a fox --turbo", "turbo").label == "Generate · cost not known"
    assert plan("a {red, blue} fox --hd").label == "Generate 2 · cost not known"


def test_the_line_of_python_of_several_runs(session: mj.Session) -> None:
    found = plan('it\'s {a, b} "fox"')
    made = eval(found.code, {"mj": mj, "session": session})  # noqa: S307 - our own words
    assert [gen.prompt for gen in made] == list(found.prompts)


def test_a_group_of_one_is_sent_without_its_braces() -> None:
    assert plan("a {fox}").code == "session.imagine('a fox', mode='fast')"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("  ", "Say what to draw"),
        ("x" * (LONGEST + 1), "20,001 characters"),
        ("{0,1,2,3,4,5,6,7,8,9}" * 4, "10,000 prompts"),
        ("{0,1}" * 200, "over a million prompts"),
        ("{a fox, }", "one of the prompts empty"),
        ("{--turbo a, b}", "drop one of them"),
        ("a fox --relax", "drop one of them"),
    ],
)
def test_what_cannot_be_sent_says_why(text: str, reason: str) -> None:
    found = plan(text)
    assert reason in found.refusal
    assert found.prompts == ()
    assert found.label == "Generate"
    with pytest.raises(ValueError, match=reason):
        found.check(None, 0)


def test_a_refusal_is_the_first_finding() -> None:
    assert plan("{a fox, }").findings[0].message == plan("{a fox, }").refusal


def test_a_refusal_that_the_linter_can_mend_is_told_once() -> None:
    (found,) = plan("a fox --relax").findings
    assert found.fix == "a fox"


def test_a_mistake_in_one_of_the_prompts_is_found() -> None:
    found = plan("a fox {--ar 3:2, --arr 3:2}")
    assert any("a fox --arr 3:2" in each.message for each in found.findings)


def test_the_cap_counts_for_all_of_them_before_the_first() -> None:
    found = plan("a {red, white, grey} fox in {snow, rain}")
    found.check(None, 100)
    found.check(2, 0.38)
    with pytest.raises(mj.errors.CapError, match=r"these 6 may cost 1\.62\. Nothing was sent"):
        found.check(2, 0.39)


def test_a_cap_refuses_several_of_no_known_price() -> None:
    with pytest.raises(mj.errors.CapError, match="what these 2 cost is not known"):
        plan("{a, b} --turbo", "turbo").check(100, 0)


@pytest.mark.parametrize(
    "text",
    [
        "a fox " * 17_000,
        "—ar 3 " * 17_000,
        "{a, b} " * 15_000,
        "--ar 3:2 " * 2200,
        "{a, b} " * 2800,
        f"{'fox ' * 250} {{{','.join('x' * MOST)}}}",
    ],
)
def test_reading_a_very_long_text_is_quick(text: str) -> None:
    began = time.perf_counter()
    plan(text)
    assert time.perf_counter() - began < 2  # seconds; it takes a tenth of that
