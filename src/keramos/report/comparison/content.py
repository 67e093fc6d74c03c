"""What a comparison shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.evaluate import Evaluation
from keramos.evaluate.crop_scores import CropScores
from keramos.evaluate.score_histogram import ScoreCurves
from keramos.volume import LabelVolume, PhaseTable, Volume, VoxelSize

Grey = NDArray[np.generic]
Codes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class LayerShape:
    """A layer as a drawing needs it: what it does, channels out, and the edge of its output in pixels."""

    kind: str
    channels: int
    edge: int


@dataclass(frozen=True)
class NetworkShape:
    """A network as it runs on an image of `edge` x `edge` pixels. `joins` says how features are brought together."""

    layers: tuple[LayerShape, ...]
    edge: int
    parameters: int
    kflop_per_pixel: float
    joins: str


@dataclass(frozen=True, eq=False)
class Method:
    """One method's results. `labels` are its codes of the test slice (Y X), `stack` those of the whole stack.

    `title` is what the paper calls it. `fractions` are of the positive phase in each slice of the stack, `likeness`
    the IoU of it in neighbouring slices. Times are in seconds.
    """

    name: str
    title: str
    crops: CropScores
    curves: ScoreCurves
    evaluation: Evaluation
    labels: Codes
    is_network: bool
    stack: LabelVolume | None = None
    fractions: tuple[float, ...] = ()
    likeness: tuple[float, ...] = ()
    seconds_train: float | None = None
    seconds_stack: float | None = None
    shape: NetworkShape | None = None
    curve: tuple[Mapping[str, Any], ...] = ()
    parameters: str = ""


@dataclass(frozen=True, slots=True)
class NamedRegion:
    """A window of the test slice (rows and columns, half-open) that is shown enlarged, and why."""

    name: str
    rows: tuple[int, int]
    columns: tuple[int, int]
    why: str


@dataclass(frozen=True, eq=False)
class ComparisonContent:
    """Everything on the page. The slices are the first of the training and of the test images (Y X)."""

    title: str
    phases: PhaseTable
    train: tuple[Grey, Codes]
    test: tuple[Grey, Codes]
    voxel_size: VoxelSize | None
    methods: tuple[Method, ...]
    regions: tuple[NamedRegion, ...]
    sets: int
    crops_per_set: int
    crop_edge: int
    stack: Volume | None = None
    annotated: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    protocol: str = ""
    citations: tuple[str, ...] = ()

    @property
    def positive(self) -> str:
        return self.phases.names[self.phases.positive]
