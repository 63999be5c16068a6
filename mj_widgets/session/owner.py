"""Who has a session's folder open: a file that is locked for as long as its process lives."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout


class Owner:
    """One open session. The operating system lets the lock go when the process dies, however it dies.

    Parameters
    ----------
    folder : Path
        Where the locked files are.

    Attributes
    ----------
    name : str
        Tells it from the others.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self.name = secrets.token_hex(8)
        self._lock = self._lock_of(self.name)
        self._lock.acquire()

    def close(self) -> None:
        """Let go."""
        self._lock.release(force=True)
        with suppress(OSError):  # another process may look at it just now
            self._path_of(self.name).unlink()

    def is_gone(self, name: str) -> bool:
        """Tell whether another owner has let go, or died; what it left is cleared away."""
        if not self._path_of(name).exists():
            return True
        lock = self._lock_of(name)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return False
        lock.release()
        with suppress(OSError):
            self._path_of(name).unlink()
        return True

    def _path_of(self, name: str) -> Path:
        return self._folder / f"{name}.lock"

    def _lock_of(self, name: str) -> FileLock:
        return FileLock(self._path_of(name), is_singleton=False, thread_local=False)
