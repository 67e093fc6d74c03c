"""The time left that a log tells is that of the work left, however a task began."""

from __future__ import annotations

import pytest

from keramos.apps.cli import console
from keramos.apps.cli.console import LogReporter
from keramos.core.time_left import TimeLeft


def lines_of(reports: list[tuple[float, int]], total: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a log says of a task that reports so much done at these times (s); it was announced at 0."""
    clock = iter([0.0, *(now for now, _ in reports)])
    monkeypatch.setattr(console.time, "monotonic", lambda: next(clock))
    said: list[str] = []
    reporter = LogReporter()
    monkeypatch.setattr(reporter, "_say", said.append)
    show = reporter.progress("work")
    for _, done in reports:
        show(done, total)
    return said


def test_a_slow_start_is_not_taken_for_the_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of 8000 blocks after 31 s, the others 50 a second: no 248,000 s, as the mean so far would have it."""
    reports = [(0.0, 0), (31.0, 1), *((31.0 + n, 1 + 50 * n) for n in range(1, 130))]
    first, second, third, *_ = lines_of(reports, 8001, monkeypatch)
    assert first == "work: 0 %"
    assert 120 < float(second.split("about ")[1].split()[0]) < 300  # 128 s, and part of the slow start
    assert float(third.split("about ")[1].split()[0]) == pytest.approx(98, abs=3)


def test_what_an_earlier_run_has_done_is_not_taken_for_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half was done before; the rest goes on at one a second."""
    (line, *_) = lines_of([(5.0 + n, 500 + n) for n in range(40)], 1000, monkeypatch)
    assert line == "work: 53 %, about 474 s left"


def test_a_task_that_starts_again_is_estimated_anew() -> None:
    left = TimeLeft()
    for n in range(11):
        left.update(float(n), 10 * n, 100)
    assert left.update(100.0, 0, 100) is None
    assert left.update(110.0, 50, 100) == 10.0
