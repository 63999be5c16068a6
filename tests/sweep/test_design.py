from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import time
from collections import Counter
from itertools import islice, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mj_widgets as mj
from mj_widgets.prompt.parse import parse

FOXES: dict[str, Any] = {"animal": ["fox", "owl"], "place": ["snow", "deep fog", "a wood"]}
NAMES = st.sampled_from(["fox", "owl", "a cat", "red", "red owl", "1", "2"])


def prompts(*given: Any, **options: Any) -> list[str]:
    return [cell.prompt for cell in mj.Sweep(*given, **options)]


# -- what is filled in


@pytest.mark.parametrize(
    ("template", "axes", "expected"),
    [
        ("a {x} in snow", {"x": ["fox", "owl"]}, ["a fox in snow", "a owl in snow"]),
        ("{x} and {x}", {"x": ["fox"]}, ["fox and fox"]),
        ("a {x}::2 sky::-.5", {"x": ["fox"]}, ["a fox::2 sky::-.5"]),
        ("a {{x}} {x}", {"x": ["fox"]}, ["a {x} fox"]),
        ("a {red, blue} {x} --ar {3:2, 1:1}", {"x": ["fox"]}, ["a {red, blue} fox --ar {3:2, 1:1}"]),
        ("a {red, {x}} bird", {"x": ["pastel, yellow", "blue"]}, [r"a {red, pastel\, yellow} bird", "a {red, blue} bird"]),
        ("a {x} —ar 3:2 — dusk", {"x": ["fox — red"]}, ["a fox — red --ar 3:2 — dusk"]),
        ("狐 {x} 🦊", {"x": ["赤い", "e\u0301"]}, ["狐 赤い 🦊", "狐 e\u0301 🦊"]),
        ("a fox --s {s}", {"s": [0, 250.0, "50"]}, ["a fox --s 0", "a fox --s 250", "a fox --s 50"]),
        ("a {x} fox", {"x": ["", "red"]}, ["a  fox", "a red fox"]),
        ("a fox {style}", {"style": ["", "--raw", "--niji 5 --s 50"]}, ["a fox", "a fox --raw", "a fox --niji 5 --s 50"]),
        ("{x}", {"x": ["https://a.example/1.png a fox"]}, ["https://a.example/1.png a fox"]),
        ("{class} --{name} 5", {"class": ["fox"], "name": ["s", "chaos"]}, ["fox --s 5", "fox --chaos 5"]),
        ("a fox", {}, ["a fox"]),
    ],
)
def test_a_template_is_filled(template: str, axes: dict[str, Any], expected: list[str]) -> None:
    assert prompts(template, **axes) == expected


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("stylize", [0, 250], ["a fox --stylize 0", "a fox --stylize 250"]),
        ("s", [0], ["a fox --stylize 0"]),
        ("chaos", [5], ["a fox --chaos 5"]),
        ("weird", [5], ["a fox --weird 5"]),
        ("seed", [5], ["a fox --seed 5"]),
        ("version", [7, "8.2"], ["a fox --version 7", "a fox --version 8.2"]),
        ("quality", [0.5], ["a fox --quality 0.5"]),
        ("ar", ["3:2"], ["a fox --aspect 3:2"]),
        ("aspect", ["3:2"], ["a fox --aspect 3:2"]),
        ("aspect_ratio", ["3:2"], ["a fox --aspect 3:2"]),
        ("raw", [True, False], ["a fox --raw", "a fox"]),
        ("tile", [True], ["a fox --tile"]),
        ("hd", [False, True], ["a fox", "a fox --hd"]),
        ("no", ["hats, red things", False], ["a fox --no hats, red things", "a fox"]),
        ("negative", ["hats"], ["a fox --no hats"]),
        ("sref", ["https://a.example/1.png random"], ["a fox --sref https://a.example/1.png random"]),
        ("cref", ["https://a.example/1.png"], ["a fox --cref https://a.example/1.png"]),
        ("oref", ["https://a.example/1.png"], ["a fox --oref https://a.example/1.png"]),
        ("iw", [0.5], ["a fox --iw 0.5"]),
        ("niji", [5], ["a fox --niji 5"]),
        ("profile", [True, "abc"], ["a fox --profile", "a fox --profile abc"]),
    ],
)
def test_a_parameter_of_the_request_is_an_axis(name: str, values: list[Any], expected: list[str]) -> None:
    assert prompts("a fox", **{name: values}) == expected


def test_what_no_flag_stands_for_is_a_field() -> None:
    cells = [*mj.Sweep("a fox", mode=["fast", "relax"], translation=[True])]
    assert [cell.request for cell in cells] == [
        mj.ImagineRequest(prompt="a fox", mode="fast", translation=True),
        mj.ImagineRequest(prompt="a fox", mode="relax", translation=True),
    ]


def test_a_mode_in_the_template_is_a_mode() -> None:
    assert [cell.request.mode for cell in mj.Sweep("a fox --{mode}", mode=["relax", "turbo"])] == ["relax", "turbo"]
    assert mj.Sweep("a {x} --relax", x=["fox"])[0].request == mj.ImagineRequest(prompt="a fox", mode="relax")


def test_the_same_settings_make_the_same_text_whatever_their_order() -> None:
    one = mj.Sweep("a fox", stylize=[50], chaos=[5], base={"ar": "3:2"}, seeds=[1])
    other = mj.Sweep("a fox", base={"stylize": 50}, seed=[1], ar=["3:2"], chaos=[5])
    assert one[0].prompt == other[0].prompt == "a fox --aspect 3:2 --chaos 5 --seed 1 --stylize 50"
    assert one[0].key == other[0].key


# -- the designs


def test_a_grid_tries_each_with_each() -> None:
    sweep = mj.Sweep("a {animal} in {place}", **FOXES)
    assert [tuple(cell.values.values()) for cell in sweep] == [*product(*FOXES.values())]
    assert [cell.index for cell in sweep] == [*range(6)]


def test_a_zip_goes_along_all_axes_at_once() -> None:
    sweep = mj.Sweep("a {animal} in {place}", design="zip", animal=["fox", "fox", "owl"], place=["snow", "fog", "snow"])
    assert [cell.prompt for cell in sweep] == ["a fox in snow", "a fox in fog", "a owl in snow"]


def test_one_at_a_time_starts_from_the_first_values() -> None:
    sweep = mj.Sweep("a {animal} in {place}", design="one-at-a-time", **FOXES)
    expected = ["a fox in snow", "a owl in snow", "a fox in deep fog", "a fox in a wood"]
    assert [cell.prompt for cell in sweep] == expected


@pytest.mark.parametrize(
    ("base", "centre"),
    [
        ({"animal": "owl", "stylize": 250}, ("owl", 250, "fast")),
        ({"s": 250.0}, ("fox", 250, "fast")),
        ({"mode": "relax"}, ("fox", 0, "relax")),
        (mj.ImagineRequest(prompt="a cat --s 250 --relax"), ("fox", 250, "relax")),
        (mj.ImagineRequest(prompt="a cat"), ("fox", 0, "fast")),
    ],
)
def test_one_at_a_time_starts_from_the_base(base: Any, centre: tuple[object, ...]) -> None:
    axes: dict[str, Any] = {"animal": ["fox", "owl"], "stylize": [0, 250], "mode": ["fast", "relax"]}
    cells = [*mj.Sweep("a {animal}", design="one-at-a-time", base=base, **axes)]
    assert tuple(cells[0].values.values()) == centre
    assert len(cells) == 4


def test_a_latin_hypercube_has_each_value_equally_often() -> None:
    sweep = mj.Sweep("a {animal} in {place}", design="latin", stylize=range(6), **FOXES)
    assert len(sweep) == 6
    for axis, values in sweep.axes.items():
        counts = Counter(cell.values[axis] for cell in sweep)
        assert {*counts.values()} == {6 // len(values.values)}


def test_a_longer_random_design_pays_for_what_is_new_only() -> None:
    few, many = (mj.Sweep("a {animal} in {place}", design="random", n=n, rng=3, **FOXES) for n in (3, 5))
    assert [cell.key for cell in many][:3] == [cell.key for cell in few]
    assert len({cell.key for cell in many}) == 5


@given(st.lists(NAMES, min_size=1, unique=True), st.lists(NAMES, min_size=1, unique=True), st.integers(1, 3), st.integers(0, 3))
def test_a_sweep_counts_and_finds_the_cells_that_it_makes(
    left: list[str], right: list[str], replicates: int, seeds: int
) -> None:
    """Duplicates too: "a red" + "owl" is "a" + "red owl"."""
    sweep = mj.Sweep("{x} {y}", x=left, y=right, replicates=replicates, seeds=[*range(seeds)] or None)
    cells = [*sweep]
    distinct = len({f"{x} {y}" for x in left for y in right})
    draws = replicates * (seeds or 1)
    assert len(sweep) == len(cells) == distinct * draws
    assert sweep.duplicates == (len(left) * len(right) - distinct) * draws
    assert [sweep[at] for at in range(len(sweep))] == cells
    assert [cell.index for cell in cells] == [*range(len(cells))]
    assert len({cell.key for cell in cells}) == len(cells)


def test_adding_a_value_pays_for_the_new_cells_only() -> None:
    few = {cell.key for cell in mj.Sweep("a {x}", x=["fox", "owl"], stylize=[0, 250], seeds=[1, 2])}
    more = {cell.key for cell in mj.Sweep("a {x}", x=["cat", "fox", "owl"], stylize=[0, 100, 250], seeds=[3, 1, 2])}
    assert few < more


# -- replicates and seeds


def test_without_seeds_a_replicate_is_the_same_request_again() -> None:
    cells = [*mj.Sweep("a {x}", x=["fox", "owl"], replicates=2)]
    assert [(cell.prompt, cell.replicate, cell.number, cell.seed) for cell in cells] == [
        ("a fox", 1, 1, None),
        ("a fox", 2, 2, None),
        ("a owl", 1, 1, None),
        ("a owl", 2, 2, None),
    ]


def test_every_cell_gets_the_same_seeds() -> None:
    cells = [*mj.Sweep("a {x}", x=["fox", "owl"], seeds=[7, 8])]
    assert [(cell.prompt, cell.replicate, cell.number, cell.seed) for cell in cells] == [
        ("a fox --seed 7", 1, 1, 7),
        ("a fox --seed 8", 2, 1, 8),
        ("a owl --seed 7", 1, 1, 7),
        ("a owl --seed 8", 2, 1, 8),
    ]


def test_a_seed_may_be_replicated_to_see_how_far_it_goes() -> None:
    cells = [*mj.Sweep("a fox", seeds=[7, 8], replicates=2)]
    assert [(cell.replicate, cell.seed, cell.number) for cell in cells] == [(1, 7, 1), (2, 7, 2), (3, 8, 1), (4, 8, 2)]


def test_a_number_of_seeds_draws_them_and_more_start_with_the_same() -> None:
    few, more = mj.Sweep("a {x}", x=["fox", "owl"], seeds=2), mj.Sweep("a {x}", x=["fox", "owl"], seeds=5)
    assert few.seeds is not None
    assert more.seeds is not None
    assert more.seeds[:2] == few.seeds
    assert len({*more.seeds}) == 5
    assert mj.Sweep("a fox", seeds=2, rng=1).seeds != few.seeds


@pytest.mark.parametrize(
    ("template", "axes", "seed"),
    [
        ("a fox --seed 5", {}, 5),
        ("a fox --seed {n0}", {"n0": ["6"]}, 6),
        ("a fox", {"seed": [7]}, 7),
        ("a fox {tail}", {"tail": ["--seed 8"]}, 8),
        ("a fox --seed {{1, 2}}", {}, None),
        ("a fox", {}, None),
    ],
)
def test_a_cell_knows_its_seed(template: str, axes: dict[str, Any], seed: int | None) -> None:
    assert mj.Sweep(template, **axes)[0].seed == seed


# -- exclude and base


@pytest.mark.parametrize(
    "exclude",
    [
        lambda values: values["animal"] == "owl" and values["place"] != "snow",
        {"animal": "owl", "place": ["deep fog", "a wood"]},
        [{"animal": "owl", "place": "deep fog"}, {"animal": ["owl"], "place": ("a wood",)}],
        ({"animal": "owl", "place": place} for place in ("deep fog", "a wood")),
    ],
)
def test_what_may_not_come_together_is_left_out(exclude: Any) -> None:
    sweep = mj.Sweep("a {animal} in {place}", exclude=exclude, **FOXES)
    assert [cell.prompt for cell in sweep] == ["a fox in snow", "a fox in deep fog", "a fox in a wood", "a owl in snow"]
    assert len(sweep) == 4
    assert sweep[-1].index == 3


@pytest.mark.parametrize("design", ["latin", "random"])
def test_a_draw_goes_on_until_it_has_enough_that_is_not_excluded(design: Any) -> None:
    sweep = mj.Sweep("a {animal} in {place}", design=design, n=4, exclude={"animal": "owl", "place": "snow"}, **FOXES)
    assert len(sweep) == 4
    assert "a owl in snow" not in [cell.prompt for cell in sweep]


def test_the_base_says_what_neither_template_nor_axis_says() -> None:
    base = mj.ImagineRequest(prompt="a cat --ar 3:2 --s 50 --raw --turbo", version="7", translation=True)
    [cell] = mj.Sweep("a {x} --ar 1:1", x=["fox"], stylize=[250], base=base)
    assert cell.request == mj.ImagineRequest(
        prompt="a fox --ar 1:1 --raw --stylize 250", mode="turbo", version="7", translation=True
    )


@pytest.mark.parametrize("template", ["a fox --v 8.2", "a fox"])
def test_a_version_in_the_prompt_leaves_none_beside_it(template: str) -> None:
    """Two versions in one request: nobody tells which one draws, and which one is charged."""
    axes: dict[str, Any] = {"version": ["8.2"]} if template == "a fox" else {}
    [cell] = mj.Sweep(template, base=mj.ImagineRequest(prompt="a cat", version="7", hd=True), **axes)
    assert cell.request.version is None
    assert cell.request.hd
    assert parse(cell.prompt).get("version") == "8.2"


def test_a_base_may_be_what_the_picture_of_a_cell_starts_from() -> None:
    base = mj.ImagineRequest(action="high_variation", source=mj.ImageRef(image_id="17", tile=2), prompt="a cat")
    [cell] = mj.Sweep("a {x}", x=["fox"], base=base)
    assert cell.request == base.model_copy(update={"prompt": "a fox"})


def test_a_base_gives_a_variable_that_has_no_axis() -> None:
    assert prompts("a {animal} in {place}", animal=["fox"], base={"place": "fog", "mode": "relax"}) == ["a fox in fog"]


def test_an_axis_goes_before_the_base() -> None:
    assert prompts("a {x}", x=["fox"], base={"x": "cat", "s": 5}, stylize=[False, 250]) == ["a fox", "a fox --stylize 250"]


# -- large ones


def test_a_thousand_million_cells_are_counted_and_looked_at_but_not_made() -> None:
    started = time.process_time()
    thousand = [f"thing {number}" for number in range(1000)]
    sweep = mj.Sweep("a {a} {b} --s {s}", a=thousand, b=[f"x{word}" for word in thousand], s=range(1000))
    assert len(sweep) == 10**9
    assert "1,000,000,000 cells" in repr(sweep)
    assert sweep[123_456_789].prompt == "a thing 123 xthing 456 --s 789"
    assert [cell.index for cell in sweep[-2:]] == [10**9 - 2, 10**9 - 1]
    assert time.process_time() - started < 1
    told = r"1,000,000,000 cells \(a 1,000 x b 1,000 x s 1,000\), and at most 100,000"
    for use in (sweep.plan, sweep.check, sweep.estimate, sweep.manifest, lambda: [*sweep], lambda: list(sweep)):
        with pytest.raises(ValueError, match=told):
            use()


def test_a_design_larger_than_python_counts_is_refused() -> None:
    axes = {f"x{number}": range(1000) for number in range(10)}
    sweep = mj.Sweep(" ".join(f"{{{name}}}" for name in axes), **axes)
    assert f"{10**30:,} cells" in repr(sweep)
    with pytest.raises(ValueError, match="Give fewer values"):
        len(sweep)


def test_the_limit_can_be_set() -> None:
    with pytest.raises(ValueError, match="at most 3"):
        mj.Sweep("a {x}", x=["a", "b"], replicates=2, limit=3).check()
    mj.Sweep("a {x}", x=["a", "b"], replicates=2, limit=4).check()


def test_excluding_looks_at_ten_times_as_many_points_as_may_be_kept() -> None:
    axes: dict[str, Any] = {"x": range(10), "y": range(10)}
    assert len(mj.Sweep("{x} {y}", limit=10, exclude=lambda cell: cell["y"] > 0, **axes)) == 10
    looked = []
    sweep = mj.Sweep("{x} {y}", limit=9, exclude=lambda cell: looked.append(cell) or True, **axes)
    assert looked == []
    with pytest.raises(ValueError, match="asked about 90 points of the design and has left 0"):
        len(sweep)


def test_cells_are_made_one_by_one() -> None:
    made = iter(mj.Sweep("a {x}", x=[f"{number}" for number in range(1000)], seeds=100))
    assert [cell.prompt.split()[1] for cell in islice(made, 2)] == ["0", "0"]


# -- as a thing of Python


def test_cells_are_found_by_index_and_slice() -> None:
    sweep = mj.Sweep("a {animal} in {place}", **FOXES)
    assert sweep[-1] == [*sweep][-1]
    assert sweep[1:4:2] == ([*sweep][1], [*sweep][3])
    for wrong in (6, -7):
        with pytest.raises(IndexError, match="6 cells"):
            sweep[wrong]


def test_a_sweep_says_what_it_is() -> None:
    assert repr(mj.Sweep("a fox")) == "<Sweep grid: 1 cell>"
    sweep = mj.Sweep("{x} {y}", x=["a", "a b"], y=["c", "b c"], seeds=3, replicates=2)
    assert repr(sweep) == "<Sweep grid of x 2 x y 2, 3 seeds, 2 replicates: 18 cells, 6 duplicates left out>"
    assert "cannot be counted" in repr(mj.Sweep("{x}", x=["a"], exclude=lambda _: True))


def test_a_cell_is_a_value() -> None:
    cell = mj.Sweep("a {x}", x=["fox"])[0]
    again = pickle.loads(pickle.dumps(cell))  # noqa: S301 - our own bytes
    assert again == copy.deepcopy(cell) == cell
    assert {cell} == {copy.copy(cell)}


def test_a_sweep_needs_neither_pandas_nor_a_session() -> None:
    code = (
        "import sys, mj_widgets as mj; sweep = mj.Sweep('a {x}', x=['fox']); sweep[0]; sweep.check(); sweep.estimate();"
        "print([n for n in ('pandas', 'numpy', 'httpx', 'sqlite3', 'mj_widgets.session.session') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
