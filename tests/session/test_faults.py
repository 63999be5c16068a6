"""Whatever goes wrong, in whatever order: the session and what the sandbox would have billed agree."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from contextlib import suppress

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

import mj_widgets as mj
from mj_widgets.errors import MJError
from mj_widgets.models import Status

ON_SUBMIT = (
    *(
        "429",
        "500",
        "502",
        "500_after",
        "504",
        "lost",
        "drop",
        "html",
        "empty",
        "redirect",
        "used_up",
        "moderated",
        "bad_token",
    ),
    *("cut", "failed", "moderated_late", "two_finals", "garbage", "keepalive", "gzip", "backwards", "unicode", "truncated"),
)
ON_LOOK_UP = ("429", "500", "drop", "empty", "html", "outage")
OUTAGE = {"fault": "429", "retry_after": 0.01, "times": 12}  # longer than one look-up is repeated
ON_PICTURE = ("404", "403", "500", "truncated", "html", "drop", "expired")


class Faults(RuleBasedStateMachine):
    """Makes, continues, stops and reopens, while the service misbehaves."""

    @initialize()
    def begin(self) -> None:
        self.numbers = itertools.count()
        self.folder = tempfile.TemporaryDirectory()
        self.serving = mj.sandbox.serve(speed=0, shrink=4)
        self.url = self.serving.__enter__()
        self.open()

    def open(self) -> None:
        limits = mj.Limits(in_flight=5, per_second=None)
        client = mj.Client("", base_url=self.url, poll_every=0.02, patience=2.0, limits=limits)
        self.session = mj.Session("faults", root=self.folder.name, client=client)

    def ask(self, *faults: dict[str, object]) -> None:
        httpx.post(f"{self.url}/sandbox/faults", json=list(faults)).raise_for_status()

    @rule(
        faults=st.lists(st.sampled_from(ON_SUBMIT), max_size=2, unique=True),
        look_up=st.none() | st.sampled_from(ON_LOOK_UP),
        picture=st.none() | st.sampled_from(ON_PICTURE),
        byte=st.integers(0, 900),
    )
    def imagine(self, faults: list[str], look_up: str | None, picture: str | None, byte: int) -> None:
        prompt = f"a fox in place {next(self.numbers)}"
        for fault in faults:
            options = {"byte": byte} if fault == "cut" else {"retry_after": 0.01} if fault == "429" else {}
            self.ask({"on": "submit", "fault": fault, "match": prompt, **options})
        if look_up:
            self.ask({"on": "tasks"} | (OUTAGE if look_up == "outage" else {"fault": look_up}))
        if picture:
            self.ask({"on": "picture", "fault": picture})
        with suppress(MJError):
            self.session.imagine(prompt).result(20)

    @rule(fault=st.none() | st.sampled_from(ON_SUBMIT))
    def continue_one(self, fault: str | None) -> None:
        made = [gen for gen in self.session.generations if gen.image and gen.image.path and gen.is_grid and not gen.children]
        if not made:
            return
        if fault:
            self.ask({"on": "submit", "fault": fault})
        with suppress(MJError):
            made[0].upscale(1).result(20)

    @rule()
    def stop_one(self) -> None:
        gen = self.session.imagine(f"a wolf in place {next(self.numbers)}")
        gen.stop()

    @rule()
    def reopen(self) -> None:
        self.session.imagine(f"a cat in place {next(self.numbers)}")
        self.session.close()
        self.open()

    def teardown(self) -> None:
        if not hasattr(self, "session"):
            return
        try:
            self.settle()
            self.compare()
        finally:
            self.session.close()
            self.serving.__exit__(None, None, None)
            self.folder.cleanup()

    def settle(self) -> None:
        """Let the service behave again, and see everything that was sent to its end."""
        httpx.delete(f"{self.url}/sandbox/faults").raise_for_status()
        self.session.close()
        self.open()
        for gen in self.session.generations:
            lost = gen.image is not None and gen.image.path is None
            if lost or (gen.status in (Status.STOPPED, Status.UNCONFIRMED) and gen.outcome.sent_at is not None):
                gen.resume()
        for gen in self.session.generations:
            with suppress(MJError):
                gen.result(20)

    def compare(self) -> None:
        billed = Counter(entry["task_id"] for entry in httpx.get(f"{self.url}/sandbox/ledger").json())
        owned = Counter(gen.task_id for gen in self.session.generations if gen.image and gen.image.path)
        assert owned == billed, [*self.session.generations]
        assert set(owned.values()) <= {1}


TestFaults = Faults.TestCase
TestFaults.settings = settings(
    max_examples=12,
    stateful_step_count=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
TestFaults.pytestmark = [pytest.mark.filterwarnings("default::ResourceWarning")]
