"""What the text in the prompt box comes to: the prompts, what they cost, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import inf

from mj_widgets.errors import CapError
from mj_widgets.models import ImagineRequest, Mode, whole
from mj_widgets.prompt.parse import parse
from mj_widgets.prompt.pricing import PRICES, Estimate, Price, estimate, total
from mj_widgets.prompt.rules import RULES, Finding, lint
from mj_widgets.prompt.template import count, expand

LONGEST = 20_000  # characters that the box sends: reading more would hold up whoever types, and nobody is known to draw it
MANY = 50  # prompts; more must be asked for twice
MOST = 1000  # prompts
_WORK = 500_000  # characters of all prompts together
_READ = 100_000  # of these, in which mistakes are looked for
_SHOWN = 60  # characters of a prompt in a message


@dataclass(frozen=True)
class Plan:
    """What a click on Generate would do.

    Examples
    --------
    >>> plan = read("a {red, blue} fox", "fast")
    >>> plan.label, plan.prompts
    ('Generate 2 · ≈ 0.54 credits', ('a red fox', 'a blue fox'))
    >>> plan.code
    "[session.imagine(prompt, mode='fast') for prompt in mj.expand('a {red, blue} fox')]"
    """

    text: str
    mode: Mode
    prompts: tuple[str, ...] = ()
    """What is sent, each for itself; none when there is a refusal."""
    price: Estimate | None = None
    """For all of them; None when there are none."""
    findings: tuple[Finding, ...] = ()
    refusal: str = ""
    """Why nothing can be sent."""

    @property
    def cost(self) -> str:
        """The price in words."""
        return "cost not known" if self.price is None or self.price.credits is None else str(self.price)

    @property
    def label(self) -> str:
        """The words on the button."""
        number = len(self.prompts)
        return " · ".join(["Generate" if number <= 1 else f"Generate {number}", *[self.cost] * bool(number)])

    @property
    def code(self) -> str:
        """The line of Python that does it."""
        if len(self.prompts) == 1:
            return f"session.imagine({self.prompts[0]!r}, mode={self.mode!r})"
        return f"[session.imagine(prompt, mode={self.mode!r}) for prompt in mj.expand({self.text!r})]"

    def check(self, cap: float | None, held: float) -> None:
        """See to it that all of it may be sent, before the first is.

        Raises
        ------
        ValueError
            There is nothing to send.
        CapError
            All together they might pass the session's cap.
        """
        if self.refusal or self.price is None:
            raise ValueError(self.refusal)
        if len(self.prompts) == 1 or cap is None or held + self.price.at_most <= cap + 1e-9:  # sums of tenths are not exact
            return  # a single one is checked as it is stored
        number = f"these {len(self.prompts)}"
        cost = f"what {number} cost is not known" if self.price.at_most == inf else f"{number} may cost {self.price.at_most:g}"
        raise CapError(
            f"The session's cap is {cap:g} credits: {held:g} are spent or held, and {cost}. Nothing was sent. "
            "Take fewer, or raise the cap: session.cap = ..."
        )


def read(text: str, mode: Mode, *, prices: Iterable[Price] = PRICES) -> Plan:
    """Say what a text would do in a mode.

    Examples
    --------
    >>> read("a fox --turbo", "relax").refusal
    "The prompt says --turbo and mode says 'relax': drop one of them."
    >>> read("a fox --hd", "fast").label
    'Generate · cost not known'
    """
    if not text.strip():
        return Plan(text, mode, refusal="Say what to draw.")
    if len(text) > LONGEST:
        return _refused(
            text, mode, f"This is {len(text):,} characters long, and the box sends at most {LONGEST:,}: shorten it."
        )
    findings = lint(text, mode=mode)
    if reason := _why_none(text):
        return _refused(text, mode, reason, findings)
    prompts = expand(text)
    requests = []
    for prompt in prompts:
        parsed = parse(prompt)
        if not parsed.text:
            return _refused(text, mode, "The braces leave one of the prompts empty: say what to draw.", findings)
        if parsed.mode and parsed.mode != mode:
            reason = f"The prompt says --{parsed.mode} and mode says {mode!r}: drop one of them."
            return _refused(text, mode, reason, findings)
        requests.append(ImagineRequest(prompt=parsed.text, mode=mode))
    rows = tuple(prices)
    estimates = [estimate(request, prices=rows) for request in requests]
    findings = tuple(_mended(found, text) for found in findings)
    findings += _found_inside(prompts, mode, findings) if len(prompts) > 1 else ()
    return Plan(text, mode, prompts, estimates[0] if len(estimates) == 1 else total(estimates), findings)


def _why_none(text: str) -> str:
    """Say why nothing can be sent of a text, whatever its prompts are."""
    if not whole(text):
        return RULES["half-character"].message
    number = count(text)
    if number > MOST or number * len(text) > _WORK:
        told = f"{number:,}" if number < 10**6 else "over a million"
        return f"The braces stand for {told} prompts: too many to send from here. Drop a group."
    return ""


def _mended(found: Finding, text: str) -> Finding:
    """Mend by a flag what is the fault of the mode beside the text: the flag moves that."""
    if found.rule != "turbo-version" or found.fix is not None:
        return found
    return replace(found, fix=f"{parse(text)} --fast", fix_label="Take fast")


def _refused(text: str, mode: Mode, reason: str, findings: tuple[Finding, ...] = ()) -> Plan:
    told = any(found.rule in ("mode-conflict", "half-character") for found in findings)  # with a fix
    return Plan(
        text, mode, findings=findings if told else (Finding("error", reason, (0, 0), "refused"), *findings), refusal=reason
    )


def _found_inside(prompts: tuple[str, ...], mode: Mode, known: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Find what is wrong with single prompts, where the text as a whole does not show it: flags may stand in a group."""
    seen = {(found.rule, found.message) for found in known}
    inside = []
    for prompt in prompts[: min(MANY, _READ // max(map(len, prompts)))]:
        for found in lint(prompt, mode=mode):
            if found.level == "error" and (found.rule, found.message) not in seen:
                seen.add((found.rule, found.message))
                short = prompt if len(prompt) <= _SHOWN else f"{prompt[:_SHOWN]}…"
                inside.append(Finding("error", f"In “{short}”: {found.message}", (0, 0), found.rule))
    return tuple(inside)
