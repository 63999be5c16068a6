from __future__ import annotations

from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from pydantic import ValidationError

import mj_widgets as mj
from mj_widgets.models import Failure, Marks

SOURCE = mj.ImageRef(image_id="1490000000000009044", generation="g1", tile=2)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"prompt": ""}, "the prompt is empty"),
        ({"prompt": " \n "}, "the prompt is empty"),
        ({"prompt": "a fox", "mode": "slow"}, "fast"),
        ({"prompt": "a fox", "action": ""}, "action"),
        ({"action": "upscale2"}, "needs a source"),
        ({"prompt": "a fox", "aspect_ratio": "3:2"}, "aspect_ratio"),
        ({"prompt": "a fox", "timeout": 0}, "timeout"),
    ],
)
def test_what_is_wrong_is_named_before_anything_is_sent(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        mj.ImagineRequest(**fields)


def test_half_a_character_is_refused_with_its_place() -> None:
    for kind, named in [
        (mj.ImagineRequest, {"prompt": "a fox \ud83e"}),
        (mj.EditRequest, {"image_url": "https://cdn.example/x.png", "prompt": "a fox \udd8a"}),
        (mj.VideoRequest, {"image_url": "https://cdn.example/x.png", "prompt": "a fox \udd8a"}),
        (mj.TextRequest, {"action": "shorten", "content": "a fox \ud83e"}),
    ]:
        with pytest.raises(ValueError, match="character 7 is half of one.*take it out"):
            kind(**named)
    assert mj.ImagineRequest(prompt="a fox \U0001f98a").prompt == "a fox \U0001f98a"


def test_a_tile_is_one_of_four() -> None:
    with pytest.raises(ValidationError, match="tile"):
        mj.ImageRef(image_id="1", tile=5)


def test_values_are_frozen_and_equal_by_what_they_say() -> None:
    request = mj.ImagineRequest(prompt=" a fox ", action="variation2", source=SOURCE)
    assert request == mj.ImagineRequest.model_validate_json(request.model_dump_json())
    with pytest.raises(ValidationError, match="frozen"):
        request.prompt = "a cat"


def test_an_image_reads_its_file_and_a_tile_is_cut_from_it(tmp_path: Path) -> None:
    picture = PIL.Image.new("RGB", (8, 8), "red")
    picture.paste("blue", (4, 0, 8, 4))
    picture.save(tmp_path / "grid.png")
    whole = mj.Image(path=tmp_path / "grid.png")
    tile = whole.model_copy(update={"box": (4, 0, 8, 4)})
    assert whole.bytes() == (tmp_path / "grid.png").read_bytes()
    assert (whole.pil().size, tile.pil().size) == ((8, 8), (4, 4))
    assert tile.pil().convert("RGB").getcolors() == [(16, (0, 0, 255))]
    assert tile.bytes().startswith(b"\x89PNG")
    assert whole._repr_jpeg_() is not None


def test_an_image_that_was_not_fetched_says_where_it_is() -> None:
    with pytest.raises(ValueError, match="not fetched.*https://cdn.example/x.png"):
        mj.Image(url="https://cdn.example/x.png").bytes()


def test_statuses_know_their_end() -> None:
    assert [status.value for status in mj.Status if not status.ended] == ["pending", "running"]


def test_marks_come_back_from_text_as_they_were() -> None:
    marks = Marks(ratings={0: 3, 4: 5}, favourites=(4,), tags=("fox", "Füchse"), note="so so", deleted_at=1.5)
    assert Marks.model_validate_json(marks.model_dump_json(exclude_defaults=True)) == marks
    assert Marks().model_dump_json(exclude_defaults=True) == "{}"
    with pytest.raises(ValidationError, match="frozen"):
        marks.note = "better"


@pytest.mark.parametrize("words", ["fetch failed", "fetch failed.", " fetch failed "])
def test_the_service_s_words_end_with_a_full_stop_before_ours(words: str) -> None:
    failure = Failure(message=words, hint="Try again.")
    assert str(failure) == "fetch failed. Try again."
    assert failure.message == words
    assert str(Failure(message="fetch failed")) == "fetch failed"
