"""A process that draws is killed: nothing that it said was saved is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from drawings import PHASES, SHAPE, paint_box, planes_of

from keramos.annotation.drawing import Drawing, journal, open_drawing

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked process")

NOW = "2026-01-01T10:00:00.000+00:00"
KILLS = 20


def draw_step(drawing: Drawing) -> None:
    """The step that follows the last record: mostly an edit, at times an undo or a redo."""
    number = drawing.number
    if number % 5 == 3 and drawing.undo():
        return
    if number % 7 == 4 and drawing.redo():
        return
    code = number % len(PHASES)
    box = number % 3, number % 6, number % 8, 1 + number % 2, 2
    if (drawing.plane(box[0])[box[1] : box[1] + box[3], box[2] : box[2] + 2] == code).all():
        code = (code + 1) % len(PHASES)
    drawing.make(paint_box(drawing, *box, code))


def open_in(folder: Path) -> Drawing:
    return open_drawing(folder / "journal.jsonl", SHAPE, PHASES, clock=lambda: NOW)


def kill_in(call: str, number: int, *, before: bool) -> None:
    """Kill this process in its n-th call of a function of `os`, before or after it does its work."""
    real, calls = getattr(os, call), iter(range(number))

    def kill_or_work(*arguments: object) -> object:
        last = next(calls, None) is None
        if last and before:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*arguments)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(os, call, kill_or_work)


def write_half_and_die(number: int) -> None:
    """Kill this process when half of its n-th line is on the disk."""
    real, calls = journal.append_whole, iter(range(number))

    def append(path: Path, content: bytes, *, size: int) -> None:
        if next(calls, None) is None:
            with path.open("ab") as file:
                file.write(content[: len(content) // 2])
                file.flush()
                os.fsync(file.fileno())
            os.kill(os.getpid(), signal.SIGKILL)
        real(path, content, size=size)

    journal.append_whole = append  # type: ignore[assignment]


def draw_until_killed(folder: Path, pipe: int, prepare: Callable[[], None]) -> None:
    """Draw in this process, and tell each number that is saved; never returns."""
    try:
        drawing = open_in(folder)
        prepare()
        while True:
            draw_step(drawing)
            os.write(pipe, bytes([drawing.number % 256]))
    finally:
        os._exit(3)


def kill_one(folder: Path, start: int, kill: int) -> int:
    """Start a process that draws on from a record, kill it by one of four ways, and say what it had saved."""
    steps = 1 + 3 * kill % 11
    ways: list[Callable[[], None]] = [
        lambda: None,
        lambda: kill_in("fsync", steps, before=True),
        lambda: kill_in("fsync", steps, before=False),
        lambda: write_half_and_die(steps),
    ]
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        draw_until_killed(folder, writing, ways[kill % 4])
    os.close(writing)
    saved, told = start, 0
    while chunk := os.read(reading, 1):
        assert chunk[0] == (saved + 1) % 256
        saved, told = saved + 1, told + 1
        if kill % 4 == 0 and told == steps:
            os.kill(child, signal.SIGKILL)
    os.close(reading)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    return saved


def test_nothing_that_was_said_to_be_saved_is_lost_in_twenty_kills(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_FEWEST", 7)
    whole, saved = Drawing(SHAPE, PHASES, clock=lambda: NOW), 0
    open_in(tmp_path)
    for kill in range(KILLS):
        saved = kill_one(tmp_path, saved, kill)
        again = open_in(tmp_path)
        assert saved <= again.number <= saved + 1
        while whole.number < again.number:
            draw_step(whole)
        np.testing.assert_array_equal(planes_of(again), planes_of(whole))
        assert (list(again.state.undo), list(again.state.redo)) == (list(whole.state.undo), list(whole.state.redo))
        assert again.tally.to_json() == whole.tally.to_json()
        saved = again.number
    assert saved > 3 * KILLS
    assert (tmp_path / "journal.snapshot").exists()
    while whole.undo():
        assert again.undo()
    np.testing.assert_array_equal(planes_of(again), planes_of(whole))
