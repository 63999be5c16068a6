"""How the tests speak to a sandbox: real HTTP, and nothing of our own client."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.float32]


class Ask:
    """Asks one sandbox."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=30, trust_env=False, verify=False)  # noqa: S501 - it is no https, and reading certificates takes 30 ms

    def __enter__(self) -> Ask:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def imagine(self, prompt: str | None = None, **body: Any) -> dict[str, Any]:
        """Order a picture, and wait for the one reply."""
        reply = self.http.post("/midjourney/imagine", json={"prompt": prompt, **body})
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def act(self, action: str, source: dict[str, Any], **body: Any) -> dict[str, Any]:
        """Continue a picture."""
        return self.imagine(action=action, image_id=source["image_id"], **body)

    def stream(self, prompt: str | None = None, **body: Any) -> tuple[bytes, list[dict[str, Any]]]:
        """Order a picture; give the raw stream, and its lines."""
        headers = {"accept": "application/x-ndjson"}
        reply = self.http.post("/midjourney/imagine", json={"prompt": prompt, **body}, headers=headers)
        assert reply.status_code == 200, reply.text
        return reply.content, [json.loads(line) for line in reply.content.splitlines() if line]

    def refusal(self, path: str = "/midjourney/imagine", /, **body: Any) -> tuple[int, str, str]:
        """Ask for what is refused: the status, the code and the message."""
        reply = self.http.post(path, json=body)
        error = reply.json()["error"]
        assert reply.headers["x-trace-id"] == reply.json()["trace_id"]
        return reply.status_code, error["code"], error["message"]

    def tasks(self, **body: Any) -> Any:
        """Look tasks up."""
        reply = self.http.post("/midjourney/tasks", json=body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def picture(self, url: str) -> Image.Image:
        """Fetch a picture."""
        reply = self.http.get(url)
        assert reply.status_code == 200, url
        with Image.open(BytesIO(reply.content)) as opened:
            opened.load()
            return opened.copy()


def pixels(image: Image.Image) -> Pixels:
    """The picture's numbers, of shape (height, width, 3)."""
    return np.asarray(image, np.float32)


def apart(one: Pixels, other: Pixels) -> float:
    """How many of 255 levels two pictures differ on average, the corner with the mark left out."""
    height, width = one.shape[:2]
    seen = np.ones((height, width), bool)
    seen[int(0.84 * height) :, int(0.55 * width) :] = False
    return float(np.abs(one - other).mean(axis=2)[seen].mean())


def encoded(mask: Image.Image, kind: str = "PNG") -> str:
    """A mask as the service takes it."""
    file = BytesIO()
    mask.save(file, kind)
    return base64.b64encode(file.getvalue()).decode()
