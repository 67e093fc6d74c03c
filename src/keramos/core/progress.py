"""How work below the command line says how far it is, without printing."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Called with what is done and what there is in all."""


def silent(done: int, total: int) -> None:
    """The progress nobody watches."""


class Reporter:
    """What a step tells its caller while it works; this one keeps silent, the command line's draws bars."""

    def progress(self, task: str, unit: str = "block") -> Progress:  # noqa: ARG002
        """A progress callback for one task, named in plain words, counted in `unit`."""
        return silent

    def note(self, text: str) -> None:
        """One sentence the user should read."""

    def finding(self, kind: str, text: str) -> None:  # noqa: ARG002
        """Something that is probably wrong, of a kind that programs can tell apart, in a sentence for the user."""
        self.note(text)
