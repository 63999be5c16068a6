"""Who measures: this process, some processes beside it, or a Dask cluster. The numbers are the same."""

from __future__ import annotations

import logging
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from mj_widgets.errors import TOKEN_VARIABLE
from mj_widgets.sweep.measuring import Answer, Job, NotHereError, failed, measure_file
from mj_widgets.sweep.metrics import Metric

log = logging.getLogger(__name__)

Done = Generator[tuple[Job, list[Answer]]]

_TRIES = 2  # of a file at which a process died
_PATIENCE = 0.2  # seconds between two looks whether somebody interrupts
_AHEAD = 3  # files on their way to a thread of a cluster


def here(jobs: Sequence[Job], metrics: Mapping[str, Metric]) -> Done:
    """Measure in this process, one file after the other."""
    for job in jobs:
        try:
            yield job, measure_file(job, metrics)
        except NotHereError as error:
            yield job, failed(job, str(error))


# Processes


def packed(metrics: Mapping[str, Metric]) -> bytes | None:
    """Pickle metrics for another process; None when it could not make them of that.

    What is defined in a notebook, or in the script that runs, is known by name only, and the name is not known there.
    """
    try:
        content = pickle.dumps(dict(metrics))
    except Exception:  # noqa: BLE001 - whatever pickling comes upon
        return None
    return None if b"__main__" in content else content


def beside(jobs: Sequence[Job], metrics: Mapping[str, Metric], content: bytes, processes: int) -> Done:
    """Measure in processes of their own. One that dies is replaced, and what it had in hand is done once more.

    Parameters
    ----------
    jobs, metrics
        What is measured, and by what.
    content : bytes
        The metrics, `packed`.
    processes : int
    """
    waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
    answered: queue.SimpleQueue[tuple[Job, list[Answer] | None]] = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)
    crew = [_Hand(content, waiting, answered) for _ in range(min(processes, len(jobs)))]
    for hand in crew:
        hand.start()
    left = len(jobs)
    try:
        while left:
            with suppress(queue.Empty):
                job, answers = answered.get(timeout=_PATIENCE)
                left -= 1
                if answers is None:  # it is not to be had in another process
                    yield from here([job], metrics)
                else:
                    yield job, answers
    finally:
        for hand in crew:
            hand.stop()


class _Hand:
    """A thread that hands files to a process of its own."""

    def __init__(
        self, content: bytes, waiting: queue.SimpleQueue[Job], answered: queue.SimpleQueue[tuple[Job, list[Answer] | None]]
    ) -> None:
        self._content, self._waiting, self._answered = content, waiting, answered
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._stopped = False
        self._can = True  # as far as is known

    def stop(self) -> None:
        """End it, whatever it is doing."""
        with self._lock:
            self._stopped = True
            if self._process:
                _end(self._process)

    def start(self) -> None:
        """Begin, on a thread of its own."""
        threading.Thread(target=self._hand_on, name="mj_widgets measures", daemon=True).start()

    def _hand_on(self) -> None:
        while not self._stopped:
            try:
                job = self._waiting.get_nowait()
            except queue.Empty:
                break
            answers: list[Answer] | None = None
            try:
                answers = self._measured(job)
            except Exception:
                log.exception("What measures beside us is broken")
            self._answered.put((job, answers))
        self.stop()

    def _measured(self, job: Job) -> list[Answer] | None:
        for _ in range(_TRIES):
            try:
                process = self._started()
                return None if process is None else _asked(process, ("job", job))
            except (OSError, EOFError, pickle.UnpicklingError) as error:
                if self._stopped:
                    break
                log.warning("A process that measured %s ended: %s", job.path, error or "it was killed")
                with self._lock:
                    if self._process:
                        _end(self._process)
                    self._process = None
        return failed(job, f"The process that measured it ended, {_TRIES} times: it was killed, or ran out of memory.")

    def _started(self) -> subprocess.Popen[bytes] | None:
        """Give the process that knows the metrics; None when there is none."""
        if self._process is None and self._can:
            try:
                process = _start()
                with self._lock:
                    self._process = process
                    if self._stopped:
                        _end(process)
                self._can = _asked(process, ("metrics", self._content)) is not None
            except (OSError, EOFError) as error:
                log.warning("No process can be started beside this one: %s", error)
                self._can = False
        return self._process if self._can else None


def _start() -> subprocess.Popen[bytes]:
    """Start a process that finds the same modules, and that Ctrl+C in a terminal leaves to us."""
    environment = {name: value for name, value in os.environ.items() if name != TOKEN_VARIABLE}
    environment["PYTHONPATH"] = os.pathsep.join(place or str(Path.cwd()) for place in sys.path)
    return subprocess.Popen(
        [sys.executable, "-m", "mj_widgets.sweep.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )


def _asked(process: subprocess.Popen[bytes], asked: tuple[str, Any]) -> Any:
    """Ask a process, and give what it says; None when it says that it cannot."""
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - for the type checker
    pickle.dump(asked, process.stdin)
    process.stdin.flush()
    kind, found = pickle.load(process.stdout)  # noqa: S301 - our own process wrote it
    if kind == "failed":
        log.warning("Another process could not do it, so it is done in this one: %s", found)
        return None
    return True if found is None else found


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with suppress(OSError):
                pipe.close()


# A cluster


def on(client: Any, jobs: Sequence[Job], metrics: Mapping[str, Metric]) -> Done:
    """Measure on a Dask cluster: paths go there, and bytes where a worker does not see the file. Never the session.

    Dask itself does again what a worker had in hand, or had done and not told, when it died.
    """
    try:
        import distributed
    except ImportError as error:
        raise ImportError('A cluster needs Dask: python -m pip install "mj_widgets[dask]"') from error
    if getattr(client, "asynchronous", False):
        raise ValueError("measure() waits: give it a client made without asynchronous=True.")
    as_completed: Any = distributed.as_completed
    going: dict[Any, Job] = {}
    ahead = _AHEAD * max(1, sum(client.nthreads().values()))
    left = iter(jobs)
    elsewhere = False  # once a file was not seen there, no other one is looked for

    def send(job: Job, *, whole: bool) -> Any:
        content = Path(job.path).read_bytes() if whole else None
        future = client.submit(measure_file, job, dict(metrics), content, pure=False)
        going[future] = job
        return future

    finished = as_completed([send(job, whole=False) for job in islice(left, ahead)])
    try:
        for future in finished:
            job = going.pop(future)
            try:
                yield job, future.result()
            except NotHereError as error:
                if Path(job.path).exists():
                    elsewhere = True
                    finished.add(send(job, whole=True))
                    continue
                yield job, failed(job, str(error))
            except distributed.KilledWorker as error:
                yield job, failed(job, f"The workers that measured it ended: {error}")
            for more in islice(left, 1):
                finished.add(send(more, whole=elsewhere))
    finally:
        client.cancel([*going])
