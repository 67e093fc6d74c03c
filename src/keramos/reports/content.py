"""Everything that a report shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Finding, LabelVolume, PhaseTable, Triple, Volume, VoxelSize
from keramos.core.errors import ShapeError
from keramos.estimators import Reconciliation
from keramos.measurements import Measurements
from keramos.scoring import Evaluation


class Scores(Protocol):
    """Scores of all phases; `read` gives uint8 (classes, z, y, x), 255 where p = 1 (`store.ScoreReader`)."""

    @property
    def shape(self) -> Triple: ...

    @property
    def phases(self) -> PhaseTable: ...

    def read(self, box: Box) -> NDArray[np.uint8]: ...


@dataclass(frozen=True, eq=False)
class MethodResult:
    """One method's labels and, where known, its evaluation, times in seconds, learning curve, per-voxel scores, and
    findings about its segmentation and its scores.

    A row of `curve` may hold `step`, `seconds` (since training began), `loss` and `iou`; what is missing is not drawn.
    """

    name: str
    labels: LabelVolume
    evaluation: Evaluation | None = None
    seconds_train: float | None = None
    seconds_segment: float | None = None
    curve: tuple[Mapping[str, Any], ...] = ()
    note: str = ""
    scores: Scores | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """Measurements side by side, by name, and what to know of them in a sentence.

    Only samples that are `independent`, of different material, have intervals of their differences: of one volume
    measured in two ways both would move together.
    """

    title: str
    samples: tuple[tuple[str, Measurements], ...]
    independent: bool = True
    explanation: str = ""


@dataclass(frozen=True)
class Estimates:
    """The numbers that every estimator made of some labels, and the box of them (z y x) that was looked at."""

    labels: str
    box: str
    found: Reconciliation


class PageContent(Protocol):
    """The values that sections need which stand on more than one kind of page."""

    @property
    def measurements(self) -> Measurements | None: ...

    @property
    def measured(self) -> str: ...

    @property
    def comparisons(self) -> tuple[Comparison, ...]: ...

    @property
    def methods_text(self) -> str: ...

    @property
    def citations(self) -> tuple[str, ...]: ...

    @property
    def shape(self) -> Triple: ...

    @property
    def voxel_size(self) -> VoxelSize | None: ...


@dataclass(frozen=True, eq=False)
class ReportContent:
    """Everything on the page. `annotated_slices` (z) are those a human labelled for training.

    `facts` are shown in their order as name and value; `steps` are provenance steps (`Provenance.to_json`).
    `measurements` are of the labels that `measured` names; `comparisons` set them beside others. `findings` are about
    the images and the labels that were trained on; those of methods are theirs. Without images (`has_images`) the
    grey values of `volume` are the phases of the labels.

    Raises:
        ShapeError: truth, labels or scores that are not of the volume's shape.
    """

    title: str
    volume: Volume
    truth: LabelVolume | None = None
    annotated_slices: tuple[int, ...] = ()
    methods: tuple[MethodResult, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    methods_text: str = ""
    citations: tuple[str, ...] = ()
    steps: tuple[Mapping[str, Any], ...] = ()
    measurements: Measurements | None = None
    measured: str = ""
    comparisons: tuple[Comparison, ...] = ()
    findings: tuple[Finding, ...] = ()
    estimates: Estimates | None = None
    has_images: bool = True

    def __post_init__(self) -> None:
        given: list[tuple[str, LabelVolume | Scores | None]] = [("the truth", self.truth)]
        given += [(f"the labels of {m.name}", m.labels) for m in self.methods]
        given += [(f"the scores of {m.name}", m.scores) for m in self.methods]
        for what, volume in given:
            if volume is not None and volume.shape != self.volume.shape:
                raise ShapeError(
                    f"expected {what} of the volume's shape {self.volume.shape} (z, y, x) for the report, "
                    f"found {volume.shape}; give labels of the same stack and box"
                )

    @property
    def shape(self) -> Triple:
        return self.volume.shape

    @property
    def voxel_size(self) -> VoxelSize | None:
        return self.volume.voxel_size

    @property
    def positive(self) -> str:
        """The name of the positive phase; empty where the page has only grey values."""
        return "" if self.phases is None else self.phases.names[self.phases.positive]

    @property
    def phases(self) -> PhaseTable | None:
        """The phases of the truth, or of the first method; None where the page has only grey values."""
        if self.truth is not None:
            return self.truth.phases
        return self.methods[0].labels.phases if self.methods else None

    @property
    def scored(self) -> tuple[MethodResult, ...]:
        """The methods with an IoU of the positive phase, best first."""
        scored = [m for m in self.methods if iou_of(m) is not None]
        return tuple(sorted(scored, key=lambda m: iou_of(m) or 0.0, reverse=True))


def iou_of(method: MethodResult) -> float | None:
    """The IoU of the positive phase, None where the method was not scored."""
    return None if method.evaluation is None else method.evaluation.positive_scores.iou
