"""What the sandbox answers: the service's JSON, in all the shapes that were seen of it (service notes 2.1, 2.6, 4, 10).

The shapes differ on purpose, by job and always alike for one job, as they differ at the real service. A client that
reads all of the sandbox's replies has met them.
"""

from __future__ import annotations

from typing import Any

from mj_widgets.sandbox.actions import offered
from mj_widgets.sandbox.dice import mix
from mj_widgets.sandbox.jobs import Job, image_id
from mj_widgets.sandbox.ledger import credits_for

THUMBNAIL = "imageMogr2/thumbnail/!50p"
"""The query that halves a picture. The real one is compared byte for byte, and so is ours."""

_DAY = 24 * 3600
_SAID = {  # while it is drawn; edits have no actions, and clips no id of a picture either
    "edits": frozenset(
        ("image_url", "image_width", "image_height", "image_id", "raw_image_url", "raw_image_width", "raw_image_height",
         "progress", "task_id", "success")
    ),
    "videos": frozenset(("image_url", "image_width", "image_height", "progress", "task_id", "success")),
}  # fmt: skip


def accepted(job: Job) -> dict[str, Any]:
    """Answer an asynchronous order."""
    return {"task_id": job.id, "success": True}


def failure(code: str, message: str, trace_id: str) -> dict[str, Any]:
    """Describe an error; some of them say ``success: false`` as well."""
    said = {"success": False} if mix(trace_id, "success") % 2 else {}
    return {**said, "error": {"code": code, "message": message}, "trace_id": trace_id}


def result(job: Job, line: int, base: str) -> dict[str, Any]:
    """Describe a job as one line of its stream does.

    Parameters
    ----------
    line : int
        Which one, of `Job.lines`.
    base : str
        Where this sandbox is reached: ``http://host:port``.
    """
    if line < len(job.lines) - 1:
        preview = _preview(job, line, base)
        return {name: told for name, told in preview.items() if name in _SAID.get(job.endpoint, preview)}
    if job.fate and job.fate.error:
        return {**failure(*job.fate.error, job.trace_id), "success": False, "task_id": job.id}
    if job.endpoint == "videos":
        return _clips(job, base)
    width, height = job.picture.size
    raw = f"{base}/midjourney/{job.id}.png"
    reply: dict[str, Any] = {
        "image_url": f"{raw}?{THUMBNAIL}",
        **_sizes(job, "image", width // 2, height // 2),
        "image_id": job.image_id,
        "raw_image_url": raw,
        **_sizes(job, "raw_image", width, height),
        "progress": 100,
        **({} if job.endpoint == "edits" else {"actions": _shuffled(job)}),
        "task_id": job.id,
        "success": True,
    }
    if job.request.get("split_images") and job.picture.kind == "grid":
        reply["sub_image_urls"] = [f"{base}/midjourney/{job.id}/0_{k}.png" for k in range(4)]
    if job.quirk("trace", 0.3):
        reply["trace_id"] = job.trace_id
    if job.quirk("extra", 0.3):
        reply |= {"cost": credits_for(job), "elapsed": round(job.duration, 3), "started_at": job.started_at}
    return reply


def _clips(job: Job, base: str) -> dict[str, Any]:
    width, height = job.picture.size
    return {
        "success": True,
        "task_id": job.id,
        "video_id": job.image_id,
        "progress": 100,
        "image_url": f"{base}/video/{job.id}/cover.png",
        **_sizes(job, "image", width, height),
        "video_urls": [f"{base}//video/{job.id}/0_{k}.mp4" for k in range(4)],
    }


def _preview(job: Job, line: int, base: str) -> dict[str, Any]:
    width, height = job.picture.preview().size
    place = f"{base}/attachments/{job.id}/{job.id[:8]}_grid_{line}.webp"
    raw, thumb = preview_queries(job, line)
    return {
        "image_url": f"{place}?{thumb}",
        **_sizes(job, "image", width // 2, height // 2),
        "image_id": image_id(job.id, line),
        "raw_image_url": f"{place}?{raw}",
        **_sizes(job, "raw_image", width, height),
        "progress": job.lines[line][1],
        "actions": [],
        "task_id": job.id,
        "success": True,
    }


def preview_queries(job: Job, line: int) -> tuple[str, str]:
    """Sign a preview's two URLs, the raw one and the thumbnail, as Discord did."""
    width, height = job.picture.preview().size
    issued = int(job.created_at)
    raw = f"ex={issued + _DAY:x}&is={issued:x}&hm={mix(job.id, 'signature', line):016x}&"
    return raw, f"{raw}width={width // 2}&height={height // 2}"


def _sizes(job: Job, prefix: str, width: int, height: int) -> dict[str, int | str]:
    as_text = job.quirk("sizes as text", 0.33)
    return {
        f"{prefix}_width": str(width) if as_text else width,
        f"{prefix}_height": str(height) if as_text else height,
    }


def _shuffled(job: Job) -> list[str]:
    names = offered(job.picture)
    turn = mix(job.id, "order") % len(names) if job.quirk("order", 0.3) else 0
    return names[turn:] + names[:turn]


def record(job: Job, now: float, base: str) -> dict[str, Any]:
    """Describe a job as ``/midjourney/tasks`` does, with things in it that are nobody's business."""
    told: dict[str, Any] = {
        "id": job.id,
        "type": job.endpoint,
        "trace_id": job.trace_id,
        "created_at": job.created_at,
        "request": {**job.request, "stream": False, "check_prompt": True, "trace_id": job.trace_id},
        "user_id": _invented(job, "user"),
        "actor_user_id": _invented(job, "user"),
        "application_id": _invented(job, "application"),
        "credential_id": _invented(job, "credential"),
        "api_id": _invented(job, "api"),
    }
    if job.quirk("email", 0.5):
        told["email"] = f"somebody-{mix(job.id) % 1000}@sandbox.invalid"
    line = job.line_at(now) if job.endpoint != "describe" or job.finished(now) else None
    if line is not None:
        told["started_at"] = job.started_at
        told["response"] = {"descriptions": list(job.texts)} if job.texts else result(job, line, base)
    elif job.quirk("null response", 0.5):
        told |= {"response": None, "started_at": None}
    if job.finished(now):
        told["finished_at"] = job.finished_at
        told["duration" if job.quirk("duration", 0.3) else "elapsed"] = round(job.finished_at - job.created_at, 3)
        told["response"] = {**told["response"], "job_id": _invented(job, "job"), "hold": False}
    elif job.quirk("null end", 0.5):
        told |= {"finished_at": None, "elapsed": None}
    return told


def _invented(job: Job, kind: str) -> str:
    digits = f"{mix('sandbox', kind, job.id if kind == 'job' else ''):016x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-8000-{digits[:12]}"


def unknown(asked: str, trace_id: str) -> tuple[int, dict[str, Any] | None]:
    """Say that a task is not there, in one of the three ways that the service has: a status and a body."""
    ways: tuple[tuple[int, dict[str, Any] | None], ...] = (
        (200, {}),
        (200, None),
        (404, failure("not_found", "task not found", trace_id)),
    )
    return ways[mix("unknown task", asked) % 3]
