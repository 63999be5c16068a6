"""Where each picture came from."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from mj_widgets.prompt.parse import parse
from mj_widgets.session.layout import Place, lay_out

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation
    from mj_widgets.session.session import Session

_LINES = 40  # of text that a repr has at most
_WIDTH = 100  # characters of one


class Lineage:
    """The family of a session's pictures: each generation has at most one parent, and any number of children.

    In a notebook it draws itself as a graph that one can walk; its text is a tree.

    Parameters
    ----------
    session : Session
        Whose generations are meant.
    """

    def __init__(self, session: Session) -> None:
        self.session = session

    def __repr__(self) -> str:
        parents = self.parents
        children: dict[Generation | None, list[Generation]] = {}
        for gen, parent in parents.items():
            children.setdefault(parent, []).append(gen)
        roots = children.get(None, [])
        lines: list[str] = []
        waiting = deque((root, "", "") for root in roots)  # each with what stands before it, and before what came from it
        while waiting and len(lines) < _LINES:
            gen, before, below = waiting.popleft()
            lines.append(_line(gen, before))
            born = children.get(gen, [])
            ends = [("├─ ", "│  ")] * (len(born) - 1) + [("└─ ", "   ")]
            branches = [(child, below + joint, below + bar) for child, (joint, bar) in zip(born, ends, strict=False)]
            waiting.extendleft(reversed(branches))
        left = len(parents) - len(lines)
        head = f"<Lineage of {self.session.name!r}: {_counted(len(parents), 'generation')}, {_counted(len(roots), 'root')}>"
        return "\n".join([head, *lines, *([f"… and {left} more"] if left else [])])

    @property
    def roots(self) -> tuple[Generation, ...]:
        """Those that came from a prompt alone, oldest first."""
        return tuple(gen for gen in self.session.generations if gen.parent is None)

    @property
    def parents(self) -> dict[Generation, Generation | None]:
        """The parent of each, oldest first; of the deleted ones, those from which something came that is still here.

        Examples
        --------
        >>> grid = session.imagine("a fox").result()
        >>> single = grid.upscale(1)
        >>> session.lineage.parents == {grid: None, single: grid}
        True
        """
        found = {gen: gen.parent for gen in self.session.generations}
        waiting = [parent for parent in found.values() if parent is not None and parent not in found]
        for gen in waiting:
            parent = found.setdefault(gen, gen.parent)
            if parent is not None and parent not in found:
                waiting.append(parent)
        return {gen: found[gen] for gen in sorted(found, key=attrgetter("created_at", "id"))}

    def layout(self, folded: Collection[Generation] = ()) -> dict[Generation, Place]:
        """Place each for a drawing: its column, and its row; see `mj_widgets.session.layout`.

        Parameters
        ----------
        folded : collection of Generation
            Those whose descendants are not shown.

        Examples
        --------
        >>> grid = session.imagine("a fox").result()
        >>> made = grid.upscale(1), grid.upscale(2)
        >>> [tuple(place) for place in session.lineage.layout().values()]
        [(0, 0), (1, 0), (1, 1)]
        """
        return lay_out(self.parents, folded)

    def ancestors(self, gen: Generation) -> tuple[Generation, ...]:
        """Its parent, the parent's parent, and so on to the root.

        Examples
        --------
        >>> grid = session.imagine("a fox").result()
        >>> session.lineage.ancestors(grid.upscale(1)) == (grid,)
        True
        """
        found = []
        parent = gen.parent
        while parent is not None:
            found.append(parent)
            parent = parent.parent
        return tuple(found)

    def path(self, gen: Generation) -> tuple[Generation, ...]:
        """From the root to it, both included.

        Examples
        --------
        >>> grid = session.imagine("a fox").result()
        >>> single = grid.upscale(1)
        >>> session.lineage.path(single) == (grid, single)
        True
        """
        return (*reversed(self.ancestors(gen)), gen)

    def descendants(self, gen: Generation) -> tuple[Generation, ...]:
        """All that came from it, parents before children.

        Examples
        --------
        >>> grid = session.imagine("a fox").result()
        >>> single = grid.upscale(1)
        >>> session.lineage.descendants(grid) == (single,)
        True
        """
        return tuple(self._below(gen))

    def diff(self, a: Generation, b: Generation) -> dict[str, tuple[Any, Any]]:
        """Compare what was asked: words, parameters and settings that differ, each with the value of `a` and of `b`.

        Returns
        -------
        dict
            For example ``{"words": ("a fox", "a cat"), "stylize": ("50", None)}``; empty when nothing differs.

        Examples
        --------
        >>> session.lineage.diff(session.imagine("a fox --s 50"), session.imagine("a cat --s 50"))
        {'words': ('a fox', 'a cat')}
        """
        before, after = _asked(a), _asked(b)
        names = [*before, *(name for name in after if name not in before)]
        return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}

    def _below(self, gen: Generation) -> Iterator[Generation]:
        waiting = deque(gen.children)
        while waiting:
            child = waiting.popleft()
            yield child
            waiting.extend(child.children)


def _asked(gen: Generation) -> dict[str, Any]:
    prompt = parse(gen.prompt)
    asked: dict[str, Any] = {"words": prompt.words, "images": prompt.images}
    asked |= {parameter.name: parameter.value for parameter in prompt.parameters}
    settings = gen.request.model_dump(exclude={"prompt", "source", "mask"}, exclude_defaults=True)
    return asked | settings


def _line(gen: Generation, before: str) -> str:
    asked = gen.prompt if gen.parent is None or gen.request.action == "generate" else gen.request.action
    said = before + asked.replace("\n", " ")
    told = f" · {gen.status} · {gen.id}"
    return (said if len(said) + len(told) <= _WIDTH else f"{said[: _WIDTH - len(told) - 1]}…") + told


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
