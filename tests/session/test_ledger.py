"""What the rows say at each step, and how a session goes on from there."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

import mj_widgets as mj
from mj_widgets.errors import CapError, GenerationError, SessionError, WaitTimeoutError
from mj_widgets.models import Outcome, Status
from mj_widgets.session import loop
from mj_widgets.session.store import Row, Store
from mj_widgets.session.unconfirmed import Unconfirmed
from tests.api.script import PNG, Answer, Script, lines, told

OpenSession = Callable[..., mj.Session]
FOX = mj.ImagineRequest(prompt="a fox")


def done(script: Script, **changes: object) -> dict[str, object]:
    return {
        "success": True,
        "task_id": "t1",
        "progress": 100,
        "image_id": "149",
        "image_url": f"{script.url}/t1.png",
        "actions": ["upscale1"],
    } | changes


def records(script: Script, **changes: object) -> Answer:
    return told({"items": [{"id": "t1", "response": done(script, **changes)}]})


def kept(folder: Path) -> list[Outcome]:
    with closing(Store(folder)) as store:
        return [row.outcome for row in store.rows()]


def leave_behind(folder: Path, outcome: Outcome) -> None:
    """Write what a process that died would have left."""
    with closing(Store(folder)) as store:
        store.add(Row("g1", 1.0, "sandbox", FOX, outcome))


def wait_for(gen: mj.Generation, true: Callable[[], object]) -> None:
    """Wait until a change of a generation has made something true."""
    come = threading.Event()
    unwatch = gen.watch(lambda _: true() and come.set())
    try:
        assert true() or come.wait(10), "it did not happen in time"
    finally:
        unwatch()


def test_the_row_is_there_before_the_request_leaves(script: Script, open_session: OpenSession, tmp_path: Path) -> None:
    """The service looks at the row while it answers: nothing may be sent that is not written down as sent."""
    session = open_session(base_url=script.url)
    seen: list[Outcome] = []
    answer = lines(done(script))

    class Watched(list[bytes]):
        def __iter__(self):
            seen.extend(kept(tmp_path / "test"))
            return super().__iter__()

    answer.chunks = Watched(answer.chunks)
    script.say(answer, Answer([PNG]))
    session.imagine("a fox").result(10)
    assert [(outcome.status, outcome.sent_at is not None) for outcome in seen] == [(Status.RUNNING, True)]


def test_what_ran_when_the_process_died_is_followed_again(script: Script, open_session: OpenSession, tmp_path: Path) -> None:
    leave_behind(tmp_path / "test", Outcome(status=Status.RUNNING, task_id="t1", sent_at=1.0, progress=40))
    script.say(records(script, progress=70, image_url=None), records(script), Answer([PNG]))
    gen = open_session(base_url=script.url)["g1"].result(10)
    assert gen.image.bytes() == PNG
    assert [target for _, target, _, _ in script.requests] == ["/midjourney/tasks", "/midjourney/tasks", "/t1.png"]


def test_a_picture_that_was_made_and_not_fetched_is_fetched(script: Script, open_session: OpenSession, tmp_path: Path) -> None:
    outcome = Outcome(status=Status.SUCCEEDED, task_id="t1", sent_at=1.0, image=mj.Image(id="149", url=f"{script.url}/t1.png"))
    leave_behind(tmp_path / "test", outcome)
    script.say(Answer([PNG]))
    gen = open_session(base_url=script.url)["g1"].result(10)
    assert gen.image.bytes() == PNG


def test_what_was_sent_without_an_answer_is_unconfirmed(script: Script, open_session: OpenSession, tmp_path: Path) -> None:
    leave_behind(tmp_path / "test", Outcome(status=Status.RUNNING, sent_at=1.0))
    script.say(told({"items": []}))
    gen = open_session(base_url=script.url)["g1"]
    with pytest.raises(GenerationError, match="may have been charged"):
        gen.result(10)
    assert gen.status is Status.UNCONFIRMED
    script.say(told({"items": [task("t1")]}), records(script), Answer([PNG]))
    assert gen.resume().result(10).task_id == "t1"  # it is looked for once more


def test_what_was_never_sent_is_not_sent_unasked(script: Script, open_session: OpenSession, tmp_path: Path) -> None:
    leave_behind(tmp_path / "test", Outcome())
    gen = open_session(base_url=script.url)["g1"]
    with pytest.raises(WaitTimeoutError, match="nothing was charged"):
        gen.result(10)
    assert script.requests == []
    script.say(lines(done(script)), Answer([PNG]))
    assert gen.resume().result(10).status is Status.SUCCEEDED


def test_a_process_that_dies_just_before_it_sends_one_leaves_it_to_be_sent(
    script: Script, open_session: OpenSession, tmp_path: Path
) -> None:
    leave_behind(tmp_path / "test", Outcome(status=Status.STOPPED))
    with closing(Store(tmp_path / "test")) as store:
        assert store.hold("g1", None)  # what resume() does first
    gen = open_session(base_url=script.url)["g1"]
    assert gen.status is Status.STOPPED
    script.say(lines(done(script)), Answer([PNG]))
    assert gen.resume().result(10).status is Status.SUCCEEDED


@pytest.mark.parametrize("answer", [None, told({"error": {"code": "api_error"}}, 500), told({}, 504), lines()])
def test_no_answer_is_unconfirmed_and_never_sent_again(
    script: Script, open_session: OpenSession, answer: Answer | None
) -> None:
    script.say(answer, *[told({"items": []})] * 3)
    gen = open_session(base_url=script.url).imagine("a fox")
    with pytest.raises(GenerationError, match="may have been charged"):
        gen.result(10)
    assert gen.status is Status.UNCONFIRMED
    assert script.submits == 1


def test_stop_before_the_task_id_still_learns_it(script: Script, open_session: OpenSession, tmp_path: Path) -> None:
    """It is paid for: the id is what finds it again."""
    session = open_session(base_url=script.url)
    first = {"success": True, "task_id": "t1", "progress": 10, "actions": []}
    script.say(Answer([b"\n", *lines(first, first).chunks], headers=lines().headers, pause=0.3))
    gen = session.imagine("a fox")
    wait_for(gen, lambda: gen.outcome.sent_at is not None)
    gen.stop()
    assert gen.status is Status.STOPPED
    assert "may still finish and be charged" in str(gen.error)
    wait_for(gen, lambda: gen.task_id is not None)
    assert gen.status is Status.STOPPED
    script.say(records(script), Answer([PNG]))
    assert gen.resume().result(10).status is Status.SUCCEEDED
    assert kept(tmp_path / "test")[0].task_id == "t1"


def test_stop_and_resume(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    running = {"success": True, "task_id": "t1", "progress": 10, "actions": []}
    script.say(Answer([*lines(running).chunks, *[b"\n"] * 100], headers=lines().headers, pause=0.05))
    gen = session.imagine("a fox")
    wait_for(gen, lambda: gen.task_id is not None)
    gen.stop()
    with pytest.raises(WaitTimeoutError, match="may still finish"):
        gen.result(5)
    script.say(records(script), Answer([PNG]))
    assert gen.resume().result(10).status is Status.SUCCEEDED


@pytest.mark.parametrize(
    "nothing", [told({"items": [{"id": "t1", "response": {"progress": 85}}]}), Answer([b"<html>gone</html>"])]
)
def test_what_does_not_move_is_stopped_and_can_be_followed_again(
    script: Script, open_session: OpenSession, nothing: Answer
) -> None:
    """It is stuck, or the service is out of order: the task may go on all the same, and is paid for then."""
    script.say(told({"task_id": "t1"}), *[nothing] * 200)
    gen = open_session(base_url=script.url, patience=0.3).imagine("a fox")
    with pytest.raises(WaitTimeoutError, match="can be followed again"):
        gen.result(10)
    assert (gen.status, gen.task_id) == (Status.STOPPED, "t1")
    script.answers.clear()
    script.say(records(script), Answer([PNG]))
    assert gen.resume().result(10).image.bytes() == PNG
    assert script.submits == 1


def test_stop_while_the_picture_is_fetched_does_not_forget_that_it_was_made(script: Script, open_session: OpenSession) -> None:
    """The service may have forgotten the task by the time that somebody goes on."""
    session = open_session(base_url=script.url)
    fetching = threading.Event()

    def slowly() -> Iterator[bytes]:
        fetching.set()
        yield from [PNG[:40]] * 100

    script.say(lines(done(script)), Answer(slowly(), pause=0.1))
    gen = session.imagine("a fox")
    assert fetching.wait(10)
    gen.stop()
    assert (gen.status, gen.image.path) == (Status.SUCCEEDED, None)
    assert "stopped before its picture was fetched" in str(gen.error)
    script.say(Answer([PNG]))
    assert gen.resume().result(10).image.bytes() == PNG
    assert [target for _, target, _, _ in script.requests] == ["/midjourney/imagine", "/t1.png", "/t1.png"]


def test_progress_never_goes_back(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    running = [{"success": True, "task_id": "t1", "progress": number, "actions": []} for number in (40, 20, 60)]
    script.say(lines(*running, done(script)), Answer([PNG]))
    seen: list[int] = []
    session.watch(lambda gen: seen.append(gen.progress or 0))
    session.imagine("a fox").result(10)
    assert seen == sorted(seen)
    assert 60 in seen


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer([b"<html>gone</html>"]), "no picture"),
        (told({}, 404), "404"),
        (Answer([PNG[:40]]), "no picture"),
    ],
)
def test_a_picture_that_cannot_be_fetched_keeps_its_address(
    script: Script, open_session: OpenSession, answer: Answer, words: str
) -> None:
    session = open_session(base_url=script.url)
    script.say(lines(done(script)), answer)
    if answer.status == 404:
        script.say(told(None))  # it is asked where the picture is now
    gen = session.imagine("a fox").result(30)
    assert gen.status is Status.SUCCEEDED
    assert gen.image.path is None
    assert gen.image.url == f"{script.url}/t1.png"
    assert words in str(gen.error)
    script.say(Answer([PNG]))
    assert gen.resume().result(10).image.bytes() == PNG
    assert gen.error is None


def test_a_closed_session_lets_nobody_wait_for_ever(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    script.say(lines(*[b"\n"] * 200, pause=0.05))
    gen = session.imagine("a fox")
    session.close()
    with pytest.raises(SessionError, match="was closed"):
        gen.result(5)


def task(id_: str, prompt: str = "a fox", **changes: object) -> dict[str, object]:
    """A record of the service's own list, as it would show what was sent."""
    request = {"prompt": prompt, "action": "generate", "mode": "fast", "stream": True}
    return {"id": id_, "type": "imagine", "created_at": time.time(), "request": request, "response": None} | changes


def test_a_lost_answer_is_found_among_the_recent_tasks(script: Script, open_session: OpenSession) -> None:
    """The service took it and the line broke before the first word: it is followed, and not sent again."""
    recent = told({"items": [task("t0", "a cat"), task("t1")]})
    script.say(None, recent, records(script), Answer([PNG]))
    gen = open_session(base_url=script.url).imagine("a fox").result(10)
    assert (gen.status, gen.task_id) == (Status.SUCCEEDED, "t1")
    assert script.submits == 1


def test_what_was_sent_before_the_process_died_is_found(script: Script, open_session: OpenSession, tmp_path: Path) -> None:
    leave_behind(tmp_path / "test", Outcome(status=Status.RUNNING, sent_at=1.0))
    script.say(told({"items": [task("t1"), task("t2", "a wolf")]}), records(script), Answer([PNG]))
    gen = open_session(base_url=script.url)["g1"].result(10)
    assert (gen.status, gen.task_id) == (Status.SUCCEEDED, "t1")
    assert script.submits == 0


def test_several_candidates_are_a_question_for_a_person(script: Script, open_session: OpenSession, tmp_path: Path) -> None:
    leave_behind(tmp_path / "test", Outcome(status=Status.RUNNING, sent_at=1.0))
    script.say(told({"items": [task("t1"), task("t2")]}))
    session = open_session(base_url=script.url)
    with pytest.raises(GenerationError, match="session.unconfirmed"):
        session["g1"].result(10)
    (question,) = session.unconfirmed
    assert question.candidates == ("t1", "t2")
    script.say(told({"items": [{"id": "t2", "response": done(script, task_id="t2")}]}), Answer([PNG]))
    assert question.adopt("t2").result(10).task_id == "t2"
    assert session.unconfirmed == ()


def test_an_unconfirmed_one_may_be_sent_again_or_forgotten(script: Script, open_session: OpenSession, tmp_path: Path) -> None:
    for id_ in ("g1", "g2"):
        with closing(Store(tmp_path / "test")) as store:
            store.add(Row(id_, 1.0, "sandbox", FOX, Outcome(status=Status.UNCONFIRMED, sent_at=1.0), 0.27, 0.27))
    script.say(told({"items": []}), told({"items": []}))  # they are looked for once more
    session = open_session(base_url=script.url)
    for gen in session.generations:
        with pytest.raises(GenerationError):
            gen.result(10)
    first, second = session.unconfirmed
    assert session.held == pytest.approx(0.54)
    first.forget()
    assert session.held == pytest.approx(0.27)
    script.say(lines(done(script)), Answer([PNG]))
    again = second.send_again().result(10)
    assert again.request == FOX
    assert session.unconfirmed == ()
    with pytest.raises(ValueError, match="belongs to another"):
        first.adopt("t1")


def unconfirmed(folder: Path, **changes: object) -> None:
    """Write what was sent and never answered, at 0.27 credits."""
    with closing(Store(folder)) as store:
        outcome = Outcome(status=Status.UNCONFIRMED, sent_at=1.0).model_copy(update=changes)
        store.add(Row("g1", 1.0, "sandbox", FOX, outcome, 0.27, 0.27))


def asked_about(session: mj.Session, id_: str = "g1") -> Unconfirmed:
    """Wait until it was looked for once more, in vain."""
    with pytest.raises(GenerationError):
        session[id_].result(10)
    (question,) = session.unconfirmed
    return question


def test_what_may_not_be_sent_again_stays_unconfirmed(script: Script, open_session: OpenSession, tmp_path: Path) -> None:
    """Else nobody would ever ask about the credits that it may have taken."""
    unconfirmed(tmp_path / "test")
    script.say(told({"items": []}))
    session = open_session(base_url=script.url)
    question = asked_about(session)
    session.cap = 0.1
    with pytest.raises(CapError):
        question.send_again()
    assert [one.generation.id for one in session.unconfirmed] == ["g1"]
    assert session.held == pytest.approx(0.27)
    assert len(session) == 1


def test_the_credits_of_what_is_given_up_are_free_for_what_is_sent_again(
    script: Script, open_session: OpenSession, tmp_path: Path
) -> None:
    unconfirmed(tmp_path / "test")
    script.say(told({"items": []}), lines(done(script)), Answer([PNG]))
    session = open_session(base_url=script.url)
    question = asked_about(session)
    session.prices, session.cap = (mj.Price(credits=0.27, source="a test", date="2026-11-29"),), 0.27
    assert question.send_again().result(10).status is Status.SUCCEEDED


@pytest.mark.parametrize("first", ["send_again", "forget", "adopt"])
def test_what_was_decided_once_is_not_decided_again(
    script: Script, open_session: OpenSession, tmp_path: Path, first: str
) -> None:
    """A second click must not send a second time, nor throw away what the first one found."""
    unconfirmed(tmp_path / "test")
    script.say(told({"items": []}))
    session = open_session(base_url=script.url)
    question = asked_about(session)
    if first == "adopt":
        script.say(records(script), Answer([PNG]))
        assert question.adopt("t1").result(10).image
    elif first == "forget":
        question.forget()
    else:
        script.say(lines(done(script)), Answer([PNG]))
        assert question.send_again().result(10).image
    rows = kept(tmp_path / "test")
    for again in (question.send_again, question.forget, lambda: question.adopt("t9")):
        with pytest.raises(ValueError, match="was decided about already"):
            again()
    assert kept(tmp_path / "test") == rows
    assert script.submits == (first == "send_again")


def test_a_task_that_the_service_does_not_know_can_be_decided_about(
    script: Script, open_session: OpenSession, tmp_path: Path
) -> None:
    """Somebody adopted a wrong id, or the record is gone: it would count against the cap for ever."""
    unconfirmed(tmp_path / "test", task_id="wrong")
    script.say(*[told({"items": []})] * 5)
    session = open_session(base_url=script.url)
    question = asked_about(session)
    script.say(records(script), Answer([PNG]))
    assert question.adopt("t1").result(10).task_id == "t1"


def test_a_task_of_another_process_is_no_candidate(script: Script, open_session: OpenSession, tmp_path: Path) -> None:
    """It asked for the same, in the same folder, since we looked."""
    session = open_session(base_url=script.url)
    with closing(Store(tmp_path / "test")) as other:
        other.add(Row("g9", 9e9, "sandbox", FOX, Outcome(status=Status.RUNNING, task_id="t1", sent_at=time.time())))
        script.say(None, *[told({"items": [task("t1")]})] * 3)
        gen = session.imagine("a fox")
        with pytest.raises(GenerationError, match="may have been charged"):
            gen.result(10)
    assert gen.task_id is None


def test_stopping_what_another_process_follows_leaves_its_row(
    script: Script, open_session: OpenSession, tmp_path: Path
) -> None:
    """Else the task id that it has written since would be lost."""
    with closing(Store(tmp_path / "test")) as other:
        other.add(Row("g1", 1.0, "sandbox", FOX, Outcome()))
        gen = open_session(base_url=script.url)["g1"]
        running = Outcome(status=Status.RUNNING, task_id="t1", sent_at=2.0)
        other.save("g1", running)
        gen.stop()
        assert gen.status is Status.STOPPED
        assert kept(tmp_path / "test") == [running]
        gen.resume()
        assert (gen.status, gen.task_id) == (Status.RUNNING, "t1")
    assert script.requests == []  # the other one followed it


def test_what_another_process_has_sent_before_it_died_is_followed(
    script: Script, open_session: OpenSession, tmp_path: Path
) -> None:
    """We knew it as not sent: the row, and not our memory, says how far it came."""
    with closing(Store(tmp_path / "test")) as other:
        other.add(Row("g1", 1.0, "sandbox", FOX, Outcome()))
        session = open_session(base_url=script.url)
        other.save("g1", Outcome(status=Status.RUNNING, task_id="t1", sent_at=2.0))
    script.say(records(script), Answer([PNG]))
    session.resume()
    assert session["g1"].result(10).image.bytes() == PNG


def test_the_picture_that_another_process_fetches_is_waited_for(
    script: Script, open_session: OpenSession, tmp_path: Path
) -> None:
    with closing(Store(tmp_path / "test")) as other:
        other.add(Row("g1", 1.0, "sandbox", FOX, Outcome(status=Status.RUNNING, task_id="t1", sent_at=2.0)))
        session = open_session(base_url=script.url)
        gen = session["g1"]
        made = Outcome(status=Status.SUCCEEDED, task_id="t1", sent_at=2.0, image=mj.Image(id="149", url="http://x/1.png"))
        other.save("g1", made)
        session.resume()  # looks at once
        assert gen.status is Status.RUNNING
        image = made.image.model_copy(update={"path": other.keep_picture(PNG, "png")})
        other.save("g1", made.model_copy(update={"image": image}))
        assert gen.result(10).image.bytes() == PNG
    assert script.requests == []


def test_one_that_is_followed_again_the_moment_it_ends_is_followed(script: Script, open_session: OpenSession) -> None:
    script.say(None, *[told({"items": []})] * 3, told({"items": [task("t1")]}), records(script), Answer([PNG]))
    session = open_session(base_url=script.url)
    ended: list[str] = []

    def again(gen: mj.Generation) -> None:
        if gen.status is Status.UNCONFIRMED:
            ended.append(gen.id)
            loop.background().call_soon(gen.resume)

    session.watch(again)
    gen = session.imagine("a fox")
    with pytest.raises(GenerationError):
        gen.result(10)
    loop.call(lambda: None)
    assert gen.result(10).image.bytes() == PNG
    assert ended == [gen.id]


def test_one_that_was_deleted_while_it_ran_is_followed_when_it_is_restored(
    script: Script, open_session: OpenSession, tmp_path: Path
) -> None:
    leave_behind(tmp_path / "test", Outcome(status=Status.RUNNING, task_id="t1", sent_at=1.0))
    with closing(Store(tmp_path / "test")) as store:
        store.mark("g1", lambda marks: marks.model_copy(update={"deleted_at": 2.0}))
    gen = open_session(base_url=script.url)["g1"]
    script.say(records(script), Answer([PNG]))
    gen.restore()
    assert gen.result(10).image.bytes() == PNG


def test_a_task_that_another_generation_has_is_no_candidate(script: Script, open_session: OpenSession, tmp_path: Path) -> None:
    with closing(Store(tmp_path / "test")) as store:
        store.add(Row("g0", 1.0, "sandbox", FOX, Outcome(status=Status.STOPPED, task_id="t1", sent_at=1.0)))
    leave_behind(tmp_path / "test", Outcome(status=Status.RUNNING, sent_at=1.0))
    script.say(told({"items": [task("t1"), task("t2")]}), told({"items": []}))
    gen = open_session(base_url=script.url)["g1"]
    wait_for(gen, lambda: gen.task_id is not None)
    assert gen.task_id == "t2"


def test_identical_requests_wait_until_the_first_is_identified(script: Script, open_session: OpenSession) -> None:
    """Else, if the answers were lost, nobody could tell which task is whose."""
    session = open_session(base_url=script.url)
    running = {"success": True, "progress": 10, "actions": []}
    answers = [lines(running | {"task_id": f"t{n}"}, done(script, task_id=f"t{n}"), pause=0.2) for n in (1, 2)]
    script.say(answers[0], answers[1], Answer([PNG]), Answer([PNG]))
    submits: list[tuple[int, int]] = []
    session.watch(lambda _: submits.append((script.submits, sum(gen.task_id is not None for gen in session.generations))))
    first, second = session.imagine("a fox"), session.imagine("a fox")
    assert {first.result(10).task_id, second.result(10).task_id} == {"t1", "t2"}
    assert all(sent <= identified + 1 for sent, identified in submits)


def test_one_that_is_looked_for_is_not_taken_for_one_that_is_just_being_sent(
    script: Script, open_session: OpenSession, tmp_path: Path
) -> None:
    """The first never arrived. While it is looked for, the same is asked for again: that task is the second's alone."""
    leave_behind(tmp_path / "test", Outcome(status=Status.RUNNING, sent_at=time.time()))

    def listed() -> Iterator[bytes]:
        yield b" "  # then half a second, in which the second must not have been sent
        yield json.dumps({"items": [task("t1")] if script.submits else []}).encode()

    script.say(Answer(listed(), pause=0.5), lines(done(script)), Answer([PNG]))
    session = open_session(base_url=script.url)
    second = session.imagine("a fox")
    assert second.result(10).task_id == "t1"
    assert session["g1"].status is Status.UNCONFIRMED


def test_an_address_that_has_died_is_asked_for_again(script: Script, open_session: OpenSession) -> None:
    fresh = {"id": "t1", "response": done(script, image_url=f"{script.url}/fresh.png")}
    script.say(lines(done(script)), told({}, 403), told(fresh), Answer([PNG]))
    gen = open_session(base_url=script.url).imagine("a fox").result(10)
    assert gen.image.bytes() == PNG
    assert script.requests[-1][1] == "/fresh.png"


def test_verify_fetches_what_is_missing_or_was_changed(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    script.say(lines(done(script)), Answer([PNG]))
    gen = session.imagine("a fox").result(10)
    assert session.verify() == ()
    gen.image.path.write_bytes(b"somebody's scribble")
    script.say(Answer([PNG]))
    assert session.verify() == (gen,)
    assert gen.result(10).image.bytes() == PNG
    gen.image.path.unlink()
    script.say(Answer([PNG]))
    assert session.verify()[0].result(10).image.bytes() == PNG


def test_verify_looks_at_clips_too(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    clip = Answer([b"\0\0\0\x18ftypmp42" + b"\0" * 40])
    script.say(lines(done(script, video_urls=[f"{script.url}/1.mp4"], actions=[])), Answer([PNG]), clip)
    film = session.animate("https://a.example/1.png").result(10)
    film.clips[0].path.write_bytes(b"somebody's scribble")
    script.say(Answer([PNG]), clip)
    assert session.verify() == (film,)
    assert film.result(10).clips[0].path.read_bytes() == clip.chunks[0]


def test_tiles_and_clips_are_kept_as_files(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    urls = [f"{script.url}/{number}.png" for number in range(4)]
    script.say(lines(done(script, sub_image_urls=urls)), *[Answer([PNG])] * 5)
    grid = session.imagine("a fox", split_images=True).result(10)
    assert [part.path.read_bytes() for part in grid.outcome.parts] == [PNG] * 4
    clips = [f"{script.url}/{number}.mp4" for number in range(2)]
    clip = Answer([b"\0\0\0\x18ftypmp42" + b"\0" * 40])
    script.say(lines(done(script, video_urls=clips, video_id="17", actions=[])), Answer([PNG]), clip, clip)
    film = session.animate(grid, "it turns its head").result(10)
    assert [clip.path.suffix for clip in film.clips] == [".mp4"] * 2
    assert film.parent is grid
    assert film.image.bytes() == PNG
    assert film.tiles == (film.image,)  # its first frame, which is no grid
    script.say(lines(done(script, video_urls=[], video_id="18", actions=[])), Answer([PNG]))
    longer = film.extend(2).result(10)
    assert longer.parent is film
    assert [(body["video_id"], body["video_index"]) for body in script.bodies if body.get("action") == "extend"] == [("17", 1)]


@pytest.mark.parametrize(
    ("ask", "reply", "value"),
    [
        (lambda session: session.describe("https://cdn.example/x.png"), {"descriptions": ["a", "b", "", "c"]}, ("a", "b", "c")),
        (lambda session: session.shorten("a very long prompt"), {"prompts": ["a", "b"], "cost": 0.18}, ("a", "b")),
        (lambda session: session.translate("狐"), {"content": "fox"}, "fox"),
    ],
)
def test_texts_are_paid_for_and_kept(
    script: Script, open_session: OpenSession, ask: Callable[..., object], reply: dict[str, object], value: object
) -> None:
    session = open_session(base_url=script.url)
    script.say(told(reply))
    assert ask(session).result(10) == value
    session.close()
    (answer,) = open_session(base_url=script.url).answers
    assert answer.value == value


def test_a_seed_is_a_number_within_its_range(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    script.say(lines(done(script)), Answer([PNG]), told({"seed": "3141592653"}), told({"seed": 1490000000000009044}))
    gen = session.imagine("a fox").result(10)
    assert session.seed(gen).result(10) == 3141592653
    with pytest.raises(mj.errors.ResponseError, match="4294967295"):
        session.seed(gen).result(10)
