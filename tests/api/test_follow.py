"""Following by look-ups, with a clock and a service of a few lines."""

from __future__ import annotations

import pytest

from mj_widgets.api.follow import Follower
from mj_widgets.errors import APIError, ResponseError, TransportError, WaitTimeoutError, status_error
from mj_widgets.models import Outcome, Record, Status

pytestmark = pytest.mark.anyio

DONE = Record(id="t1", outcome=Outcome(status=Status.SUCCEEDED, task_id="t1"))


class Service:
    """Gives its answers in turn, the last one again and again; a minute goes by with each."""

    def __init__(self, *answers: APIError | list[Record]) -> None:
        self.answers, self.asked = [*answers], 0

    async def look_up(self, _: list[str]) -> list[Record]:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if isinstance(answer, APIError):
            raise answer
        return answer

    def clock(self) -> float:
        return self.asked * 60.0


def refused(status_code: int, code: str | None = None) -> APIError:
    return status_error("said", status_code=status_code, code=code)


async def followed(service: Service, *, patience: float = 600.0) -> list[Outcome]:
    follower = Follower(service.look_up, every=0.0, clock=service.clock)
    try:
        return [outcome async for outcome in follower.follow("t1", patience=patience)]
    finally:
        await follower.aclose()


PASSING = [
    *(TransportError("no route", sent=False), TransportError("cut"), ResponseError("a gateway's page")),
    *(refused(503), refused(429), refused(408)),
]


@pytest.mark.parametrize("error", PASSING, ids=repr)
async def test_an_outage_is_waited_out(error: APIError) -> None:
    """The task goes on meanwhile, and is paid for."""
    service = Service(error, error, [DONE])
    assert [outcome.status for outcome in await followed(service)] == [Status.SUCCEEDED]


async def test_an_outage_that_outlasts_the_patience_says_what_it_is() -> None:
    with pytest.raises(WaitTimeoutError, match=r"can be followed again.*no route"):
        await followed(Service(TransportError("no route", sent=False)))


@pytest.mark.parametrize(("status_code", "code"), [(401, "invalid_token"), (403, "disabled"), (404, "no_api")])
async def test_a_refusal_ends_it_at_once(status_code: int, code: str) -> None:
    service = Service(refused(status_code, code))
    with pytest.raises(APIError, match="said"):
        await followed(service)
    assert service.asked == 1
