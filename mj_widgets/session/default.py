"""Whom a session speaks to when nobody says."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from mj_widgets import sandbox
from mj_widgets.api.client import Client
from mj_widgets.errors import TOKEN_VARIABLE

SPEED_VARIABLE = "MJ_SANDBOX_SPEED"  # how fast the embedded sandbox's clock goes; 1 is the normal pace
SHRINK_VARIABLE = "MJ_SANDBOX_SHRINK"  # by how much it divides the width and height of its pictures: 1, 2 or 4

_lock = threading.Lock()
_sandboxes: dict[Path, str] = {}


def default_client(root: Path) -> Client:
    """Speak to the service where there is a token, else to a sandbox that keeps its jobs beside the sessions."""
    if os.environ.get(TOKEN_VARIABLE, "").strip():
        return Client()
    return Client("", base_url=_embedded_sandbox(root), poll_every=0.5)


def _embedded_sandbox(root: Path) -> str:
    """Serve one sandbox for all sessions below a folder, until the process ends."""
    with _lock:
        if root not in _sandboxes:
            speed = float(os.environ.get(SPEED_VARIABLE) or 1)
            shrink = int(os.environ.get(SHRINK_VARIABLE) or 1)
            state = root / ".sandbox.sqlite3"
            _sandboxes[root] = sandbox.serve(speed=speed, shrink=shrink, state=state).__enter__()
        return _sandboxes[root]
