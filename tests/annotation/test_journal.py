"""Journals: replay == state, undo across reloads, torn and damaged lines, full disks, other stacks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from drawings import PHASES, SHAPE, paint_box, planes_of
from hypothesis import given, settings
from hypothesis import strategies as st

from keramos.annotation.drawing import Drawing, Journal, close_drawing, journal, open_drawing
from keramos.annotation.drawing.journal import snapshot_path
from keramos.annotation.drawing.records import decode_record
from keramos.core import PhaseTable
from keramos.core.errors import FormatError, KeramosError, LabelError, ShapeError, StorageError

NOW = ["2026-01-01T00:00:00.000+00:00"]


def open_in(folder: Path) -> Drawing:
    return open_drawing(folder / "journal.jsonl", SHAPE, PHASES, stack="a stack", clock=lambda: NOW[0])


def journal_of(drawing: Drawing) -> Journal:
    assert isinstance(drawing.history, Journal)
    return drawing.history


def state_of(drawing: Drawing) -> tuple[object, ...]:
    """All that a drawing knows but the labels."""
    about = (drawing.number, list(drawing.state.undo), list(drawing.state.redo), drawing.tally.to_json())
    return (*about, drawing.counts(), drawing.source_counts())


def assert_same(one: Drawing, other: Drawing) -> None:
    np.testing.assert_array_equal(planes_of(one), planes_of(other))
    assert state_of(one) == state_of(other)


step = st.one_of(
    st.sampled_from(["undo", "redo", "open", "snapshot and open", "spoil snapshot"]),
    st.tuples(st.integers(0, 2), st.integers(0, 5), st.integers(0, 6), st.integers(1, 3), st.integers(1, 3)),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(step, max_size=14))
def test_a_drawing_opened_again_at_any_moment_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, steps: list[object]
) -> None:
    """Resumed == whole: the same steps on a drawing that is never closed give the same labels and the same history."""
    folder = tmp_path_factory.mktemp("drawing")
    whole, opened = Drawing(SHAPE, PHASES, clock=lambda: NOW[0]), open_in(folder)
    for number, each in enumerate(steps):
        if each == "spoil snapshot" and snapshot_path(folder / "journal.jsonl").exists():
            snapshot_path(folder / "journal.jsonl").write_bytes(b"nonsense")
        elif isinstance(each, str) and "open" in each:
            if "snapshot" in each:
                close_drawing(opened)
            opened = open_in(folder)
            assert not journal_of(opened).findings
        else:
            NOW[0] = f"2026-01-01T00:{number:02}:00.000+00:00"
            for drawing in (whole, opened):
                if isinstance(each, tuple):
                    drawing.make(paint_box(drawing, *each, number % 3, source=("drawn", "accepted")[number % 2]))
                elif each in ("undo", "redo"):
                    getattr(drawing, each)()
    assert_same(open_in(folder), whole)
    while whole.undo():
        assert opened.undo()
    assert_same(open_in(folder), whole)
    assert (opened.plane(0) == 255).all()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[np.ndarray], list[int]]:
    """The bytes of a journal of four edits and an undo, the labels after each record, and where each line ends."""
    folder = tmp_path_factory.mktemp("recorded")
    drawing, path = open_in(folder), folder / "journal.jsonl"
    states, ends = [planes_of(drawing)], [path.stat().st_size]
    for number in range(5):
        if number == 3:
            drawing.undo()
        else:
            drawing.make(paint_box(drawing, number % 2, number, 1, 2, 3, number % 3))
        states.append(planes_of(drawing))
        ends.append(path.stat().st_size)
    return path.read_bytes(), states, ends


def test_a_journal_cut_at_any_byte_opens_with_all_whole_records(
    recorded: tuple[bytes, list[np.ndarray], list[int]], tmp_path: Path
) -> None:
    content, states, ends = recorded
    path = tmp_path / "journal.jsonl"
    for size in range(ends[3] - 2, len(content) + 1):
        path.write_bytes(content[:size])
        drawing = open_in(tmp_path)
        # A line without its line break is whole: its checksum says so.
        whole = max(n for n, end in enumerate(ends) if size >= end - 1)
        np.testing.assert_array_equal(planes_of(drawing), states[whole])
        assert drawing.number == whole
        torn = size not in ends and size + 1 not in ends
        assert [row.kind for row in journal_of(drawing).findings] == ["cut-journal"] * torn
        assert path.stat().st_size == ends[whole]
        if size % 7 == 0:
            drawing.make(paint_box(drawing, 2, 0, 0, 1, 1, 2))
            assert_same(open_in(tmp_path), drawing)


def test_a_byte_damaged_anywhere_loses_one_record_at_most(
    recorded: tuple[bytes, list[np.ndarray], list[int]], tmp_path: Path
) -> None:
    content, states, ends = recorded
    path = tmp_path / "journal.jsonl"
    for place in range(ends[3] - 2, len(content)):
        for value in {content[place] ^ 1, ord("\n"), 0} - {content[place]} if place % 9 == 0 else {content[place] ^ 1}:
            path.write_bytes(content[:place] + bytes([value]) + content[place + 1 :])
            drawing = open_in(tmp_path)
            lost = next(n for n, end in enumerate(ends) if place < end)
            is_last_but_break = place in [end - 1 for end in ends]
            kinds = [row.kind for row in journal_of(drawing).findings]
            if is_last_but_break:
                np.testing.assert_array_equal(planes_of(drawing), states[-1])
            elif lost == len(ends) - 1:
                np.testing.assert_array_equal(planes_of(drawing), states[-2])
            else:
                assert kinds == ["damaged-journal"]
                assert f"({lost})" in journal_of(drawing).findings[0].message
                assert drawing.number == len(ends) - 1
            if place % 5 == 0:
                drawing.make(paint_box(drawing, 2, 0, 0, 1, 1, 2))
                assert_same(open_in(tmp_path), drawing)
                while drawing.undo():
                    pass


def test_edits_after_a_lost_one_are_kept_where_they_were_drawn(tmp_path: Path) -> None:
    drawing, path = open_in(tmp_path), tmp_path / "journal.jsonl"
    for z in range(3):
        drawing.make(paint_box(drawing, z, 0, 0, 2, 2, z))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], b"x" * 50 + b"\n", *lines[3:]]))
    again = open_in(tmp_path)
    assert again.counts() == {0: 4, 2: 4}
    assert again.undo_count == 2


def test_an_undo_that_was_lost_is_made_good_by_the_next(tmp_path: Path) -> None:
    drawing, path = open_in(tmp_path), tmp_path / "journal.jsonl"
    for z in range(3):
        drawing.make(paint_box(drawing, z, 0, 0, 2, 2, z))
    drawing.undo()
    drawing.undo()
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:4], b"\n", *lines[5:]]))
    again = open_in(tmp_path)
    assert again.counts() == {0: 4}
    assert (again.undo_count, again.redo_count) == (1, 2)


def test_a_record_damaged_behind_a_snapshot_is_told_when_it_is_needed(tmp_path: Path) -> None:
    drawing, path = open_in(tmp_path), tmp_path / "journal.jsonl"
    for z in range(3):
        drawing.make(paint_box(drawing, z, 0, 0, 2, 2, z))
    close_drawing(drawing)
    content = path.read_bytes()
    place = content.index(b'{"record":2') + 40
    path.write_bytes(content[:place] + b"?" + content[place + 1 :])
    again = open_in(tmp_path)
    assert_same(again, drawing)
    again.undo()
    with pytest.raises(FormatError, match=r"record 2 of .* is damaged"):
        again.undo()
    assert again.counts() == {0: 4, 1: 4}


@pytest.fixture
def small_disk() -> Iterator[None]:
    """A process that may write files of 3,000 bytes only."""
    resource = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    earlier, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, earlier[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, earlier)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_is_told_and_nothing_is_lost(small_disk: None, tmp_path: Path) -> None:
    drawing, path = open_in(tmp_path), tmp_path / "journal.jsonl"

    def draw_on() -> None:
        for number in range(100):
            drawing.make(paint_box(drawing, number % 3, 0, 0, 3, 3, number % 2))

    with pytest.raises(StorageError, match=r"journal.jsonl, found: File too large; free space") as refused:
        draw_on()
    assert "\n" not in str(refused.value)
    assert drawing.number > 2
    assert path.read_bytes().endswith(b"}\n")
    assert_same(open_in(tmp_path), drawing)


def test_what_a_failed_write_left_is_cut_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes half of a line and refuses even to cut it off."""
    drawing, path = open_in(tmp_path), tmp_path / "journal.jsonl"
    drawing.make(paint_box(drawing, 0, 0, 0, 2, 2, 1))

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", refuse)
        full.setattr(os, "ftruncate", refuse)
        with pytest.raises(StorageError, match="No space left"):
            drawing.make(paint_box(drawing, 1, 0, 0, 2, 2, 1))
    assert path.stat().st_size > journal_of(drawing)._size
    drawing.make(paint_box(drawing, 2, 0, 0, 2, 2, 1))
    again = open_in(tmp_path)
    assert_same(again, drawing)
    assert not journal_of(again).findings


def test_a_journal_that_another_program_changed_is_left_alone(tmp_path: Path) -> None:
    drawing, other = open_in(tmp_path), open_in(tmp_path)
    other.make(paint_box(other, 0, 0, 0, 2, 2, 1))
    content = (tmp_path / "journal.jsonl").read_bytes()
    with pytest.raises(StorageError, match="changed or removed by another program"):
        drawing.make(paint_box(drawing, 1, 0, 0, 2, 2, 1))
    assert (tmp_path / "journal.jsonl").read_bytes() == content
    (tmp_path / "journal.jsonl").unlink()
    with pytest.raises(StorageError, match="changed or removed"):
        other.make(paint_box(other, 1, 0, 0, 2, 2, 1))
    assert not (tmp_path / "journal.jsonl").exists()


@pytest.mark.parametrize(
    ("kind", "words", "given"),
    [
        (ShapeError, r"of a stack of \(3, 8, 10\) voxels", {"shape": (3, 8, 11)}),
        (LabelError, "of another stack", {"stack": "another"}),
        (LabelError, "has the phases void, solid, third", {"phases": PhaseTable.from_names(["void", "solid"])}),
    ],
)
def test_a_journal_of_something_else_is_refused_in_one_sentence(
    kind: type[KeramosError], words: str, given: dict[str, object], tmp_path: Path
) -> None:
    open_in(tmp_path)
    usual = {"shape": SHAPE, "phases": PHASES, "stack": "a stack"}
    with pytest.raises(kind, match=words):
        open_drawing(tmp_path / "journal.jsonl", **{**usual, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "does not begin"), (b"void\n", "does not begin"), (b'{"record":1,"crc":0}\n', "does not begin")],
)
def test_what_is_no_journal_is_refused(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_bytes(content)
    with pytest.raises(FormatError, match=words):
        open_in(tmp_path)
    assert (tmp_path / "journal.jsonl").read_bytes() == content


def test_a_snapshot_of_another_journal_is_not_used(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for folder, code in ((first, 1), (second, 2)):
        folder.mkdir()
        drawing = open_in(folder)
        drawing.make(paint_box(drawing, 0, 0, 0, 2, 2, code))
        close_drawing(drawing)
    snapshot_path(second / "journal.jsonl").write_bytes(snapshot_path(first / "journal.jsonl").read_bytes())
    assert open_in(second).counts() == {2: 4}


def test_a_journal_put_back_to_an_earlier_one_is_read_without_the_snapshot(tmp_path: Path) -> None:
    drawing, path = open_in(tmp_path), tmp_path / "journal.jsonl"
    drawing.make(paint_box(drawing, 0, 0, 0, 2, 2, 1))
    earlier = path.read_bytes()
    drawing.make(paint_box(drawing, 1, 0, 0, 2, 2, 2))
    close_drawing(drawing)
    path.write_bytes(earlier)
    again = open_in(tmp_path)
    assert again.counts() == {1: 4}
    old = snapshot_path(path).read_bytes()
    for y in range(4):
        again.make(paint_box(again, 0, y, 0, 2, 2, 0))
    close_drawing(again)
    assert_same(open_in(tmp_path), again)
    # The journal has grown beyond the snapshot's place, with other records.
    assert path.stat().st_size > len(earlier) + 400
    snapshot_path(path).write_bytes(old)
    assert_same(open_in(tmp_path), again)


def test_snapshots_are_saved_now_and_then_and_after_a_long_journal_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing, path = open_in(tmp_path), snapshot_path(tmp_path / "journal.jsonl")
    drawing.make(paint_box(drawing, 0, 0, 0, 2, 2, 1))
    open_in(tmp_path)
    assert not path.exists()
    monkeypatch.setattr(journal, "_FEWEST", 3)
    for number in range(3):
        assert path.exists() == (number == 2)
        drawing.make(paint_box(drawing, 1, number, 0, 1, 2, 1))
    path.unlink()
    again = open_in(tmp_path)
    assert path.exists()
    assert_same(again, drawing)


def test_a_long_journal_opens_by_reading_what_follows_the_snapshot_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_FEWEST", 100)
    drawing = open_in(tmp_path)
    for number in range(530):
        drawing.make(paint_box(drawing, number % 3, number % 6, number % 8, 2, 2, number // 7 % 3))
    read: list[object] = []
    monkeypatch.setattr(journal, "decode_record", lambda row: read.append(row) or decode_record(row))
    again = open_in(tmp_path)
    assert len(read) == drawing.number % 100 < 100 < drawing.number
    assert_same(again, drawing)
    for _ in range(drawing.undo_count):
        assert again.undo()
    assert again.annotated_slices() == ()


def test_a_damaged_snapshot_is_not_used(tmp_path: Path) -> None:
    drawing, path = open_in(tmp_path), snapshot_path(tmp_path / "journal.jsonl")
    for z in range(3):
        drawing.make(paint_box(drawing, z, 0, 0, 2, 2, z))
    close_drawing(drawing)
    content = path.read_bytes()
    for place in range(0, len(content), 41):
        path.write_bytes(content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :])
        assert_same(open_in(tmp_path), drawing)
        path.write_bytes(content[:place])
        assert_same(open_in(tmp_path), drawing)


def test_a_snapshot_that_cannot_be_saved_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_FEWEST", 1)
    drawing = open_in(tmp_path)
    snapshot_path(tmp_path / "journal.jsonl").mkdir()
    drawing.make(paint_box(drawing, 0, 0, 0, 2, 2, 1))
    assert_same(open_in(tmp_path), drawing)
