from __future__ import annotations

import pytest

import mj_widgets as mj


def test_a_run_says_what_its_axes_do_and_draws_it(session: mj.Session) -> None:
    run = mj.Sweep("a {animal}", animal=["fox", "owl"], seeds=[1, 2, 3]).run(session).result(60)
    for number, cell in enumerate(run):
        cell.generation.rate(1 + 3 * (cell.values["animal"] == "owl") + number % 2)
    frame = run.effects("rating")
    assert list(frame["axis"]) == ["animal", "animal"]
    fox, owl = frame["mean"]
    assert owl - fox > 2
    assert "rating" in frame["verdict"][0]
    assert run.plot_effects("rating").getcolors(1 << 24) != run.plot_effects("rating", dark=True).getcolors(1 << 24)


def test_what_was_not_measured_is_told_with_the_fix(session: mj.Session) -> None:
    run = mj.Sweep("a {animal}", animal=["fox"]).run(session).result(60)
    with pytest.raises(ValueError, match="metric|known|numbers"):
        run.effects("no such metric")
