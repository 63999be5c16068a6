from __future__ import annotations

import math
import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mj_widgets.models import ImageRef, ImagineRequest
from mj_widgets.prompt.pricing import PRICES, Estimate, Price, estimate, total

UNKNOWN, NO_BOUND = None, math.inf
MINE = {"source": "my console", "date": "2026-11-22"}


def asked(prompt: str = "a fox", **fields) -> ImagineRequest:
    source = None if fields.get("action", "generate") == "generate" else ImageRef(image_id="1")
    return ImagineRequest(prompt=prompt, source=source, **fields)


class Asked:
    """A value of another kind, with some of the attributes that matter."""

    def __init__(self, **fields: object) -> None:
        self.__dict__ |= fields


# a line of the facts (service.md 6.5, and 7 for what a version takes): what is asked, credits, what to reserve, its source
FACTS = [
    # measured on 2026-10-07
    (asked("a fox"), 0.27, 0.27, "measured"),
    (asked("a fox --v 8.2 --q 1"), 0.27, 0.27, "measured"),
    # the retired table: imagine, variation, blend, inpaint; upscale
    (asked("a fox --v 7"), 0.26, 1.05, "US$0.025"),
    (asked("a fox", version="5.2"), 0.26, 1.05, "US$0.025"),
    (asked("a fox --v 6.0"), 0.26, 1.05, "US$0.025"),
    (asked("a fox --v 6.1 --q .25"), 0.26, 1.05, "US$0.025"),
    (asked("https://example.com/a.png https://example.com/b.png --v 7"), 0.26, 1.05, "US$0.025"),
    (asked("", action="variation2"), 0.26, 1.05, "US$0.025"),
    (asked("", action="variation_subtle"), 0.26, 1.05, "US$0.025"),
    (asked("a hat", action="variation_region", mask="AAAA"), 0.26, 1.05, "US$0.025"),
    (asked("", action="reroll"), 0.26, 1.05, "US$0.025"),
    (asked("", action="upscale4"), 0.05, 0.21, "US$0.005"),
    # V8 alpha: hd x4, quality 4 x4, both x16, references x4
    (asked("a fox --v 8"), 0.26, 1.05, "V8 alpha"),
    (asked("a fox --v 8.0 --hd"), 1.05, 4.2, "times 4"),
    (asked("a fox --v 8", quality="4"), 1.05, 4.2, "times 4"),
    (asked("a fox --hd --q 4", version="8"), 4.2, 16.81, "times 16"),
    (asked("a fox --sref 123 --v 8"), 1.05, 4.2, "times 4"),
    (asked("a fox --v 8", moodboard=True), 1.05, 4.2, "times 4"),
    # V8.1: SD 0.8 and HD 1.3 GPU minutes, references at the same rate
    (asked("a fox --v 8.1"), 0.26, 1.05, "V8.1 SD"),
    (asked("a fox --v 8.1 --hd"), 0.43, 1.71, "V8.1 HD"),
    (asked("a fox --v 8.1 --hd --sref 123", moodboard=True), 0.43, 1.71, "V8.1 HD"),
    # what nobody has told, bounded by what it is made of
    (asked("a fox --hd"), UNKNOWN, 4 * 0.27, "V8.2"),
    (asked("a fox --q 2"), UNKNOWN, 4 * 0.27, "V8.2"),
    (asked("a fox --sref 123"), UNKNOWN, 4 * 0.27, "V8.2"),
    (asked("a fox --sref 123 --hd --q 2"), UNKNOWN, 64 * 0.27, "V8.2"),
    (asked("a fox --v 8 --hd --sref 123"), UNKNOWN, 16.8, "nobody"),
    (asked("a fox --v 7 --q 2"), UNKNOWN, 4.2, "nobody"),
    (asked("a fox", mode="relax"), UNKNOWN, 0.27, "relax"),
    (asked("a fox --v 8.1 --hd", mode="relax"), UNKNOWN, 1.71, "relax"),
    (asked("", action="upscale4", hd=True), UNKNOWN, 0.84, "nobody"),
    # what nobody has told, and nothing bounds
    (asked("a fox", mode="turbo"), UNKNOWN, NO_BOUND, "turbo"),
    (asked("a fox --v 8.1 --hd --turbo"), UNKNOWN, NO_BOUND, "turbo"),
    (asked("a fox --v 9"), UNKNOWN, NO_BOUND, "nobody"),
    (asked("a fox --niji 6"), UNKNOWN, NO_BOUND, "nobody"),
    (asked("", action="zoom_out_2x"), UNKNOWN, NO_BOUND, "nobody"),
    (asked("", action="pan_left"), UNKNOWN, NO_BOUND, "nobody"),
    (asked("", action="upscale_subtle"), UNKNOWN, NO_BOUND, "nobody"),
    (asked("", action="newly_invented"), UNKNOWN, NO_BOUND, "nobody"),
]
ENDPOINTS = [
    ("describe", 0.18, 0.18, "display"),
    ("shorten", 0.18, 0.18, "measured"),
    ("videos", 1.05, 4.2, "US$0.1 "),
    ("tasks", 0, 0, "free"),
    ("edits", UNKNOWN, NO_BOUND, "nobody"),
    ("translate", UNKNOWN, NO_BOUND, "nobody"),
    ("seed", UNKNOWN, NO_BOUND, "nobody"),
    ("invented", UNKNOWN, NO_BOUND, "nobody"),
]


@pytest.mark.parametrize(("request_", "credits_", "at_most", "source"), FACTS, ids=lambda value: getattr(value, "prompt", None))
def test_a_picture_is_priced_as_the_evidence_says(request_, credits_, at_most, source):
    guess = estimate(request_)
    assert guess.credits == (credits_ if credits_ is None else pytest.approx(credits_))
    assert guess.at_most == pytest.approx(at_most)
    assert source in guess.source


@pytest.mark.parametrize(("endpoint", "credits_", "at_most", "source"), ENDPOINTS)
def test_an_endpoint_is_priced_as_the_evidence_says(endpoint, credits_, at_most, source):
    guess = estimate(endpoint=endpoint)
    assert (guess.credits, guess.at_most) == (credits_, at_most)
    assert source in guess.source


def test_every_row_of_the_table_is_reached():
    """No row stands in the shade of another."""
    guesses = [estimate(request) for request, *_ in FACTS] + [estimate(endpoint=endpoint) for endpoint, *_ in ENDPOINTS]
    assert {(row.credits, row.source) for row in PRICES} == {(guess.credits, guess.source) for guess in guesses}


def test_an_estimate_names_its_source_and_date():
    measured, converted = estimate(asked()), estimate(asked("a fox --v 7"))
    assert (measured.source, measured.date) == ("measured: a V8.2 fast standard grid", "2026-10-07")
    assert "retired" in converted.source
    assert "0.0952 a credit" in converted.source
    assert converted.date == "2025-12"


def test_the_note_says_what_was_priced():
    assert estimate(asked()).note == "imagine, generate, fast, V8.2"
    everything = asked("a fox --v 8 --hd --q 4 --sref 1 --r 3 --relax", mode="turbo")
    assert estimate(everything).note == "imagine, generate, turbo, V8, hd, references, quality 4, 3 jobs"
    assert estimate(endpoint="shorten").note == "shorten"


@pytest.mark.parametrize(
    ("flag", "field"),
    [
        ("--v 8", {"version": "8"}),
        ("--v 8.1 --hd", {"version": "8.1", "hd": True}),
        ("--v 8 --q 4", {"version": "8", "quality": "4"}),
        ("--v 8 --sref 1", {"version": "8", "style_reference": True}),
        ("--v 8 --p m123", {"version": "8", "moodboard": True}),
        ("--turbo", {"mode": "turbo"}),
    ],
)
def test_a_flag_counts_as_much_as_its_field(flag, field):
    by_flag, by_field = estimate(asked(f"a fox {flag}")), estimate(asked("a fox", **field))
    assert by_flag == by_field != estimate(asked("a fox"))


@pytest.mark.parametrize("flag", ["--sref 1", "--cref 1", "--oref 1", "--p", "--profile m1"])
def test_any_reference_counts(flag):
    assert estimate(asked(f"a fox --v 8 {flag}")).credits == 1.05
    assert estimate(asked("https://example.com/a.png a fox --v 8")).credits == 1.05


@pytest.mark.parametrize(
    ("request_", "note"),
    [
        (asked("a fox --v 8 --hd", version="8.2"), "V8, hd"),
        (asked("a fox --v 8.2 --hd", version="8"), "V8, hd"),
        (asked("a fox --hd", version="v8.1"), "V8.1, hd"),
        (asked("a fox --v 8 --v 8.2"), "V8"),
        (asked("a fox --v 8.2", version="9"), "V9"),
        (asked("a fox --niji 6", version="8.2"), "Vniji6"),
        (asked("a fox --v 8 --q 4", quality="1"), "V8, quality 4"),
        (asked("a fox --v 8 --q 1 --q 4 --q 1"), "V8, quality 4"),
        (asked("a fox --v 8 --q 1", quality="4"), "V8, quality 4"),
        (asked("a fox --v 8 --q {1, 4}"), "V8, quality inf"),
        (asked("a fox --turbo", mode="relax"), "turbo, V8.2"),
        (asked("a fox --relax", mode="turbo"), "turbo, V8.2"),
        (asked("a fox --relax", mode="fast"), "fast, V8.2"),
    ],
)
def test_where_field_and_flag_differ_the_dearer_reading_counts(request_, note):
    assert estimate(request_).note.endswith(note)


def test_of_two_readings_the_one_that_is_unknown_counts():
    """Both may take as much; that one of them has a price is no reason to show it."""
    prices = [Price(credits=1, version="7", **MINE), Price(credits=None, at_most=1, version="8", **MINE)]
    assert estimate(asked("a fox --v 7", version="8"), prices=prices).credits is None
    assert estimate(asked("a fox --v 8", version="7"), prices=prices).credits is None


def test_of_two_readings_that_may_take_as_much_the_dearer_is_shown():
    prices = [Price(credits=1, at_most=4, version="7", **MINE), Price(credits=2, at_most=4, version="8", **MINE)]
    assert estimate(asked("a fox --v 7", version="8"), prices=prices).credits == 2
    assert estimate(asked("a fox --v 8", version="7"), prices=prices).credits == 2


@pytest.mark.parametrize(
    ("repeat", "jobs"),
    [("--repeat 6", 6), ("--r 1", 1), ("--r 3 --r 2", 3), ("--r 2.5", 3), ("--r -4", 1), ("--r 999", 40), ("--r nan", 40)],
)
def test_every_job_of_a_repeat_is_counted(repeat, jobs):
    guess = estimate(asked(f"a fox {repeat}"))
    assert guess.credits == pytest.approx(jobs * 0.27)
    assert guess.at_most == pytest.approx(jobs * 0.27)


def test_a_repeat_multiplies_what_to_reserve_when_the_price_is_unknown():
    assert estimate(asked("a fox --hd --repeat 3")).at_most == pytest.approx(12 * 0.27)


def test_any_value_with_the_attributes_can_be_priced():
    assert estimate(Asked(endpoint="videos", prompt="wind", action="generate", mode="fast")).credits == 1.05
    assert estimate(Asked(endpoint="videos", prompt="wind", action="generate", mode="turbo")).at_most == math.inf
    assert estimate(Asked(endpoint="videos", action="extend")).credits is None
    assert estimate(Asked(endpoint="text", action="shorten", content="a fox --turbo")).credits == 0.18
    assert estimate(Asked(endpoint="text", action="translate")).credits is None
    assert estimate(Asked(prompt="a fox --v 7")).credits == 0.26
    assert estimate(Asked(prompt="a hat"), endpoint="edits").credits is None
    assert estimate(Asked(endpoint="imagine"), endpoint="shorten").credits == 0.18


def test_ones_own_price_comes_before_the_table():
    prices = [Price(credits=0.5, mode="turbo", version="8.2", hd=False, **MINE), *PRICES]
    guess = estimate(asked("a fox", mode="turbo"), prices=prices)
    assert guess == Estimate(0.5, 0.5, "my console", "2026-11-22", "imagine, generate, turbo, V8.2")
    assert estimate(asked("a fox"), prices=prices) == estimate(asked("a fox"))


def test_of_two_rows_that_fit_the_first_counts():
    first, second = Price(credits=1, **MINE), Price(credits=2, **MINE)
    assert estimate(asked(), prices=[first, second]).credits == 1
    assert estimate(asked(), prices=iter([second, first])).at_most == 2


def test_ones_own_price_bounds_what_is_derived_from_it():
    prices = [Price(credits=1, mode="fast", hd=False, **MINE)]
    assert estimate(asked("a fox", mode="relax"), prices=prices).at_most == 1
    assert estimate(asked("a fox --hd", mode="relax"), prices=prices).at_most == 4
    assert estimate(asked("a fox", mode="turbo"), prices=prices).at_most == math.inf


def test_of_two_bounds_the_lower_will_do():
    prices = [
        Price(credits=1, mode="fast", hd=True, **MINE),
        Price(credits=0.1, mode="relax", hd=False, **MINE),
    ]
    assert estimate(asked("a fox --hd", mode="relax"), prices=prices).at_most == pytest.approx(0.4)
    prices.insert(0, Price(credits=0.3, mode="fast", hd=True, **MINE))
    assert estimate(asked("a fox --hd", mode="relax"), prices=prices).at_most == 0.3


def test_a_bound_of_ones_own_is_believed():
    prices = [Price(credits=None, at_most=0.6, mode="turbo", **MINE), Price(credits=0.2, at_most=0.4, **MINE)]
    assert estimate(asked("a fox --hd", mode="turbo"), prices=prices).at_most == 0.6
    assert estimate(asked("a fox"), prices=prices).at_most == 0.4


def test_what_an_empty_table_does_not_say_is_unknown():
    guess = estimate(asked(), prices=[])
    assert (guess.credits, guess.at_most, str(guess)) == (None, math.inf, "unknown")


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({"action": "pan_* zoom_out_*"}, True),
        ({"action": "pan_*"}, False),
        ({"action": "zoom_out_[12]x"}, True),
        ({"version": "8.2"}, True),
        ({"version": "8"}, False),
        ({"mode": "fast turbo"}, True),
        ({"mode": "relax"}, False),
        ({"quality": "2"}, False),
        ({"hd": True}, False),
        ({"hd": False}, True),
        ({"references": True}, False),
        ({"endpoint": "edits"}, False),
        ({"endpoint": "*"}, True),
    ],
)
def test_a_row_applies_where_all_its_conditions_hold(conditions, fits):
    price = Price(credits=9, **MINE, **conditions)
    assert estimate(asked("", action="zoom_out_2x"), prices=[price]).credits == (9 if fits else None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"credits": -1},
        {"credits": math.inf},
        {"credits": math.nan},
        {"at_most": 0.1},
        {"at_most": math.nan},
        {"date": "yesterday"},
        {"source": ""},
        {"mod": "turbo"},
    ],
)
def test_a_price_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError, match=re.escape(next(iter(wrong)))):
        Price(**({"credits": 1} | MINE | wrong))


def test_a_price_says_who_says_so():
    with pytest.raises(ValidationError, match="source"):
        Price(credits=1, date="2026-11-22")
    with pytest.raises(ValidationError, match="credits"):
        Price(**MINE)


@pytest.mark.parametrize(
    ("credits_", "text"),
    [
        (None, "unknown"),
        (0, "free"),
        (0.0525, "≈ 0.05 credits"),
        (0.27, "≈ 0.27 credits"),
        (1.62, "≈ 1.6 credits"),
        (16.8, "≈ 17 credits"),
        (270, "≈ 270 credits"),
    ],
)
def test_an_estimate_is_written_for_a_button(credits_, text):
    assert str(Estimate(credits_, 1000, "", "", "")) == text


def test_estimates_add_up():
    six = total(estimate(asked("a fox")) for _ in range(6))
    assert (str(six), six.note, six.date) == ("≈ 1.6 credits", "6 requests", "2026-10-07")
    assert six.source == estimate(asked("a fox")).source


def test_a_sum_with_something_unknown_is_unknown_and_as_old_as_its_oldest():
    some = total([estimate(asked("a fox --hd")), estimate(asked("a fox")), estimate(asked("a fox --v 7"))])
    assert some.credits is None
    assert some.at_most == pytest.approx(1.08 + 0.27 + 1.05)
    assert some.date == "2025-12"
    assert "measured" in some.source
    assert "US$0.025" in some.source


def test_a_price_and_an_estimate_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        PRICES[0].credits = 0
    with pytest.raises(AttributeError):
        estimate(asked()).at_most = 0


# What holds for every request

VERSIONS = [None, "5.2", "6", "6.1", "7", "8", "8.1", "8.2", "9"]
QUALITIES = [None, "0.25", "0.5", "1", "2", "4"]
ACTIONS = ["generate", "variation1", "variation_region", "reroll", "upscale1", "upscale_2x", "zoom_out_2x", "square"]


def dearer(plain: Estimate, more: Estimate) -> bool:
    known = plain.credits is not None and more.credits is not None
    return plain.at_most <= more.at_most and not (known and plain.credits > more.credits)


def test_more_is_never_cheaper():
    """HD, references, a higher quality or a faster mode takes no less, whatever the rest; nor is more known of it."""
    for action, mode, version, quality in product(ACTIONS, ["relax", "fast", "turbo"], VERSIONS, QUALITIES):
        fields = {"action": action, "mode": mode, "version": version, "quality": quality}
        plain = estimate(asked(**fields))
        assert dearer(plain, estimate(asked(**fields, hd=True))), fields
        assert dearer(plain, estimate(asked(**fields, style_reference=True))), fields
        assert dearer(estimate(asked(**fields, moodboard=True)), estimate(asked(**fields, moodboard=True, hd=True))), fields
        assert dearer(plain, estimate(asked(**fields | {"mode": "turbo"}))), fields
        assert dearer(estimate(asked(**fields | {"mode": "relax"})), plain), fields
        assert quality != "1" or dearer(plain, estimate(asked(**fields | {"quality": "4"}))), fields


amounts = st.none() | st.floats(min_value=0, max_value=1e6)
rows = st.builds(
    lambda credits_, more, **conditions: Price(
        credits=credits_, at_most=None if more is None else (credits_ or 0) + more, **MINE, **conditions
    ),
    amounts,
    amounts,
    action=st.sampled_from(["*", "generate", "upscale* reroll"]),
    mode=st.sampled_from(["*", "fast", "relax", "fast turbo"]),
    version=st.sampled_from(["*", "8", "8.1 8.2", "niji*"]),
    quality=st.sampled_from(["*", "1", "2 4"]),
    hd=st.none() | st.booleans(),
    references=st.none() | st.booleans(),
)
requests = st.builds(
    asked,
    st.lists(
        st.sampled_from(["--hd", "--v 8", "--v 8.2", "--niji 6", "--q 4", "--q .5", "--sref 1", "--r 3", "--turbo", "--v"])
    ).map(lambda flags: " ".join(["a fox", *flags])),
    action=st.sampled_from(ACTIONS),
    mode=st.sampled_from(["relax", "fast", "turbo"]),
    version=st.sampled_from(VERSIONS),
    quality=st.sampled_from(QUALITIES),
    hd=st.booleans(),
    moodboard=st.booleans(),
)


@given(requests, st.lists(rows, max_size=6), st.booleans())
def test_what_is_reserved_is_never_less_than_the_estimate(request_, mine, table_too):
    guess = estimate(request_, prices=[*mine, *PRICES] if table_too else mine)
    assert guess.at_most >= (guess.credits or 0)
    assert not math.isnan(guess.at_most)
    assert guess.source
    assert guess.date


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["--v", "--q", "--r", "--niji", "9" * 400, "1e999", "-inf", "{1, 2}"])).map(" ".join)
)
def test_any_prompt_can_be_priced(text):
    guess = estimate(Asked(prompt=text))
    assert guess.at_most >= 0.26
    assert str(guess)
