"""What was sent and never answered: it may have been charged, so a person decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation


class Unconfirmed:
    """One generation of unknown fate, and the three things that can be done about it.

    Attributes
    ----------
    generation : Generation
        The one that is meant.
    candidates : tuple of str
        Ids of recent tasks that ask for exactly the same, where there were several.
    """

    def __init__(self, generation: Generation) -> None:
        self.generation = generation
        self.candidates = generation.outcome.candidates

    def __repr__(self) -> str:
        return f"<Unconfirmed {self.generation!r} candidates={self.candidates}>"

    def adopt(self, task_id: str) -> Generation:
        """Take this task for it, and follow it to its end.

        Raises
        ------
        ValueError
            Another generation of the session has that task, or it was decided about already.

        Examples
        --------
        >>> from contextlib import suppress
        >>> from mj_widgets.errors import GenerationError
        >>> with suppress(GenerationError):
        ...     session.imagine("a fox sandbox:500").result()  # refused before it was accepted, and nobody can know
        >>> session.unconfirmed[0].adopt("5d0c7a52-0f0e-4b6e-9c7b-2f6c1f7f0a11").task_id
        '5d0c7a52-0f0e-4b6e-9c7b-2f6c1f7f0a11'
        """
        self.generation.session._adopt(self.generation, task_id)
        return self.generation

    def forget(self) -> None:
        """Count it as one that never was: it no longer counts against the cap.

        Raises
        ------
        ValueError
            It was decided about already.

        Examples
        --------
        >>> from contextlib import suppress
        >>> from mj_widgets.errors import GenerationError
        >>> with suppress(GenerationError):
        ...     session.imagine("a fox sandbox:500").result()
        >>> session.unconfirmed[0].forget()
        >>> session.unconfirmed
        ()
        """
        self.generation.session._forget(self.generation)

    def send_again(self) -> Generation:
        """Give it up, and send the same request anew. If the first did arrive, both are charged.

        Raises
        ------
        CapError, SessionError
            It may not be sent; it stays unconfirmed.
        ValueError
            It was decided about already; nothing was sent.

        Examples
        --------
        >>> from contextlib import suppress
        >>> from mj_widgets.errors import GenerationError
        >>> with suppress(GenerationError):
        ...     session.imagine("a fox sandbox:500x1").result()  # the first time alone
        >>> session.unconfirmed[0].send_again().result().status.value
        'succeeded'
        """
        return self.generation.session._send_again(self.generation)
