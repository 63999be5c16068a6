from __future__ import annotations

import sys


def show(what: str, ratio: float, target: str, detail: str) -> None:
    """Print one ratio, with what was hoped for and what it is made of."""
    sys.stdout.write(f"{what}: {ratio:.2f}x (target {target}; {detail})\n")
    sys.stdout.flush()
