"""What the service would have billed: one entry for each job that succeeded, and for each text that was given.

Only success is charged: what is refused, moderated, fails, or never ends is free (service notes, 6.5); an answer that was
lost on its way is not, if its job succeeded. Nobody keeps this ledger: it is read off the jobs and the clock, so a
restart loses nothing of it.
"""

from __future__ import annotations

from typing import Any

from mj_widgets.sandbox.jobs import Job, JobBook

_GRID = 0.27  # credits; measured: a fast V8.2 grid
_USD = 0.0952  # a credit
_CREDITS = {"edits": round(0.025 / _USD, 2), "videos": round(0.10 / _USD, 2), "describe": 0.18}
_TEXTS = {"shorten": 0.18, "translate": 0.18}  # that of translate is invented; a seed costs nothing
_UPSCALE = round(0.005 / _USD, 2)
_MODES = {"fast": 1.0, "relax": 0.5, "turbo": 2.0}  # invented: all that is known is that relax is cheaper and turbo dearer
_ALPHA = 4.0  # V8.0: each of hd, quality 4, and references
_HD_81 = 1.3 / 0.8  # V8.1, by GPU minutes


def credits_for(job: Job) -> float:
    """Price a job, in credits, by what is known of the service's prices (service notes, 6.5)."""
    request = job.request
    times = _MODES[str(request.get("mode", "fast"))]
    if job.endpoint != "imagine":
        return round(_CREDITS[job.endpoint] * times, 2)
    version, hd = job.picture.version, bool(request.get("hd"))
    if "upscale" in str(request["action"]):
        return round(_UPSCALE * times, 2)
    if version in ("8", "8.0"):
        dearer = (hd, request.get("quality") == "4", bool(request.get("style_reference") or request.get("moodboard")))
        times *= _ALPHA ** sum(dearer)
    elif version == "8.1" and hd:
        times *= _HD_81
    return round(_GRID * times, 2)


def read_ledger(book: JobBook) -> list[dict[str, Any]]:
    """Give the ledger, as of now.

    Parameters
    ----------
    book : JobBook
        Where the jobs are.

    Returns
    -------
    list of dict
        Oldest charge first: ``task_id`` (None for a text, which has none), ``type`` (the endpoint), ``action``, ``prompt``
        (or what else was asked about), ``created_at`` and ``billed_at`` in Unix seconds, and ``credits``.
    """
    now = book.clock()
    entries = [_entry(job) for job in book.everything() if job.succeeded(now)]
    for at, endpoint, request in book.texts():
        told = {"type": endpoint, "action": endpoint, "prompt": _asked(request), "created_at": at, "billed_at": at}
        entries.append({"task_id": None, **told, "credits": _TEXTS[endpoint]})
    return sorted(entries, key=lambda entry: (entry["billed_at"], str(entry["task_id"])))


def _entry(job: Job) -> dict[str, Any]:
    return {
        "task_id": job.id,
        "type": job.endpoint,
        "action": str(job.request.get("action", job.endpoint)),
        "prompt": _asked(job.request),
        "created_at": job.created_at,
        "billed_at": job.finished_at,
        "credits": credits_for(job),
    }


def _asked(request: dict[str, Any]) -> str:
    return next((str(request[name]) for name in ("prompt", "content", "image_url") if request.get(name)), "")
