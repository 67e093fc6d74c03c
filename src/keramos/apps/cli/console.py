"""Progress while a command works, as bars on a terminal or plain lines in a log; and tables of results."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from keramos.apps.cli.terminal_picture import draw_picture
from keramos.core import Finding, escape_controls
from keramos.core.progress import Progress as Callback
from keramos.core.progress import Reporter
from keramos.core.time_left import TimeLeft

_LOG_EVERY_S = 30.0
_LONG_S = 2.0
_LOG_WIDTH = 120


class _Rate(ProgressColumn):
    """Units done per second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        unit = task.fields["unit"]
        if not speed or unit == "%":
            return Text("")
        text = f"{speed:.3g} {unit}s/s" if speed >= 1 else f"{1 / speed:.3g} s/{unit}"
        return Text(text, style="dim")


class TerminalReporter(Reporter):
    """Bars with rate and time left on standard error; a context manager, so that the bars end before the results.

    `findings` are kept, for JSON; what was said once is not said again.
    """

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.percentage:>3.0f} %"),
            _Rate(),
            TimeRemainingColumn(elapsed_when_finished=True),
        )
        self._bars = Progress(*columns, console=self.console)
        self.findings: list[Finding] = []
        self._said: set[str] = set()

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bars.stop()

    def progress(self, task: str, unit: str = "block") -> Callback:
        number: list[TaskID] = []

        def show(done: int, total: int) -> None:
            if not number:
                number.append(self._bars.add_task(task, total=total, unit=unit))
            self._bars.update(number[0], completed=done, total=total)

        return show

    def note(self, text: str) -> None:
        self._print_once(f"note: {text}")

    def finding(self, finding: Finding) -> None:
        if finding not in self.findings:
            self.findings.append(finding)
        self._print_once(f"{finding.severity}: {finding.text}")

    def remind(self, finding: Finding, where: str) -> None:
        if finding not in self.findings:
            self.findings.append(finding)
        if f"{finding.severity}: {finding.text}" not in self._said:
            self._print_once(f"{finding.severity}: {finding.message} ({where})")

    def picture(self, title: str, rgb: NDArray[np.uint8]) -> None:
        if self.console.is_terminal and self.console.color_system in ("256", "truecolor"):
            self.console.print(escape_controls(title), markup=False)
            self.console.print(draw_picture(rgb, self.console.width))

    def _print_once(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            self.console.print(escape_controls(line), markup=False, soft_wrap=True)


class LogReporter(TerminalReporter):
    """Plain lines for a log: one now and then, and one when a long task is done."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        pass

    def progress(self, task: str, unit: str = "block") -> Callback:  # noqa: ARG002
        began = said = time.monotonic()
        ended, estimate = False, TimeLeft()

        def show(done: int, total: int) -> None:
            nonlocal said, ended
            now = time.monotonic()
            left = estimate.update(now, done, total)
            if done >= total and not ended:
                ended = True
                if now - began > _LONG_S:
                    self._say(f"{task}: done in {now - began:.0f} s")
            elif now - said > _LOG_EVERY_S and 0 < done < total:
                said = now
                self._say(
                    f"{task}: {100 * done / total:.0f} %" + ("" if left is None else f", about {left:.0f} s left")
                )

        return show

    def _say(self, text: str) -> None:
        self.console.print(escape_controls(text), markup=False, soft_wrap=True)


def make_reporter() -> TerminalReporter:
    """The reporter that suits standard error."""
    return TerminalReporter() if Console(stderr=True).is_terminal else LogReporter()


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on standard output: the first column to the left, the others to the right."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(escape_controls(cell)) for cell in row))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _LOG_WIDTH
    console.print(escape_controls(title), markup=False, soft_wrap=True)
    console.print(table)


def print_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Names and values, one a line."""
    width = max((len(name) for name, _ in facts), default=0)
    console = Console(highlight=False)
    for name, text in facts:
        console.print(escape_controls(f"{name:<{width}}  {text}"), markup=False, soft_wrap=True)


def print_next(command: str) -> None:
    """The command that is likely to follow."""
    print_facts([("next", command)])
