from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

import mj_widgets as mj
from mj_widgets.sandbox import Sandbox, serve
from mj_widgets.sweep.run import SweepRun

EACH = 0.27  # credits; what the sandbox says of some of its pictures, as the service does of some replies


@pytest.fixture
def service() -> Iterator[Sandbox]:
    """A sandbox that draws at once and shows nothing: hundreds are made here, and each picture takes long to draw."""
    sandbox = serve(speed=0, faults=[{"on": "file", "fault": "404", "times": None}])
    yield sandbox
    sandbox.close()


@pytest.fixture
def quick(service: Sandbox, open_session: Callable[..., mj.Session]) -> mj.Session:
    """A session at that sandbox, five at a time; each picture costs `EACH`."""
    session = open_session(base_url=service.url, limits=mj.Limits(in_flight=5, per_second=None))
    session.prices = (mj.Price(credits=EACH, source="a test", date="2026-11-22"),)
    return session


@pytest.fixture(scope="package")
def made(sandbox_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SweepRun]:
    """A run with pictures, made once: two animals in three places, one of them refused, twice each. It is only looked at."""
    client = mj.Client("", base_url=sandbox_url, poll_every=0.05, limits=mj.Limits(in_flight=5, per_second=None))
    with mj.Session("made", root=tmp_path_factory.mktemp("made"), client=client) as session:
        places = mj.axis(["snow", "fog", "sandbox:moderated"], labels=["snow", "fog", "refused"], notes=["White.", "", ""])
        yield mj.Sweep("a {animal} in {place}", animal=["fox", "owl"], place=places, replicates=2).run(session).result(60)
