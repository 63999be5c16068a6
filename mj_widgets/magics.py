"""``%mj`` and ``%%mj``: a picture from a line, or from a cell. Loaded by ``%load_ext mj_widgets``."""

# IPython's decorators carry no types.
# mypy: disable-error-code="no-untyped-call,untyped-decorator"

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from mj_widgets.session.session import Session

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from mj_widgets.session.generation import Generation

# The options stand in front. What follows is the prompt, word for word: it may hold quotes and flags of its own.
_OPTIONS = re.compile(r"\s*((?:(?:-w|--wait|(?:-m|--mode|-s|--session)(?:\s+|=)\S+)(?:\s+|$))*)(.*)", re.DOTALL)


@magics_class
class ImagineMagics(Magics):
    """The magics of this package."""

    @magic_arguments()
    @argument("-m", "--mode", choices=["fast", "relax", "turbo"], help="fast by default")
    @argument("-s", "--session", metavar="NAME", default="default", help="the session that keeps it, by default 'default'")
    @argument("-w", "--wait", action="store_true", help="wait until it is finished")
    @argument("prompt", nargs="?", help="what to draw, word for word; in %%%%mj it is the cell")
    @no_var_expand  # {a, b} and $ are Midjourney's, and the user's
    @line_cell_magic
    def mj(self, line: str, cell: str = "") -> Generation:
        """Make a picture: ``%mj a fox in snow --ar 3:2``.

        It returns the generation, which draws itself and goes on in the background::

            gen = %mj -m turbo a fox in snow
            await gen
        """
        match = _OPTIONS.fullmatch(line)
        assert match  # noqa: S101 - every part may be empty
        options = parse_argstring(self.mj, match[1])
        prompt = " ".join(filter(None, (match[2].strip(), cell.strip())))
        if not prompt:
            raise UsageError("%mj needs a prompt: %mj a fox in snow")
        generation = Session(options.session).imagine(prompt, mode=options.mode)
        return generation.result() if options.wait else generation


def load(shell: InteractiveShell) -> None:
    """Add the magics to a shell."""
    shell.register_magics(ImagineMagics)
