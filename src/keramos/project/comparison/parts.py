"""Inputs of a comparison that have options of their own: what is said of them names these, and the inputs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from keramos.core import Finding
from keramos.core.errors import FindingError, KeramosError
from keramos.core.progress import Progress, Reporter


@dataclass(frozen=True)
class Part:
    """An input in words, and its options by the names that they have elsewhere."""

    name: str
    options: Mapping[str, str]

    def rename(self, text: str) -> str:
        """A sentence with this input's options."""
        return re.sub(r"(?<![\w-])--[a-z-]+", lambda match: self.options.get(match[0], match[0]), text)

    def describe(self, finding: Finding) -> Finding:
        """A finding that says what it is about, with advice on this input's options."""
        return replace(
            finding, message=f"of {self.name}: {self.rename(finding.message)}", advice=self.rename(finding.advice)
        )


TEST = Part("the test data", {"--slices": "--test-slices", "--box": "--test-box"})
STACK = Part("the stack to segment", {"--box": "--stack-box"})


class PartReporter(Reporter):
    """Passes everything on to another reporter; findings say what they are about."""

    def __init__(self, reporter: Reporter, part: Part) -> None:
        self._reporter, self._part = reporter, part

    def progress(self, task: str, unit: str = "block") -> Progress:
        return self._reporter.progress(task, unit)

    def note(self, text: str) -> None:
        self._reporter.note(text)

    def finding(self, finding: Finding) -> None:
        self._reporter.finding(self._part.describe(finding))


@contextmanager
def report_on(part: Part, reporter: Reporter) -> Iterator[Reporter]:
    """A reporter of what is said of one input. Errors raised meanwhile name its options, too."""
    try:
        yield PartReporter(reporter, part)
    except FindingError as error:
        raise FindingError(part.describe(error.finding)) from None
    except KeramosError as error:
        error.args = tuple(part.rename(each) if isinstance(each, str) else each for each in error.args)
        raise
