"""A question to the service whose answer is text; kept like a generation, because it is paid for."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Generic, TypeVar, cast

from mj_widgets.api.wire import read_seed
from mj_widgets.models import Status
from mj_widgets.session.generation import Generation

A = TypeVar("A")


class Answer(Generation, Generic[A]):
    """The answer to `Session.describe`, ``shorten``, ``translate`` or ``seed``: await it, or call its ``result()``.

    Examples
    --------
    >>> answer = session.shorten("a very, very beautiful picture of a red fox in deep white snow")
    >>> isinstance(answer.result()[0], str)
    True
    """

    def __repr__(self) -> str:
        said = self.value if self.status is Status.SUCCEEDED else self.status
        return f"<Answer {self.request.action}: {said!r}>"

    @property
    def value(self) -> A:
        """Texts for ``describe`` and ``shorten``, one text for ``translate``, a number for ``seed``.

        Raises
        ------
        ResponseError
            The service gave something that is no seed.
        """
        texts: Any = self.outcome.texts
        if self.request.action == "translate":
            return cast("A", texts[0])
        return cast("A", read_seed(texts[0]) if self.request.action == "seed" else texts)

    def __await__(self) -> Generator[Any, None, A]:  # type: ignore[override] # the answer itself is what is waited for
        yield from self._wait().__await__()
        return self.value

    def result(self, timeout: float | None = None) -> A:  # type: ignore[override] # as above
        """Wait, in plain code, for the answer; see `Generation.result`."""
        super().result(timeout)
        return self.value
