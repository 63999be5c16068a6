"""How far something is that takes long, where there is somebody to look: a bar in a notebook, a line in a terminal."""

from __future__ import annotations

import sys
import time
from typing import Any

_PAUSE = 0.1  # seconds between two looks


class Progress:
    """Counts to a total, and shows it; without a notebook or a terminal it shows nothing.

    Parameters
    ----------
    total : int
        Zero is not shown.
    shown : bool
    """

    def __init__(self, total: int, *, shown: bool) -> None:
        self.done = 0
        self._total = total
        self._bar: Any = None
        self._on_terminal = False
        self._next = 0.0
        if not shown or not total:
            return
        if _is_notebook():
            from IPython.display import display

            self._bar = display(self._drawn(), raw=True, display_id=True)  # type: ignore[no-untyped-call] # IPython's
        else:
            self._on_terminal = sys.stderr is not None and sys.stderr.isatty()

    def step(self) -> None:
        """Count one."""
        self.done += 1
        now = time.monotonic()
        if now < self._next and self.done < self._total:
            return
        self._next = now + _PAUSE
        if self._bar is not None:
            self._bar.update(self._drawn(), raw=True)
        elif self._on_terminal:
            sys.stderr.write(f"\r{self._told}")
            sys.stderr.flush()

    def close(self) -> None:
        """Leave it as it is."""
        if self._bar is not None:
            self._bar.update(self._drawn(), raw=True)
        elif self._on_terminal:
            sys.stderr.write("\n")

    @property
    def _told(self) -> str:
        return f"{self.done:,} of {self._total:,} pictures measured"

    def _drawn(self) -> dict[str, str]:
        bar = f'<progress aria-label="Pictures measured" max="{self._total}" value="{self.done}"></progress>'
        return {"text/html": f"{bar} {self._told}", "text/plain": self._told}


def _is_notebook() -> bool:
    from IPython.core.getipython import get_ipython

    return getattr(get_ipython(), "kernel", None) is not None
