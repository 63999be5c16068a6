"""A process that measures pictures: what it is asked comes in, pickled, and its answers go out.

It is started as a program of its own, and not by `multiprocessing`, which would import the script that is running once more: a
script that asks for pictures would ask for them, and pay for them, again.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, BinaryIO


def main() -> None:
    """Answer until nobody asks any more."""
    asked = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a metric prints must not come between the answers
    metrics: Any = None
    while True:
        try:
            kind, payload = pickle.load(asked)  # noqa: S301 - the process that started this one wrote it
        except EOFError:
            return
        if kind == "metrics":
            metrics = _answer(answers, partial(pickle.loads, payload), silent=True)
        else:
            _answer(answers, partial(_measure, payload, metrics))


def _measure(job: Any, metrics: Any) -> Any:
    from mj_widgets.sweep.measuring import measure_file

    return measure_file(job, metrics)


def _answer(answers: BinaryIO, ask: Callable[[], Any], *, silent: bool = False) -> Any:
    try:
        found = ask()
        told = ("done", None if silent else found)
    except Exception as error:  # noqa: BLE001 - a metric that cannot be loaded here is done elsewhere
        found, told = None, ("failed", f"{type(error).__name__}: {error}")
    pickle.dump(told, answers)
    answers.flush()
    return found


if __name__ == "__main__":
    main()
