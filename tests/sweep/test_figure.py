"""A run as a labelled picture: every cell has its place, and what has no picture has words."""

from __future__ import annotations

from pathlib import Path

import PIL.Image
import pytest

import mj_widgets as mj
from mj_widgets.sweep.arrangement import Arrangement
from mj_widgets.sweep.figure import Pages
from mj_widgets.sweep.lettering import Lettering
from mj_widgets.sweep.run import SweepRun


def places(run: SweepRun, x: str | None = None, y: str | None = None, **only: object) -> list[dict[tuple[str, str], list[int]]]:
    pages = Arrangement(run, x, y, only or None).pages(100, 100)
    return [{where: [cell.index for cell in cells] for where, cells in page.cells.items()} for page in pages]


class TestArranging:
    def test_the_first_two_axes_are_across_and_down_and_replicates_stand_side_by_side(self, made: SweepRun) -> None:
        (page,) = places(made)
        assert page[("owl", "fog")] == [8, 9]
        assert len(page) == 6
        assert places(made, x="animal", y="place") == [page]
        assert places(made, x="place")[0][("fog", "owl")] == [8, 9]

    def test_other_axes_make_a_page_for_each_combination(self, made: SweepRun) -> None:
        pages = places(made, x="place", y="replicate")
        assert [page[("fog", "1")] for page in pages] == [[2], [8]]
        assert [one.fixed for one in Arrangement(made, "place", "replicate", None).pages(9, 9)] == [
            (("animal", "fox"),),
            (("animal", "owl"),),
        ]

    def test_values_and_labels_can_be_chosen(self, made: SweepRun) -> None:
        assert places(made, animal="owl", place=["snow", "fog"]) == [{("owl", "snow"): [6, 7], ("owl", "fog"): [8, 9]}]
        assert places(made, place="sandbox:moderated") == places(made, place="refused")
        assert places(made, replicate=2, animal="fox", place="snow") == [{("fox", "snow"): [1]}]

    def test_a_table_is_cut_into_pages_with_all_of_its_cells(self, made: SweepRun) -> None:
        pages = [*Arrangement(made, "place", "animal", None).pages(2, 1)]
        assert [(page.columns, page.rows) for page in pages] == [
            (("snow", "fog"), ("fox",)),
            (("refused",), ("fox",)),
            (("snow", "fog"), ("owl",)),
            (("refused",), ("owl",)),
        ]
        assert sorted(cell.index for page in pages for cells in page.cells.values() for cell in cells) == [*range(12)]

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"x": "colour"}, "x is 'colour', and the axes are 'animal', 'place', 'replicate'"),
            ({"x": "place", "y": "place"}, "both 'place'"),
            ({"only": {"animal": "cat"}}, "animal has no 'cat'; it has 'fox', 'owl'"),
            ({"only": {"colour": "red"}}, "only is 'colour'"),
            ({"side": 5}, "32 to 2048 pixels"),
            ({"tile": 7}, "tile is 1 to 4"),
            ({"page": (0, 3)}, "at least one column"),
            ({"font": "no such font"}, "no font 'no such font'"),
        ],
    )
    def test_what_is_not_there_is_named(self, made: SweepRun, options: dict[str, object], words: str) -> None:
        with pytest.raises(ValueError, match=words):
            made.grid(**options)

    def test_too_many_pages_are_refused(self, quick: mj.Session) -> None:
        run = mj.Sweep("a fox in {a} {b} {c}", a=range(7), b=range(6), c=range(5)).run(quick, cap=0.01).result(30)
        with pytest.raises(ValueError, match="more than 200 pages: keep fewer values"):
            run.grid(page=(1, 1))


class TestDrawing:
    def test_a_picture_stands_where_its_cell_is(self, made: SweepRun) -> None:
        """A thumbnail pasted at the place is found in the page pixel by pixel; the refused ones are tinted boxes."""
        page = made.grid(x="place", y="animal", side=256)
        assert isinstance(page, PIL.Image.Image)
        left = page.crop((page.width // 4, 0, page.width // 2, page.height))
        right = page.crop((page.width * 3 // 4, 0, page.width, page.height))
        assert len(left.getcolors(1 << 24) or []) > 2000  # photographs
        assert len(right.getcolors(1 << 24) or []) < 1000  # letters
        assert (253, 238, 236) in [colour for _, colour in right.getcolors(1 << 24) or []]

    def test_a_tile_alone_can_be_drawn_and_in_the_dark(self, made: SweepRun) -> None:
        whole, tile = made.grid(), made.grid(tile=2, dark=True)
        assert whole.size == tile.size
        assert whole.getpixel((1, 1)) == (255, 255, 255)
        assert max(tile.getpixel((1, 1))) < 40

    def test_pages_show_and_save_themselves(self, made: SweepRun, tmp_path: Path) -> None:
        pages = made.grid(x="place", y="animal", page=(2, 2))
        assert isinstance(pages, Pages)
        assert len(pages) == 3
        assert len({page.size for page in pages}) == 1
        assert pages._repr_html_().count("data:image/webp") == 3
        files = pages.save(tmp_path / "grid.png")
        assert [file.name for file in files] == ["grid-01.png", "grid-02.png", "grid-03.png"]
        with PIL.Image.open(files[2]) as last:
            assert last.size == pages[2].size

    def test_one_axis_goes_on_in_the_next_line(self, quick: mj.Session) -> None:
        run = mj.Sweep("a fox", stylize=range(0, 100, 10)).run(quick).result(30)
        wide, narrow = run.grid(page=(10, 1)), run.grid(page=(2, 5))
        assert isinstance(narrow, PIL.Image.Image)
        assert narrow.width < wide.width / 3
        assert narrow.height > wide.height * 3

    def test_a_picture_whose_file_has_gone_is_said_in_words(self, session: mj.Session) -> None:
        run = mj.Sweep("a {animal}", animal=["fox"]).run(session).result(30)
        before = run.grid().tobytes()
        run[0].image.path.unlink()
        with session._store._writing() as db:
            db.execute("DELETE FROM thumbnails")
        assert run.grid().tobytes() != before

    def test_labels_of_any_length_and_script_are_drawn(self, quick: mj.Session) -> None:
        long = "Donaudampfschifffahrtsgesellschaftskapitän " * 20
        run = mj.Sweep("a {animal}", animal=[long, "狐狸 🦊", "", "a\tb"], chaos=[0]).run(quick).result(30)
        for picture in (run.grid(), run.grid(x="chaos", y="animal")):
            assert isinstance(picture, PIL.Image.Image)
            assert picture.height < 1500


class TestLettering:
    def test_text_is_broken_at_words_and_a_long_word_anywhere(self) -> None:
        letters = Lettering(14)
        text = "a red fox in the snow at noon, and Donaudampfschifffahrtsgesellschaft"
        lines = letters.lines(text, 120, 20)
        assert all(letters.width(line) <= 120 for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert lines[0] == "a red fox in the"

    def test_what_does_not_fit_is_an_ellipsis(self) -> None:
        lines = Lettering(14).lines("fox " * 100, 100, 2)
        assert len(lines) == 2
        assert lines[1].endswith("…")
        assert Lettering(14).lines("", 100, 2) == ()
        assert len(Lettering(14).lines("www", 1, 9)) == 3

    def test_letters_that_the_font_lacks_come_from_another_or_lose_their_accent(self) -> None:
        (line,) = Lettering(14).lines("Kapitän", 500, 1)
        assert line in ("Kapitän", "Kapitan")
