from __future__ import annotations

from collections.abc import Iterator

import pytest

from mj_widgets.sandbox import serve
from tests.sandbox.ask import Ask


@pytest.fixture(scope="session")
def quick() -> Iterator[Ask]:
    """A sandbox in which nothing takes time."""
    with serve(speed=0) as url, Ask(url) as ask:
        yield ask


@pytest.fixture(scope="session")
def slow() -> Iterator[Ask]:
    """A sandbox in which nothing is ever finished while a test runs."""
    with serve(speed=0.001) as url, Ask(url) as ask:
        yield ask
