from __future__ import annotations

from collections.abc import Iterator

import pytest

from mj_widgets.sandbox import Sandbox, serve
from tests.sandbox.ask import Ask


@pytest.fixture(scope="package")
def shared() -> Iterator[Sandbox]:
    box = serve(speed=0, shrink=4)
    yield box
    box.close()


@pytest.fixture
def box(shared: Sandbox) -> Iterator[Sandbox]:
    """A sandbox in which nothing takes time; without a fault left from another test."""
    shared.faults.clear()
    yield shared
    shared.faults.clear()


@pytest.fixture
def ask(box: Sandbox) -> Iterator[Ask]:
    with Ask(box.url) as ask:
        yield ask
