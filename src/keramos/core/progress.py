"""Progress callbacks, messages and findings, so that the rooms below the command line never print."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from keramos.core.errors import FindingError
from keramos.core.finding import Finding

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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

    def finding(self, finding: Finding) -> None:
        """Pass on a finding."""
        self.note(finding.text)

    def remind(self, finding: Finding, where: str) -> None:  # noqa: ARG002
        """Pass on a finding of which all is said elsewhere, `where` in a few words; a terminal shows its message."""
        self.finding(finding)

    def picture(self, title: str, rgb: NDArray[np.uint8]) -> None:
        """Show a picture (Y X 3) of what has been reached, where one can be shown."""


class FindingCollector(Reporter):
    """Passes everything on to another reporter, and keeps the findings in their order, each once. With `quiet` the
    other reporter does not hear the findings.

    Example:
        >>> collector = FindingCollector(Reporter())
        >>> for _ in range(2):
        ...     collector.finding(Finding("not-learnt", "the IoU is 0.5", "the labels are poor", "train longer"))
        >>> [finding.kind for finding in collector.findings]
        ['not-learnt']
    """

    def __init__(self, reporter: Reporter, *, quiet: bool = False) -> None:
        self._reporter, self._quiet = reporter, quiet
        self._findings: dict[Finding, None] = {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(self._findings)

    def progress(self, task: str, unit: str = "block") -> Progress:
        return self._reporter.progress(task, unit)

    def note(self, text: str) -> None:
        self._reporter.note(text)

    def picture(self, title: str, rgb: NDArray[np.uint8]) -> None:
        self._reporter.picture(title, rgb)

    def finding(self, finding: Finding) -> None:
        if finding not in self._findings:
            self._findings[finding] = None
            if not self._quiet:
                self._reporter.finding(finding)

    def remind(self, finding: Finding, where: str) -> None:
        if finding not in self._findings:
            self._findings[finding] = None
            if not self._quiet:
                self._reporter.remind(finding, where)


def report_findings(findings: Iterable[Finding], reporter: Reporter) -> None:
    """Pass on findings, before any work is done on what they are about.

    Raises:
        FindingError: one of them is fatal; its text is the message.
    """
    for finding in findings:
        if finding.severity == "fatal":
            raise FindingError(finding)
        reporter.finding(finding)
