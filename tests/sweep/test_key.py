from __future__ import annotations

from hashlib import sha256

import pytest

import mj_widgets as mj
from mj_widgets.sweep.key import identity, key_of


def test_keys_are_what_they_were() -> None:
    """Who paid for a cell must find it again: a change here makes every sweep of the past be paid for once more."""
    animals = ["fox", "красная “лиса” 🦊"]
    sweep = mj.Sweep("a {animal} in snow — {{so}} --ar 3:2", animal=animals, stylize=[0, 250], seeds=[7], mode=["relax"])
    assert [cell.key for cell in sweep] == [
        "1db2afd1510a2c3adcf1046b705777887110c0fe815cc146aa6e456e91714f0b",
        "5f1ee05df8e5f04a2b5e26b931297dcb4b832d4cade360e24e0215b46ec200a9",
        "09e9081be53275bae0b7464888000aa342a87beff2da525d229da6bf9311321b",
        "b1119ec0124f9164d6695b314160fadce13ec99ada1788b2f89bfafea5abcfdb",
    ]
    assert mj.Sweep("a fox", replicates=2)[1].key == sha256(b'[{"mode":"fast","prompt":"a fox"},2]').hexdigest()


def test_an_identity_is_what_is_asked_for() -> None:
    request = mj.ImagineRequest(prompt="a fox “é” --v 7", mode="turbo", version="7", hd=True)
    assert identity(request) == r'{"hd":true,"mode":"turbo","prompt":"a fox \u201c\u00e9\u201d --v 7","version":"7"}'


@pytest.mark.parametrize(
    "change",
    [
        *({"prompt": "a fox "}, {"timeout": 60.0}, {"callback_url": "https://a.example"}, {"hd": False}),
        {"source": mj.ImageRef(image_id="1", generation="ours", tile=2)},
    ],
)
def test_what_changes_no_picture_changes_no_identity(change: dict[str, object]) -> None:
    plain = {"prompt": "a fox", "action": "generate", "source": mj.ImageRef(image_id="1", tile=2)}
    assert identity(mj.ImagineRequest(**(plain | change))) == identity(mj.ImagineRequest(**plain))


def test_all_else_changes_it() -> None:
    ref = mj.ImageRef(image_id="1")
    changes: list[dict[str, object]] = [
        *({}, {"prompt": "a  fox"}, {"mode": "relax"}, {"version": "7"}, {"quality": "2"}, {"hd": True}, {"translation": True}),
        *(
            {"style_reference": True},
            {"moodboard": True},
            {"split_images": True},
            {"source": ref},
            {"action": "reroll", "source": ref},
        ),
        *(
            {"source": mj.ImageRef(image_id="2")},
            {"source": mj.ImageRef(image_id="1", tile=1)},
            {"source": ref, "mask": "aaaa"},
        ),
        {"source": ref, "mask": "bbbb"},
    ]
    found = {identity(mj.ImagineRequest(**({"prompt": "a fox"} | change))) for change in changes}
    assert len(found) == len(changes)


def test_every_field_of_a_request_is_in_one_list_or_the_other() -> None:
    """Whoever adds a field says here whether it changes the picture; its default keeps the older keys."""
    assert {*mj.ImagineRequest.model_fields} == {
        *(
            "prompt",
            "mode",
            "action",
            "version",
            "quality",
            "hd",
            "style_reference",
            "moodboard",
            "translation",
            "split_images",
        ),
        *("source", "mask", "timeout", "callback_url"),
    }


def test_a_key_is_of_one_replicate() -> None:
    asked = identity(mj.ImagineRequest(prompt="a fox"))
    keys = {key_of(asked, number) for number in range(1, 1000)}
    assert len(keys) == 999
    assert all(len(key) == 64 for key in keys)
