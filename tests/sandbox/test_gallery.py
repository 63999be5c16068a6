from __future__ import annotations

import threading
from io import BytesIO

import anyio
import pytest
from PIL import Image

from mj_widgets.sandbox.actions import generate
from mj_widgets.sandbox.gallery import Gallery
from mj_widgets.sandbox.prompts import read_prompt

GRID = generate(read_prompt("a fox in snow"), 1, "8.2")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _size(data: bytes) -> tuple[str | None, tuple[int, int]]:
    with Image.open(BytesIO(data)) as picture:
        return picture.format, picture.size


@pytest.mark.anyio
async def test_it_gives_a_picture_in_all_its_forms() -> None:
    gallery = Gallery(lambda _: b"")
    assert _size(await gallery.full(GRID, half=False)) == ("PNG", (1024, 1024))
    assert _size(await gallery.full(GRID, half=True)) == ("PNG", (512, 512))
    assert _size(await gallery.tile(GRID, 2)) == ("PNG", (512, 512))
    assert _size(await gallery.preview(GRID.preview(), 40, half=False)) == ("WEBP", (512, 512))
    assert _size(await gallery.preview(GRID.preview(), 40, half=True)) == ("WEBP", (256, 256))


@pytest.mark.anyio
async def test_what_was_drawn_lately_is_not_drawn_again() -> None:
    gallery = Gallery(lambda _: b"")
    first = await gallery.full(GRID, half=False)
    assert await gallery.full(GRID, half=False) is first


@pytest.mark.anyio
async def test_the_event_loop_turns_while_it_draws() -> None:
    gallery, turns, done = Gallery(lambda _: b""), 0, threading.Event()

    async def turn() -> None:
        nonlocal turns
        while not done.is_set():
            turns += 1
            await anyio.sleep(0.005)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(turn)
        await gallery.full(GRID, half=False)
        done.set()
    assert turns > 3
