"""Progress of a verb in a notebook: one output below the cell, which is updated in place."""

from __future__ import annotations

import sys
import time
from typing import Any

from keramos.core import Finding
from keramos.core.notebook_html import escape_html, findings_html
from keramos.core.progress import Progress, Reporter
from keramos.core.time_left import TimeLeft

_EVERY_S = 0.2
_LONG_S = 1.0
"""What is done sooner needs no bar."""


def choose_reporter() -> Reporter:
    """The reporter of a verb that was given none: one that shows progress where a notebook has called it, else one
    that is silent."""
    ipython: Any = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return NotebookReporter() if getattr(shell, "kernel", None) is not None else Reporter()


class NotebookReporter(Reporter):
    """A bar for each task that is not done, then what was noted and found, each once."""

    def __init__(self) -> None:
        self._began = self._drawn = time.monotonic()
        self._bars: dict[str, str] = {}
        self._notes: dict[str, None] = {}
        self._findings: dict[Finding, None] = {}
        self._handle: Any = None

    def progress(self, task: str, unit: str = "block") -> Progress:
        estimate = TimeLeft()

        def show(done: int, total: int) -> None:
            now = time.monotonic()
            left = estimate.update(now, done, total)
            if done >= total:
                was_shown = self._bars.pop(task, None) is not None
                if was_shown:
                    self._draw()
                return
            if now - self._began < _LONG_S or now - self._drawn < _EVERY_S:
                return
            rest = "" if left is None else f", about {left:.0f} s left"
            words = escape_html(f"{task}: {done:,} of {total:,} {unit}s{rest}")
            self._bars[task] = f'<div><progress value="{done}" max="{total}"></progress> {words}</div>'
            self._draw()

        return show

    def note(self, text: str) -> None:
        self._notes[text] = None
        self._draw()

    def finding(self, finding: Finding) -> None:
        self._findings[finding] = None
        self._draw()

    def _draw(self) -> None:
        """Show it all in the place of what was shown before."""
        from IPython.display import display

        self._drawn = time.monotonic()
        notes = "".join(f"<div>{escape_html(note)}</div>" for note in self._notes)
        plain = [*self._notes, *(f"{one.severity}: {one.text}" for one in self._findings)]
        shown = {
            "text/html": "".join(self._bars.values()) + notes + findings_html(self._findings) or "<div></div>",
            "text/plain": "\n".join(plain),
        }
        if self._handle is None:
            self._handle = display(shown, raw=True, display_id=True)
        else:
            self._handle.update(shown, raw=True)
