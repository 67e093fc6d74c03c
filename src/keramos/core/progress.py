"""Progress callbacks and messages, so that the rooms below the command line never print."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Callback that receives the amount done and the total."""


def silent(done: int, total: int) -> None:
    """No-op progress callback."""


class Reporter:
    """Receiver of progress and messages of a running step. This one ignores them; the command line's draws bars."""

    def progress(self, task: str, unit: str = "block") -> Progress:  # noqa: ARG002
        """A progress callback for one task, described in plain words and counted in `unit`."""
        return silent

    def note(self, text: str) -> None:
        """Pass on one sentence that the user should read."""

    def finding(self, kind: str, text: str) -> None:  # noqa: ARG002
        """Pass on a probable problem: its `kind` for programs, and a sentence for the user."""
        self.note(text)
