from __future__ import annotations

import mj_widgets as mj


def test_a_family_is_walked_up_and_down(session: mj.Session) -> None:
    root = session.imagine("a fox").result(30)
    left, right = root.upscale(1).result(30), root.vary(2).result(30)
    leaf = left.zoom_out(2).result(30)
    other = session.imagine("a cat").result(30)
    lineage = session.lineage
    assert lineage.roots == (root, other)
    assert lineage.ancestors(leaf) == (left, root)
    assert lineage.path(leaf) == (root, left, leaf)
    assert lineage.descendants(root) == (left, right, leaf)
    assert lineage.descendants(other) == ()


def test_a_difference_names_words_and_parameters(session: mj.Session) -> None:
    before = session.imagine("a fox --ar 3:2 --stylize 50")
    after = session.imagine("a cat --ar 3:2 --chaos 10", mode="turbo")
    assert session.lineage.diff(before, after) == {
        "words": ("a fox", "a cat"),
        "stylize": ("50", None),
        "chaos": (None, "10"),
        "mode": (None, "turbo"),
    }
    assert session.lineage.diff(before, before) == {}


def test_descendants_of_a_wide_family_come_parents_first(session: mj.Session) -> None:
    root = session.imagine("a fox").result(30)
    first, second = root.upscale(1).result(30), root.vary(2).result(30)
    third = second.upscale(3).result(30)
    assert session.lineage.descendants(root) == (first, second, third)


def test_the_layout_has_a_place_for_each_and_none_for_what_is_folded(session: mj.Session) -> None:
    root = session.imagine("a fox").result(30)
    left, right = root.upscale(1).result(30), root.vary(2).result(30)
    assert session.lineage.layout() == {root: (0, 0), left: (1, 0), right: (1, 1)}
    assert session.lineage.layout({root}) == {root: (0, 0)}


def test_a_question_that_was_answered_with_text_is_no_member(session: mj.Session) -> None:
    root = session.imagine("a fox").result(30)
    session.describe(root).result(30)
    assert session.lineage.parents == {root: None}


def test_what_is_deleted_is_a_member_while_something_that_came_from_it_is_not(session: mj.Session) -> None:
    root = session.imagine("a fox").result(30)
    left, right = root.upscale(1).result(30), root.upscale(2).result(30)
    root.delete()
    left.delete()
    assert session.lineage.parents == {root: None, right: root}
    assert session.lineage.roots == ()
    leaf = right.zoom_out(2).result(30)
    right.delete()
    assert session.lineage.parents == {root: None, right: root, leaf: right}
    leaf.delete()
    assert session.lineage.parents == {}


def test_its_text_is_a_tree(session: mj.Session) -> None:
    root = session.imagine("a fox\nin snow").result(30)
    left = root.upscale(1).result(30)
    leaf = left.zoom_out(2).result(30)
    right = root.vary(2).result(30)
    hat = session.edit(right, "add a hat").result(30)
    cat = session.imagine("a cat").result(30)
    assert repr(session.lineage).splitlines() == [
        "<Lineage of 'test': 6 generations, 2 roots>",
        f"a fox in snow · succeeded · {root.id}",
        f"├─ upscale1 · succeeded · {left.id}",
        f"│  └─ zoom_out_2x · succeeded · {leaf.id}",
        f"└─ variation2 · succeeded · {right.id}",
        f"   └─ add a hat · succeeded · {hat.id}",
        f"a cat · succeeded · {cat.id}",
    ]


def test_its_text_has_a_limit(session: mj.Session) -> None:
    for number in range(50):
        session.imagine(f"a fox {number} " + "and on " * 100).stop()
    lines = repr(session.lineage).splitlines()
    assert len(lines) == 42
    assert lines[-1] == "… and 10 more"
    assert max(map(len, lines)) <= 100


def test_an_empty_one_says_so(session: mj.Session) -> None:
    assert repr(session.lineage) == "<Lineage of 'test': 0 generations, 0 roots>"
