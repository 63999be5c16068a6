from __future__ import annotations

import asyncio
import time
from email.utils import formatdate

import pytest

from mj_widgets.api.policy import Gate, Limits, Verdict, gate_for, judge, retry_after
from mj_widgets.errors import APIError, ResponseError, TransportError, status_error


def refused(status_code: int, code: str | None = None) -> APIError:
    return status_error("said", status_code=status_code, code=code)


# A row for every line of service.md 4, and for each way that a connection ends.
REPEAT, REFUSED, UNKNOWN = Verdict.REPEAT, Verdict.REFUSED, Verdict.UNKNOWN
TABLE = [
    # what went wrong                              submit   look up
    (TransportError("no route", sent=False), REPEAT, REPEAT),
    (TransportError("read timeout"), UNKNOWN, REPEAT),
    (ResponseError("no object"), UNKNOWN, REFUSED),
    (refused(307), REFUSED, REFUSED),
    (refused(400, "bad_request"), REFUSED, REFUSED),
    (refused(400, "no_token"), REFUSED, REFUSED),
    (refused(400, "token_mismatched"), REFUSED, REFUSED),
    (refused(401, "token_mismatched"), REFUSED, REFUSED),
    (refused(400, "api_not_implemented"), REFUSED, REFUSED),
    (refused(401, "invalid_token"), REFUSED, REFUSED),
    (refused(401, "token_expired"), REFUSED, REFUSED),
    (refused(402, "insufficient_balance"), REFUSED, REFUSED),
    (refused(403, "used_up"), REFUSED, REFUSED),
    (refused(403, "disabled"), REFUSED, REFUSED),
    (refused(403, "not_applied"), REFUSED, REFUSED),
    (refused(403, "forbidden"), REFUSED, REFUSED),
    (refused(404, "no_api"), REFUSED, REFUSED),
    (refused(408), UNKNOWN, REPEAT),
    (refused(413, "content_too_large"), REFUSED, REFUSED),
    (refused(429, "too_many_requests"), REPEAT, REPEAT),
    (refused(429), REPEAT, REPEAT),
    (refused(500, "api_error"), UNKNOWN, REPEAT),
    (refused(502), UNKNOWN, REPEAT),
    (refused(503, "upstream_error"), UNKNOWN, REPEAT),
    (refused(504, "timeout"), UNKNOWN, REPEAT),
    (refused(418, "something_new"), REFUSED, REFUSED),
]


@pytest.mark.parametrize(("error", "submit", "look_up"), TABLE, ids=lambda value: str(value)[:40])
def test_what_may_be_sent_again(error: APIError, submit: Verdict, look_up: Verdict) -> None:
    assert (judge("submit", error), judge("look up", error)) == (submit, look_up)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3.0),
        ("0.5", 0.5),
        ("0", 0.0),
        ("-4", 0.0),
        ("9999", 120.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("nan", None),
    ],
)
def test_retry_after_in_seconds(value: str | None, seconds: float | None) -> None:
    assert retry_after(value) == seconds


def test_retry_after_as_a_date() -> None:
    now = 1_791_350_485.0
    assert retry_after(formatdate(now + 30, usegmt=True), now=lambda: now) == pytest.approx(30, abs=1)
    assert retry_after(formatdate(now - 30, usegmt=True), now=lambda: now) == 0.0
    assert retry_after(formatdate(now + 900, usegmt=True), now=lambda: now) == 120.0


@pytest.mark.anyio
async def test_only_so_many_are_in_flight_and_the_first_come_is_the_first_served() -> None:
    gate, order, most, inside = Gate(Limits(in_flight=2, per_second=None)), [], 0, 0

    async def one(number: int) -> None:
        nonlocal most, inside
        async with gate.slot():
            inside += 1
            most = max(most, inside)
            order.append(number)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(one(number) for number in range(9)))
    assert most == 2
    assert order == sorted(order)


@pytest.mark.anyio
async def test_who_gives_up_waiting_gives_its_place_up_too() -> None:
    gate = Gate(Limits(in_flight=1, per_second=None))
    async with gate.slot():
        waiting = asyncio.create_task(gate._enter())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(5), gate.slot():
        pass


@pytest.mark.anyio
async def test_starts_are_spaced_and_a_429_holds_everybody_back() -> None:
    gate = Gate(Limits(per_second=20))
    started = time.monotonic()
    await asyncio.gather(*(gate.start() for _ in range(4)))
    assert time.monotonic() - started >= 0.15
    gate.hold(0.3)
    started = time.monotonic()
    await asyncio.gather(gate.start(), gate.start())
    assert time.monotonic() - started >= 0.3


def test_one_account_has_one_gate_in_the_process() -> None:
    assert gate_for("a", Limits()) is gate_for("a", Limits())
    assert gate_for("a", Limits()) is not gate_for("b", Limits())


def test_a_gate_serves_loops_on_several_threads() -> None:
    gate, most, inside = Gate(Limits(in_flight=1, per_second=None)), 0, 0

    async def one() -> None:
        nonlocal most, inside
        for _ in range(50):
            async with gate.slot():
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0)
                inside -= 1

    async def both() -> None:
        await asyncio.gather(*(asyncio.to_thread(asyncio.run, one()) for _ in range(3)))

    asyncio.run(both())
    assert (most, inside) == (1, 0)
