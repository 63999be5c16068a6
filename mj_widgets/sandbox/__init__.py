"""A stand-in for the service, on this machine and without a token.

It speaks the service's language, awkward shapes included, over real HTTP, and draws simple landscapes in its place::

    with mj.sandbox.serve() as url:
        client = mj.Client(base_url=url)

It is written from the service's description, not from our client: two ends that shared code would share its mistakes.
Read `server` for the door, `app` for what is answered, `orders` for what is refused, `jobs` for what is remembered,
`actions` for what can be done to a picture, `scenery` for what is drawn, `faults` for what can be made to go wrong, and
`ledger` for what would have been billed. Importing this loads none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mj_widgets.sandbox.server import Sandbox, serve

__all__ = ["Sandbox", "serve"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("mj_widgets.sandbox.server"), name)


def __dir__() -> list[str]:
    return __all__
