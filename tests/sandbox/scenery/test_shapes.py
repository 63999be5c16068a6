from __future__ import annotations

import re

import pytest

from mj_widgets.sandbox.scenery.shapes import ANIMALS, THINGS

POINT = r"-?[\d.]+,-?[\d.]+"
KINDS = (rf"~( {POINT}!?){{3,}}", rf"\|( {POINT}){{3,}}", rf"- [\d.]+( {POINT}){{2,}}", rf"o {POINT} [\d.]+,[\d.]+")
LINE = re.compile(rf"(body|shade|soft|light|dark|white|leaf|lamp|accent) ({'|'.join(KINDS)})")


def test_no_figure_is_both() -> None:
    assert not set(ANIMALS) & set(THINGS)


@pytest.mark.parametrize("name", sorted({**ANIMALS, **THINGS}))
def test_every_line_is_of_the_language(name: str) -> None:
    for line in {**ANIMALS, **THINGS}[name].strip().splitlines():
        assert LINE.fullmatch(line.strip()), line
