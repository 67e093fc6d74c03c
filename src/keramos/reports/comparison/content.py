"""Everything that a comparison shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Finding, LabelVolume, PhaseTable, Triple, Volume, VoxelSize
from keramos.measurements import Measurements
from keramos.networks.traced import Traced
from keramos.reports.content import Comparison
from keramos.scoring import Evaluation
from keramos.scoring.crop_scores import CropScores
from keramos.scoring.hard_cases import HardCases
from keramos.scoring.score_histogram import ScoreCurves

Grey = NDArray[np.generic]
Codes = NDArray[np.uint8]
Marks = Mapping[str, tuple[tuple[int, float], ...]]


@dataclass(frozen=True, eq=False)
class Method:
    """One method's results. `labels` are its codes of the first test slice (Y X), `stack` those of the whole stack.

    `title` is what the paper calls it. `curves` are None where nothing ranks the voxels. `fractions` are of the
    positive phase in each slice of the stack, `slice_to_slice_iou` is the IoU of it in neighbouring slices. `trainings`
    holds the IoU over crops of each training. Times are in seconds. `layers` draw a network.
    """

    name: str
    title: str
    crops: CropScores
    curves: ScoreCurves | None
    evaluation: Evaluation
    labels: Codes
    cases: HardCases
    stack: LabelVolume | None = None
    fractions: tuple[float, ...] = ()
    slice_to_slice_iou: tuple[float | None, ...] = ()
    trainings: tuple[float, ...] = ()
    seconds_train: float | None = None
    seconds_stack: float | None = None
    seconds_test: float | None = None
    layers: Traced | None = None
    curve: tuple[Mapping[str, Any], ...] = ()
    parameters: str = ""

    @property
    def iou(self) -> float | None:
        """The mean over crops, as in Table 1."""
        return self.crops.over_crops["iou"].mean


@dataclass(frozen=True, slots=True)
class NamedRegion:
    """A window of the test slice (rows and columns, half-open) that is shown enlarged, and why."""

    name: str
    rows: tuple[int, int]
    columns: tuple[int, int]
    why: str


@dataclass(frozen=True, eq=False)
class ComparisonContent:
    """Everything on the page. The slices are the first of the training and of the test images (Y X).

    `measurements` are of the stack as the method that `measured` names segmented it; `comparisons` set them beside
    others.
    `successes` and `failures` are the rows of Figs. 3 and 4. `annotated` marks slices of the stack: for `training` and
    `test`, (z as in the file, true fraction). `otsu_scopes` are Otsu's scores by scope. `training` says how networks
    were trained, `notes` what a reader must know, `findings` doubts about the data. Figures are also written to the
    folder `figures`, if given.
    """

    title: str
    phases: PhaseTable
    train: tuple[Grey, Codes]
    test: tuple[Grey, Codes]
    voxel_size: VoxelSize | None
    methods: tuple[Method, ...]
    successes: tuple[NamedRegion, ...]
    failures: tuple[NamedRegion, ...]
    sets: int
    crops_per_set: int
    crop_edge: int
    preset: str
    training: str = ""
    stack: Volume | None = None
    annotated: Marks = field(default_factory=dict)
    otsu_scopes: Mapping[str, CropScores] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    methods_text: str = ""
    citations: tuple[str, ...] = ()
    measurements: Measurements | None = None
    measured: str = ""
    comparisons: tuple[Comparison, ...] = ()
    figures: Path | None = None

    @property
    def shape(self) -> Triple:
        """The shape of the stack; of a single voxel without one."""
        return (1, 1, 1) if self.stack is None else self.stack.shape

    @property
    def positive(self) -> str:
        return self.phases.names[self.phases.positive]

    @property
    def others(self) -> str:
        """The phases that are not the positive one, in words."""
        names = [name for code, name in enumerate(self.phases.names) if code != self.phases.positive]
        return " or ".join(names)

    @property
    def first_z(self) -> int:
        """The number of the stack's first slice in its file."""
        return 0 if self.stack is None else self.stack.origin[0]

    def method(self, name: str) -> Method | None:
        return next((method for method in self.methods if method.name == name), None)
