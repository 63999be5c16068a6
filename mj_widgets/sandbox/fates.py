"""What is to go wrong with a job; it is kept with it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fate:
    """What goes wrong with a job (see `mishaps`).

    Attributes
    ----------
    at : int
        Per cent of progress at which it happens.
    held : float or None
        Seconds that the job stays there; None until it is released.
    error : tuple of str or None
        The code and the message that it ends with then; None when it goes on and succeeds.
    """

    at: int
    held: float | None = 0.0
    error: tuple[str, str] | None = None
