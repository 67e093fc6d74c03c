"""Checks as members of an open set: what each looks at, and the findings that it gives.

A module-level `Check` in `keramos/inspection/`, or behind an entry point of the group `keramos.checks` of another
package, registers one. All checks of a subject are run wherever it is made; their findings are kept with the result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from keramos.core import Finding, Volume
from keramos.core.progress import Progress, silent
from keramos.core.registry import Registry
from keramos.inspection.stack_survey import survey_stack

Subject = Literal["stack", "labels", "training", "segmentation", "result", "evaluation"]
"""Subjects, and the arguments that a check of each is called with.

`stack`: the `StackSurvey` of the images. `labels`: the `AnnotatedSlices`, before a training, and the `Volume`s that
they are of. `training`: a `ModelCard`, the `AnnotatedSlices`, and the trained `Segmenter` or None. `segmentation`: the
`ModelCard` of a trained model, the images as a `Volume`, and the fraction of each phase by name. `result`: labels of a
whole volume as a `LabelVolume`, before they are measured. `evaluation`: an `Evaluation`.
"""


@dataclass(frozen=True)
class Check:
    """A check by name: `find` is called with what its subject says and gives findings, none if all is well."""

    name: str
    subject: Subject
    find: Callable[..., Sequence[Finding]]


CHECKS: Registry[Check] = Registry("checks", Check, "keramos.inspection", "keramos.inspection.stack_checks")


def check_before_work(volume: Volume, progress: Progress = silent) -> list[Finding]:
    """Findings graver than a note about a stack, from a quick look: the middle of each slice, and some whole slices.

    Raises:
        FormatError, PixelError: pixels that cannot be read.
    """
    findings = run_checks("stack", survey_stack(volume, quick=True, progress=progress))
    return [finding for finding in findings if finding.severity != "note"]


def run_checks(subject: Subject, *arguments: object) -> list[Finding]:
    """The findings of all checks of a subject."""
    checks = (check for check in CHECKS.values() if check.subject == subject)
    return [finding for check in checks for finding in check.find(*arguments)]
