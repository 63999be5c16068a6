"""Stock controls, each bound to a parameter of a prompt's text."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import Any

from mj_widgets.prompt.parse import Prompt, long_name, parse
from mj_widgets.prompt.rules import lint
from mj_widgets.prompt.template import groups
from mj_widgets.prompt.typed import set_parameter

OTHER = "other"  # what a choice holds when the text says what it does not offer
NEWEST = "8.2"  # the version that the service takes when nothing is said
NIJI = "niji 5"

_NUMBER = re.compile(r"(?a)\d+(\.\d+)?")
_INSIDE = "It stands inside braces: change it in the text."


class Field:
    """A control for a text, and what the others have in common.

    Parameters
    ----------
    control : Widget
        A stock one.
    flag : str
        What is written, without dashes.
    tip : str
        What it does, what it takes, and what it is when nothing is said.
    """

    def __init__(self, control: Any, flag: str, tip: str) -> None:
        self.control = control
        self.flag = flag
        self._tip = f"{tip} (--{flag})"
        self._name = control.description
        control.description_allow_html = True

    def read(self, prompt: Prompt, version: str) -> None:
        """Show what a text says, and whether its version takes the parameter."""
        shown = self._shown(prompt)
        with self.control.hold_sync():
            self._offer(prompt, version)
            if self._said(self.control.value) != self._said(shown):  # else somebody may be typing a space
                self.control.value = shown
            reason = rejected(version).get(self.flag) or (_INSIDE if _inside(prompt, self.flag) else "")
            self.control.disabled = bool(reason)
            self.control.tooltip = f"{reason} {self._tip}".strip()
            # Where there is a description, stock inputs show no tooltip.
            self.control.description = f'<span title="{escape(self.control.tooltip)}">{self._called(prompt)}</span>'

    def write(self, text: str) -> str:
        """Write what the control holds into a text that says something else; else the text stays.

        Raises
        ------
        ValueError
            It cannot be written.
        """
        same = self._said(self.control.value) == self._said(self._shown(parse(text)))
        return text if same else self._set(text)

    def _shown(self, prompt: Prompt) -> Any:
        """Give the value that the control takes for a text."""
        return prompt.get(self.flag, "")

    def _said(self, value: Any) -> str | None:
        """Give what is written for a value of the control; None for nothing."""
        return str(value).strip() or None

    def _set(self, text: str) -> str:
        return set_parameter(text, self.flag, self._said(self.control.value))

    def _called(self, prompt: Prompt) -> str:
        """Give the words beside the control."""
        del prompt
        return str(self._name)

    def _offer(self, prompt: Prompt, version: str) -> None:
        """Change what the control can show."""


class Choice(Field):
    """Some values that are common, and the default."""

    def __init__(self, control: Any, flag: str, tip: str, default: str, values: tuple[str, ...]) -> None:
        super().__init__(control, flag, tip)
        self._default = default
        self._values = values

    def _named(self, prompt: Prompt) -> str:
        """Give what the text says, as it is written here."""
        value = prompt.get(self.flag, "")
        return f"{float(value):g}" if _NUMBER.fullmatch(value) else value

    def _shown(self, prompt: Prompt) -> str:
        value = self._named(prompt)
        return value if value in self._values else "" if value in ("", self._default) else OTHER

    def _offer(self, prompt: Prompt, version: str) -> None:
        offered = [(f"{self._default} (default)", "")]
        offered += [(value, value) for value in self._values if allowed(self.flag, value, version)]
        shown = self._shown(prompt)
        if shown not in {value for _, value in offered}:
            offered.append((f"{OTHER}: {self._named(prompt)[:20]}", shown))
        if tuple(offered) != self.control.options:
            self.control.options = tuple(offered)


class Version(Choice):
    """The model, which two flags choose: ``--v`` and ``--niji``."""

    def _named(self, prompt: Prompt) -> str:
        niji, version = prompt.get("niji"), prompt.get("v")
        if niji is None:
            return _plain(version or "")
        return f"niji {niji}" + ("" if version is None else f" and {version}")

    def _set(self, text: str) -> str:
        value = self.control.value
        text = set_parameter(text, "v", None if value == NIJI else self._said(value))
        return set_parameter(text, "niji", value.removeprefix("niji ") if value == NIJI else None)


class Scale(Field):
    """A number between two others."""

    def __init__(self, control: Any, flag: str, tip: str) -> None:
        super().__init__(control, flag, tip)
        self._default = control.value

    def _shown(self, prompt: Prompt) -> float:
        value = self._number(prompt)
        return self._default if value is None else value

    def _said(self, value: float) -> str | None:
        return None if value == self._default else f"{value:.10g}"

    def _called(self, prompt: Prompt) -> str:
        other = self.flag in prompt and self._number(prompt) is None
        return f"{self._name}: {OTHER}" if other else super()._called(prompt)

    def _number(self, prompt: Prompt) -> float | None:
        value = prompt.get(self.flag, "")
        number = float(value) if _NUMBER.fullmatch(value) else -1
        whole = isinstance(self._default, int)
        if not self.control.min <= number <= self.control.max or (whole and number != int(number)):
            return None
        return int(number) if whole else number


class Switch(Field):
    """A flag that is there or not."""

    def _shown(self, prompt: Prompt) -> bool:
        return self.flag in prompt

    def _said(self, value: bool) -> str | None:
        return "" if value else None


class Raw(Switch):
    """``--raw``, which older versions write as ``--style raw``."""

    def _shown(self, prompt: Prompt) -> bool:
        return super()._shown(prompt) or _is_raw(prompt)

    def _set(self, text: str) -> str:
        return super()._set(set_parameter(text, "style", None) if _is_raw(parse(text)) else text)


def version_of(prompt: Prompt) -> str:
    """Give the version that a text asks for, or the default; ``"niji"`` for all of them."""
    return "niji" if "niji" in prompt else _plain(prompt.get("v", "")) or NEWEST


@lru_cache(maxsize=100)
def rejected(version: str) -> dict[str, str]:
    """Say which flags a version does not take, and why, as the linter has it.

    Examples
    --------
    >>> rejected("7")["hd"], "iw" in rejected("7")
    ('Only V8 and later are told to take --hd; elsewhere it may be refused.', False)
    """
    model = "--niji 5" if version == "niji" else f"--v {version}"
    tried = {flag: lint(f"x {model} --{flag} {value}") for flag, value in {"q": "1", "iw": "1", "hd": ""}.items()}
    return {flag: found.message for flag, findings in tried.items() for found in findings if found.rule == _REJECTS[flag]}


_REJECTS = {"q": "quality-version", "iw": "iw-version", "hd": "hd-version"}


@lru_cache(maxsize=1000)
def allowed(flag: str, value: str, version: str) -> bool:
    """Whether a version is told to take a value; only of quality is anything told.

    Examples
    --------
    >>> allowed("q", "4", "8"), allowed("q", "4", "8.2")
    (True, False)
    """
    return flag != "q" or not any(found.rule == "quality" for found in lint(f"x --v {version} --q {value}"))


def _plain(version: str) -> str:
    return version.lower().removeprefix("v").removesuffix(".0")


def _is_raw(prompt: Prompt) -> bool:
    return prompt.get("style", "").lower() == "raw"


def _inside(prompt: Prompt, flag: str) -> bool:
    """Whether a flag stands in a group, or holds a part of one."""
    spans = [found.span for found in prompt.parameters if found.name == long_name(flag)]
    around = groups(prompt.text) if spans else ()
    return any(
        left < end and start < right and not start <= left < right <= end for left, right in around for start, end in spans
    )
