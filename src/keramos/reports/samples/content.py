"""The content of a page on several samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keramos.core import Finding, LabelVolume, Volume, VoxelSize
from keramos.core.errors import ShapeError
from keramos.measurements import Measurements
from keramos.measurements.groups import GroupComparison


@dataclass(frozen=True, eq=False)
class Sample:
    """The measurements of one sample, of its whole volume and of `one_slice` in its middle; labels and images where
    they are at hand; `steps` of its provenance (`Provenance.to_json`); `findings` about its labels;
    the voxel size, and the `fingerprint` of its images, where they are known.

    Raises:
        ShapeError: images that are not of the labels' shape.
    """

    name: str
    measurements: Measurements
    labels: LabelVolume | None = None
    images: Volume | None = None
    one_slice: Measurements | None = None
    steps: tuple[Mapping[str, Any], ...] = ()
    findings: tuple[Finding, ...] = ()
    voxel_size: VoxelSize | None = None
    fingerprint: str | None = None

    def __post_init__(self) -> None:
        if self.labels is not None and self.images is not None and self.labels.shape != self.images.shape:
            raise ShapeError(
                f"expected the images of {self.name} of its labels' shape {self.labels.shape} (z, y, x), found "
                f"{self.images.shape}; give images of the same box"
            )


@dataclass(frozen=True, eq=False)
class SamplesContent:
    """At least two samples with different names; `same_volume` if they are segmentations of the same images.

    Samples of different material have a `comparison`: of groups or of a series if they are `grouped`, else of each with
    the first one. `findings` are about the comparison, those of samples are theirs.
    """

    title: str
    samples: tuple[Sample, ...]
    citations: tuple[str, ...] = ()
    same_volume: bool = False
    comparison: GroupComparison | None = None
    grouped: bool = False
    findings: tuple[Finding, ...] = ()
