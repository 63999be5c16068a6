from __future__ import annotations

import ipywidgets

import mj_widgets as mj
from mj_widgets.widgets.calls import Calls
from mj_widgets.widgets.card import Card
from mj_widgets.widgets.clicks import Kit
from tests.api.script import PNG, Answer, Script, lines, told
from tests.widgets.conftest import until

PROGRESS = {"success": True, "task_id": "t1", "progress": 5, "actions": []}


class Shown:
    """A card that follows its generation, and what its clicks said and made."""

    def __init__(self, generation: mj.Generation) -> None:
        self.errors: list[Exception] = []
        self.added: list[mj.Generation] = []
        self.lines: list[str] = []

        def report(error: Exception | None) -> None:
            if error:
                self.errors.append(error)

        calls = Calls(report, self.lines.append, add=self.added.append, show=lambda _: None)
        self.kit = Kit(report, grace=0)
        self.card = Card(generation, self.kit, calls, show=lambda _: None)
        generation.watch(lambda _: self.card.refresh())
        self.card.refresh()

    def labels(self) -> dict[str, str]:
        return {name: button.description for name, button in self.card.buttons.items()}


def test_there_is_one_button_for_every_action_and_for_the_region(session: mj.Session) -> None:
    """The service never lists the region, and takes it for each of its pictures."""
    gen = session.imagine("a fox").result(10)
    assert sorted(Shown(gen).card.buttons) == sorted([*gen.actions, "variation_region", "remix", "delete"])


def test_each_button_says_what_it_does_and_what_it_is_estimated_to_cost(session: mj.Session) -> None:
    gen = session.imagine("a fox").result(10)
    session.prices = [mj.Price(credits=0.4, action="reroll", source="mine", date="2026-11"), *session.prices]
    buttons = Shown(gen).card.buttons
    assert buttons["reroll"].tooltip == "Run the same prompt again for four new pictures · ≈ 0.40 credits"
    assert "≈ 0.05 credits" in buttons["upscale1"].tooltip
    assert "credits" not in buttons["delete"].tooltip
    single = Shown(gen.upscale(1).result(10)).card.buttons
    assert single["pan_left"].tooltip.endswith("· cost not known")


def test_each_clip_can_be_made_longer(session: mj.Session) -> None:
    """The service offers no actions with clips, and takes this one for any of them."""
    shown = Shown(session.animate("https://a.example/1.png", "it runs").result(10))
    assert shown.card.buttons["extend2"].tooltip == "Make clip 2 longer · cost not known"
    shown.card.buttons["extend2"].click()
    assert [(gen.parent, gen.request.video_index) for gen in shown.added] == [(shown.card.generation, 1)]
    assert not shown.errors


def test_remix_sends_its_words_with_what_draws_anew(session: mj.Session) -> None:
    gen = session.imagine("a fox in snow").result(10)
    shown = Shown(gen)
    shown.card.buttons["remix"].click()
    assert shown.card.remix
    assert shown.card.remix.text.value == "a fox in snow"
    shown.card.buttons["reroll"].click()
    shown.card.remix.text.value = " a wolf in snow "
    shown.card.buttons["variation2"].click()
    shown.card.buttons["upscale1"].click()
    assert [child.request.prompt for child in shown.added] == ["", "a wolf in snow", ""]
    shown.card.buttons["remix"].click()
    shown.card.buttons["variation2"].click()
    assert shown.added[-1].request.prompt == ""
    assert shown.errors == []


def test_what_is_opened_and_closed_leaves_no_open_widget_that_refers_to_a_closed_one(session: mj.Session) -> None:
    """A page could not load any more."""
    gen = session.imagine("a fox").result(10)
    before = {*ipywidgets.widgets.widget._instances}
    shown = Shown(gen)
    box = shown.kit.column([shown.card], "slot")
    for name in ("remix", "remix", "remix", "variation_region"):
        shown.card.buttons[name].click()
        for widget in [*ipywidgets.widgets.widget._instances.values()]:
            widget.get_state()
    shown.card.close_region()
    shown.card.buttons["variation_region"].click()
    shown.kit.discard(box)
    shown.kit.close()
    assert {*ipywidgets.widgets.widget._instances} == before
    assert shown.errors == []


def test_what_nobody_knows_of_is_looked_for_sent_again_or_given_up(scripted: mj.Session, script: Script) -> None:
    lost = told({"error": {"code": "timeout", "message": "generation timed out"}}, 504)
    script.say(lost, *[told({"items": []})] * 3)
    gen = scripted.imagine("a fox")
    until(lambda: gen.status.ended)
    shown = Shown(gen)
    assert shown.labels() == {"resume": "↻ Look again", "send_again": "Send again", "forget": "Forget", "delete": "Delete"}
    assert "both are charged" in shown.card.buttons["send_again"].tooltip
    script.say(told({"items": []}), told({"error": {"code": "used_up", "message": "no more"}}, 403))
    asked = len(script.bodies)
    shown.card.buttons["resume"].click()
    until(lambda: len(script.bodies) > asked and gen.status.ended and "send_again" in shown.card.buttons)
    button = shown.card.buttons["send_again"]
    button.click()
    button.click()  # a double click
    assert [again.request for again in shown.added] == [gen.request]
    assert (gen.status.value, scripted.unconfirmed) == ("failed", ())
    assert "session.unconfirmed[0].send_again()" in shown.lines
    assert [f"{gen.id} was decided about already" in str(error) for error in shown.errors] == [True]


def test_one_that_may_not_be_followed_can_be_sent_again_as_well(scripted: mj.Session, script: Script) -> None:
    script.say(lines({"task_id": "t1", "progress": 5}), told({"error": {"code": "invalid_token"}}, 401))
    gen = scripted.imagine("a fox")
    until(lambda: gen.status.ended)
    assert (gen.status.value, gen.task_id) == ("unconfirmed", "t1")
    assert Shown(gen).labels() == {"resume": "▶ Resume", "send_again": "Send again", "forget": "Forget", "delete": "Delete"}


def test_delete_takes_it_out_of_sight_and_says_so_in_python(session: mj.Session) -> None:
    gen = session.imagine("a fox").result(10)
    shown = Shown(gen)
    shown.card.buttons["delete"].click()
    assert gen.is_deleted
    assert shown.lines == [f"session[{gen.id!r}].delete()"]


def test_a_button_makes_a_child_and_hands_it_over(session: mj.Session) -> None:
    gen = session.imagine("a fox").result(10)
    shown = Shown(gen)
    shown.card.buttons["upscale2"].click()
    assert [child.request.action for child in shown.added] == ["upscale2"]
    assert shown.added[0].parent is gen
    assert shown.lines[-1] == shown.added[0].code


def test_an_unknown_action_gets_a_plain_button_that_works(scripted: mj.Session, script: Script) -> None:
    url = f"{script.url}/picture.png"
    line = {**PROGRESS, "progress": 100, "image_id": "7", "image_url": url, "raw_image_url": url, "actions": ["sparkle_3x"]}
    script.say(lines(line), Answer([PNG], headers={"content-type": "image/png"}), told({"error": "no"}, 400))
    shown = Shown(scripted.imagine("a fox").result(10))
    until(lambda: "sparkle_3x" in shown.labels())
    shown.card.buttons["sparkle_3x"].click()
    assert shown.added[0].request.action == "sparkle_3x"


def test_a_picture_that_was_not_fetched_can_be_fetched_again(scripted: mj.Session, script: Script) -> None:
    url = f"{script.url}/picture.png"
    line = {**PROGRESS, "progress": 100, "image_id": "7", "image_url": url, "raw_image_url": url, "actions": ["upscale1"]}
    script.say(lines(line), told("no picture"), Answer([PNG], headers={"content-type": "image/png"}))
    gen = scripted.imagine("a fox")
    shown = Shown(gen)
    until(lambda: shown.labels().get("resume") == "↻ Fetch again")
    shown.card.buttons["resume"].click()
    until(lambda: shown.labels().get("upscale1") == "U1")


def test_stop_stops_and_resume_goes_on(scripted: mj.Session, script: Script) -> None:
    script.say(lines(*[PROGRESS] * 20, pause=0.2), told({}), told({}), *[told({"error": "gone"}, 500)] * 50)
    gen = scripted.imagine("a fox")
    shown = Shown(gen)
    assert shown.labels() == {"stop": "■ Stop"}
    until(lambda: gen.task_id)
    shown.card.buttons["stop"].click()
    until(lambda: shown.labels().get("resume") == "▶ Resume")
    assert gen.status is mj.Status.STOPPED
    shown.card.buttons["resume"].click()
    until(lambda: shown.labels() == {"stop": "■ Stop"})
    assert gen.status is mj.Status.RUNNING


def test_a_failed_one_can_be_deleted_and_nothing_else(scripted: mj.Session, script: Script) -> None:
    script.say(told({"error": {"code": "forbidden", "message": "refused"}}, 403))
    gen = scripted.imagine("a fox")
    until(lambda: gen.status.ended)
    assert Shown(gen).labels() == {"delete": "Delete"}


def test_a_click_that_fails_is_told(session: mj.Session) -> None:
    gen = session.imagine("a fox").result(10)
    shown = Shown(gen)
    session.close()
    shown.card.buttons["upscale1"].click()
    assert "closed" in str(shown.errors[0])
    assert shown.added == []


def test_the_lineage_is_there_for_a_child_alone(session: mj.Session) -> None:
    gen = session.imagine("a fox").result(10)
    assert Shown(gen).card.strip is None
    assert Shown(gen.upscale(1)).card.strip is not None
