"""A Jupyter control for Midjourney: prompt, live progress, grids, actions, and the lineage of every picture.

>>> import mj_widgets as mj
>>> sorted(mj.__all__) == mj.__all__
True
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from mj_widgets import errors, sandbox
    from mj_widgets.api.client import Client
    from mj_widgets.api.policy import Limits
    from mj_widgets.models import EditRequest, Image, ImageRef, ImagineRequest, Outcome, Status, TextRequest, VideoRequest
    from mj_widgets.prompt.pricing import Price
    from mj_widgets.prompt.template import expand
    from mj_widgets.session.generation import Generation
    from mj_widgets.session.loop import run
    from mj_widgets.session.mask import Mask
    from mj_widgets.session.session import Session
    from mj_widgets.sweep.axis import axis
    from mj_widgets.sweep.design import Sweep
    from mj_widgets.widgets.compare import compare
    from mj_widgets.widgets.mask import MaskPainter
    from mj_widgets.widgets.sheet import contact_sheet
    from mj_widgets.widgets.studio import Studio

__all__ = [
    "Client",
    "EditRequest",
    "Generation",
    "Image",
    "ImageRef",
    "ImagineRequest",
    "Limits",
    "Mask",
    "MaskPainter",
    "Outcome",
    "Price",
    "Session",
    "Status",
    "Studio",
    "Sweep",
    "TextRequest",
    "VideoRequest",
    "axis",
    "compare",
    "contact_sheet",
    "errors",
    "expand",
    "run",
    "sandbox",
]

__version__ = "0.1.0"

_HOME = {
    "Client": "api.client",
    "EditRequest": "models",
    "Generation": "session.generation",
    "Image": "models",
    "ImageRef": "models",
    "ImagineRequest": "models",
    "Limits": "api.policy",
    "Mask": "session.mask",
    "MaskPainter": "widgets.mask",
    "Outcome": "models",
    "Price": "prompt.pricing",
    "Session": "session.session",
    "Status": "models",
    "Studio": "widgets.studio",
    "Sweep": "sweep.design",
    "TextRequest": "models",
    "VideoRequest": "models",
    "axis": "sweep.axis",
    "compare": "widgets.compare",
    "contact_sheet": "widgets.sheet",
    "expand": "prompt.template",
    "run": "session.loop",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for (PEP 562), so that importing the package costs next to nothing."""
    if name in _HOME:
        value = getattr(import_module(f"mj_widgets.{_HOME[name]}"), name)
    elif name in __all__:
        value = import_module(f"mj_widgets.{name}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Add ``%mj`` and ``%%mj``, for ``%load_ext mj_widgets``."""
    from mj_widgets import magics

    magics.load(shell)


if "IPython" in sys.modules:  # in a notebook our handles draw themselves
    from mj_widgets import display

    display.register()

if "marimo" in sys.modules:
    from mj_widgets import display

    display.register_in_marimo()
