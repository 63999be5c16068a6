"""What can go wrong.

::

    MJError
      APIError                    the service was not reached, or refused
        TransportError            no answer
        StatusError               not 2xx
          AuthenticationError     the token is missing, wrong, expired, or for another service
          BalanceError            the credits are used up
          ModerationError         the prompt or the picture was refused
          DisabledError           the service is not there for this token
          RateLimitError          too many requests
        ResponseError             a 2xx that cannot be understood
      GenerationError             the generation failed; it is on ``.generation``
      WaitTimeoutError            we stopped waiting; the generation goes on
      SessionError                the folder is locked, damaged, or from a newer version
      CapError                    the session's cap would be passed

What was typed wrong is a ``ValueError`` or a ``TypeError``. Codes that are not known stay a `StatusError` that keeps
them: the service invents new ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation

TOKEN_VARIABLE = "ACEDATACLOUD_API_TOKEN"  # noqa: S105 - the name of a variable, not a token

_LIMITS_HINT = "Wait a little: the limits are five at a time and one a second; a full relax queue says this too."
_BALANCE_HINT = "Top up the credits, then send it again. This one cost nothing."
_WAIT_HINT = "The service stopped waiting; the picture may still come. It is not sent again by itself."
_FIRST_OWN_FAULT = 500
_STOPS = tuple(".!?…:;")


def sentences(*parts: str) -> str:
    """Put what was said one after the other; between them, the service leaves out full stops."""
    *before, last = [part.strip() for part in parts if part.strip()] or [""]
    return " ".join([*(part if part.endswith(_STOPS) else f"{part}." for part in before), last])


def hint_for(code: str | None, status_code: int | None = None) -> str:
    """Say what to do about a code of the service, in a sentence; empty when nothing is known of it."""
    known = _known(code, status_code)
    if known:
        return _CODES[known][1]
    own_fault = (status_code or 0) >= _FIRST_OWN_FAULT
    return "The service has a problem of its own; try again later." if own_fault else ""


def status_error(message: str, *, status_code: int, code: str | None, **details: Any) -> StatusError:
    """Choose the class by the service's code, or else by the status, and add the hint."""
    known = _known(code, status_code)
    cls = _CODES[known][0] if known else StatusError
    return cls(message, status_code=status_code, code=code, hint=hint_for(code, status_code), **details)


def _known(code: str | None, status_code: int | None) -> str | None:
    by_status = {401: "invalid_token", 402: "used_up", 429: "too_many_requests"}
    return code if code in _CODES else by_status.get(status_code or 0)


class MJError(Exception):
    """The base of every error of this package."""


class APIError(MJError):
    """The service was not reached, or refused.

    Attributes
    ----------
    candidates : tuple of str
        Task ids that a submit of unknown fate may have been given, where there are several.
    """

    candidates: tuple[str, ...] = ()


class TransportError(APIError):
    """No answer: no connection, a timeout, a broken stream.

    Attributes
    ----------
    sent : bool
        False when no connection was made, so that nothing can have been charged.
    """

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class StatusError(APIError):
    """The service answered with a status that is not 2xx.

    Attributes
    ----------
    status_code : int
        The HTTP status.
    code, trace_id : str or None
        The service's own code, and the id to quote to its support.
    hint : str
        What to do about it; empty when nothing is known of the code.
    retry_after : float or None
        Seconds that the service asks us to wait.
    """

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        code: str | None = None,
        trace_id: str | None = None,
        hint: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(sentences(message, hint))
        self.message = message
        self.status_code = status_code
        self.code = code
        self.trace_id = trace_id
        self.hint = hint
        self.retry_after = retry_after


class AuthenticationError(StatusError):
    """The token is missing, wrong, expired, or for another service."""


class BalanceError(StatusError):
    """The credits are used up."""


class ModerationError(StatusError):
    """The prompt or the picture was refused."""


class DisabledError(StatusError):
    """The service is not there for this token."""


class RateLimitError(StatusError):
    """Too many requests, or a full relax queue."""


class ResponseError(APIError):
    """A 2xx that cannot be understood."""


class GenerationError(MJError):
    """The generation failed.

    Attributes
    ----------
    generation : Generation
        The one that failed, with the service's words on ``generation.error``.
    """

    def __init__(self, message: str, *, generation: Generation) -> None:
        super().__init__(message)
        self.generation = generation


class WaitTimeoutError(MJError):
    """We stopped waiting; the generation goes on."""


class SessionError(MJError):
    """The session's folder is locked, damaged, closed, or from a newer version."""


class CapError(MJError):
    """The session's cap would be passed."""


_CODES: dict[str, tuple[type[StatusError], str]] = {
    "bad_request": (StatusError, "Check the prompt's parameters; the message names the one that was refused."),
    "no_token": (AuthenticationError, f"Set {TOKEN_VARIABLE} to your API token."),
    "token_mismatched": (AuthenticationError, "This token belongs to another service: make one for Midjourney."),
    "invalid_token": (AuthenticationError, f"Check {TOKEN_VARIABLE}: the service does not know this token."),
    "token_expired": (AuthenticationError, f"Make a new token and set {TOKEN_VARIABLE}."),
    "used_up": (BalanceError, _BALANCE_HINT),
    "insufficient_balance": (BalanceError, _BALANCE_HINT),
    "forbidden": (ModerationError, "The moderators refused it: change the words or the picture. It cost nothing."),
    "disabled": (DisabledError, "The token or its application is disabled: see the service's console."),
    "not_applied": (DisabledError, "Apply for the Midjourney service in the console first."),
    "no_api": (DisabledError, "The service is not at this address: check ACEDATACLOUD_API_BASE_URL."),
    "api_not_implemented": (DisabledError, "The service does not offer this call."),
    "content_too_large": (StatusError, "The request is too big: use a smaller mask or picture."),
    "too_many_requests": (RateLimitError, _LIMITS_HINT),
    "rate_limited": (RateLimitError, _LIMITS_HINT),
    "api_error": (StatusError, "The service, or the one behind it, failed. It costs nothing; try again later."),
    "timeout": (StatusError, _WAIT_HINT),
    "gateway_timeout": (StatusError, _WAIT_HINT),
    "upstream_timeout": (StatusError, _WAIT_HINT),
}
