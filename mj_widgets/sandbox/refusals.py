"""What can go wrong before anything is accepted: faults as those in `mishaps`."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from email.utils import formatdate
from time import time
from typing import ClassVar

from mj_widgets.sandbox.mishaps import Call, HangUpError, Mishap, Reply
from mj_widgets.sandbox.replies import failure

REFUSALS = {
    "400": (400, "bad_request", "Unrecognized argument(s): `--arr`"),
    "401": (401, "invalid_token", "token is wrong"),
    "403": (403, "disabled", "the application is disabled"),
    "404": (404, "no_api", "no API matches"),
    "413": (413, "content_too_large", "the request is too large"),
    "429": (429, "too_many_requests", "rate limit exceeded"),
    "500": (500, "api_error", "fetch failed"),
    "502": (502, "", "bad gateway"),
    "503": (503, "upstream_error", "upstream is down"),
    "bad_token": (401, "invalid_token", "token is wrong"),
    "moderated": (403, "forbidden", "prompt refused by moderation"),
    "used_up": (403, "used_up", "balance not sufficient"),
}


@dataclass
class Refused(Mishap):
    """It is refused with an error, and nothing is made (service notes 4: the table of errors; 10: the envelopes).

    Under its own names: ``400`` bad_request, ``401`` or ``bad_token``, ``403`` disabled, ``404`` no_api, ``413``, ``429``
    (6.3: limits), ``500`` and ``503`` before accepting, ``502`` with an error that is a bare string, ``moderated`` (403
    forbidden), and ``used_up`` (403, not 402). For a file it is what a picture host says, which is no JSON (6.6).

    Attributes
    ----------
    retry_after : float or None
        Seconds for a ``Retry-After`` header.
    http_date : bool
        Whether that header is a date, and not seconds.
    status, code, message
        In place of those that belong to the name.
    """

    main: ClassVar[str] = "retry_after"
    name: str = "500"
    retry_after: float | None = None
    http_date: bool = False
    status: int = 0
    code: str = ""
    message: str = ""

    def instead(self, call: Call) -> Reply:
        """Refuse."""
        status, code, message = REFUSALS[self.name]
        status, code, message = self.status or status, self.code or code, self.message or message
        trace_id = str(uuid.uuid4())
        if call.is_file:
            reply = Reply(status, b"<Error><Code>Refused</Code></Error>", {"content-type": "application/xml"})
        else:
            told = failure(code, message, trace_id) if code else {"error": message}
            reply = Reply(status, json.dumps(told).encode(), {"content-type": "application/json", "x-trace-id": trace_id})
        if self.retry_after is not None:
            date = formatdate(time() + self.retry_after, usegmt=True)
            reply.headers["retry-after"] = date if self.http_date else f"{self.retry_after:g}"
        return reply


@dataclass
class Html(Mishap):
    """A page in HTML stands in for the answer; for a file with status 200 (service notes 4: bodies that are no JSON)."""

    main: ClassVar[str] = "status"
    status: int = 0

    def instead(self, call: Call) -> Reply:
        """Show the page."""
        page = b"<!DOCTYPE html><html><head><title>Gateway</title></head><body><h1>Sorry</h1></body></html>"
        return Reply(self.status or (200 if call.is_file else 502), page, {"content-type": "text/html; charset=utf-8"})


@dataclass
class Drop(Mishap):
    """The connection is closed before anything is accepted, and nothing is said (service notes 4: ambiguous failures).

    Attributes
    ----------
    reset : bool
        Whether it is reset, and not merely closed.
    """

    reset: bool = False

    def instead(self, call: Call) -> Reply | None:
        """Hang up."""
        del call
        raise HangUpError(reset=self.reset)


@dataclass
class Redirect(Mishap):
    """It is sent elsewhere with a 307, by default to an address of this sandbox where it is answered properly.

    The service is not known to redirect; gateways do (service notes 13.20: what is undocumented).

    Attributes
    ----------
    to : str
        Another address: one of another host must not be given the token.
    status : int
        Another status.
    """

    to: str = ""
    status: int = 307

    def instead(self, call: Call) -> Reply:
        """Point to the other address."""
        query = f"?{call.query}" if call.query else ""
        return Reply(self.status, b"", {"location": self.to or f"/sandbox/moved{call.path}{query}"})


@dataclass
class Empty(Mishap):
    """A look-up answers with an empty object, whatever was asked (service notes 2.6: unknown, not yours, or purged).

    Attributes
    ----------
    null : bool
        Whether it is JSON's null, and not ``{}``.
    """

    null: bool = False

    def instead(self, call: Call) -> Reply:
        """Say nothing in JSON."""
        del call
        return Reply(200, b"null" if self.null else b"{}")


@dataclass
class Unknown(Mishap):
    """A look-up does not know the tasks: ``{}`` for one, and no items for many (service notes 2.6: missing ids are absent)."""

    def instead(self, call: Call) -> Reply:
        """Find nothing."""
        many = b'"retrieve_batch"' in call.body
        return Reply(200, b'{"items": [], "count": 0}' if many else b"{}")
