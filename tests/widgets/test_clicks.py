from __future__ import annotations

import logging

import ipywidgets
import pytest

from mj_widgets.widgets.clicks import Kit, answer_while_busy


def registered() -> dict[str, ipywidgets.Widget]:
    return dict(ipywidgets.widgets.widget._instances)


def test_an_error_in_a_click_is_told_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    told: list[Exception | None] = []

    def break_down() -> None:
        raise ValueError("no such tile")

    with caplog.at_level(logging.ERROR):
        Kit(told.append).button("U5", break_down).click()
    assert [error and str(error) for error in told] == [None, "no such tile"]
    assert "no such tile" in caplog.text
    assert "Traceback" in caplog.text


def test_a_click_that_went_well_takes_the_last_error_back() -> None:
    told: list[Exception | None] = []
    Kit(told.append).button("U1", lambda: None).click()
    assert told == [None]


def test_an_input_that_is_corrected_takes_its_own_error_back_and_no_other() -> None:
    told: list[Exception | None] = []
    kit = Kit(told.append)

    def refuse() -> None:
        if any(made.value == "wrong" for made in (field, other)):
            raise ValueError("wrong")

    field, other = kit.field(ipywidgets.Text, refuse), kit.field(ipywidgets.Text, lambda: None)
    field.value = "wrong"
    other.value = "right"
    assert [error and str(error) for error in told] == ["wrong"]
    field.value = ""
    assert told[1:] == [None]
    field.value = "wrong"
    kit.report(ValueError("a click failed since"))
    field.value = "right"
    assert str(told[-1]) == "a click failed since"


def test_buttons_share_their_layout_and_style() -> None:
    kit = Kit(lambda _: None)
    kit.button("U1", lambda: None)
    before = len(registered())
    kit.button("U2", lambda: None)
    kit.button("U3", lambda: None)
    assert len(registered()) - before == 2


def test_what_is_discarded_is_closed_to_the_last_part() -> None:
    """An open widget that refers to a closed one could not tell its state, and no page would load any more."""
    before = registered().keys()
    kit = Kit(lambda _: None, grace=0)
    box = kit.column([kit.row([kit.label("Vary", "h"), kit.button("V1", lambda: None), ipywidgets.Textarea()], "r")], "c")
    kit.discard(box)
    assert len(registered().keys() - before) == 3  # what is shared
    for key in registered().keys() - before:
        registered()[key].get_state()
    kit.close()
    assert registered().keys() == before


def test_a_batch_refers_to_nothing_that_was_opened_before_it() -> None:
    """A page that is loading hears of the new ones alone, and would wait for the others in vain."""
    kit = Kit(lambda _: None)
    kit.column([kit.label("Vary", "h"), kit.button("V1", lambda: None), kit.text("none", "t")], "c")
    before = {f"IPY_MODEL_{key}" for key in registered()}
    batch = kit.batch()
    batch.column([batch.label("Vary", "h"), batch.button("V1", lambda: None), batch.text("none", "t")], "c")
    opened = [widget.get_state() for key, widget in registered().items() if f"IPY_MODEL_{key}" not in before]
    named = {name for state in opened for name in (state.get("layout"), state.get("style"), *state.get("children", ()))}
    assert len(opened) == 8
    assert not named & before


def test_a_batch_is_closed_with_all_that_it_shares() -> None:
    kit = Kit(lambda _: None, grace=0)
    kit.button("stays", lambda: None)
    before = registered().keys()
    batch = kit.batch()
    rows = [batch.row([batch.label("Vary", "h"), batch.button(name, lambda: None)], "r") for name in ("V1", "V2")]
    kit.discard(*rows)
    assert registered().keys() == before


def test_a_batch_that_makes_nothing_leaves_nothing_open() -> None:
    kit = Kit(lambda _: None)
    before = registered().keys()
    kit.batch()
    assert registered().keys() == before


def test_an_error_that_is_shown_is_known_to_all_batches() -> None:
    told: list[Exception | None] = []
    kit = Kit(told.append)

    def refuse() -> None:
        if field.value == "wrong":
            raise ValueError("wrong")

    field = kit.field(ipywidgets.Text, refuse)
    field.value = "wrong"
    kit.batch().report(ValueError("a click failed since"))
    field.value = "right"
    assert str(told[-1]) == "a click failed since"


def test_what_is_discarded_stays_open_for_a_while() -> None:
    """A page that is still drawing it would complain."""
    kit = Kit(lambda _: None, grace=60)
    button = kit.button("V1", lambda: None)
    kit.discard(button)
    kit.discard(kit.button("V2", lambda: None))
    assert button.comm is not None
    kit.close()
    assert button.comm is None


def test_a_widget_is_answered_on_the_thread_that_its_message_asks_for() -> None:
    """ipykernel 7.4 would choose the main thread, which a running cell holds up."""
    widget = ipywidgets.Button()
    widget.comm._reply_subshell_for = lambda _data, _default: None
    answer_while_busy(widget)
    assert widget.comm._reply_subshell_for({}, "subshell") == "subshell"


def test_a_kernel_without_that_choice_is_left_alone() -> None:
    widget = ipywidgets.Button()
    answer_while_busy(widget)
    assert not hasattr(widget.comm, "_reply_subshell_for")
