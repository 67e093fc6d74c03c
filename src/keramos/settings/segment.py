"""Options of `keramos segment`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from keramos.core import Volume
from keramos.core.options import Settings, option
from keramos.settings.kinds import input_path, output_path
from keramos.settings.reading import ReadImageOptions
from keramos.settings.resources import DeviceOptions, MemoryOptions, WorkerOptions


@dataclass(frozen=True, kw_only=True)
class SegmentationOptions(WorkerOptions, MemoryOptions, Settings):
    """Options of a segmentation by any method."""

    scores: bool = option(False, help="Also save per-phase probabilities.", group="Output")
    uncertainty: bool = option(
        False, help="Also save per-voxel uncertainty (entropy) in OUT/uncertainty.", group="Output"
    )
    threshold: float | None = option(
        None,
        help="Call a voxel the positive phase where its score is at least P (networks of two phases); default: as the "
        "model's training chose, mostly the more likely phase.",
        low=0,
        high=1,
        metavar="P",
    )
    flicker: Literal["auto", "remove", "keep"] = option(
        "auto",
        help="Give voxels of unsure scores, of another phase than both slices beside them, the phase of these; auto: "
        "where the model says that it gains by that, and slices are as near as those it learnt.",
    )
    remove_specks: int | str | None = option(
        None,
        help="Remove components of the positive phase of fewer than N voxels, or smaller than a volume such as 1e6nm3: "
        "they get the phase with which they share most faces; default: as the model's training chose, mostly none.",
        metavar="N",
    )
    fill_holes: int | str | None = option(
        None,
        help="Then fill components of all that is not the positive phase, of fewer than N voxels or smaller than a "
        "volume; default: as the model's training chose, mostly none.",
        metavar="N",
    )
    shards: bool = option(
        False,
        help="Put about sixteen chunks into each file (shards of Zarr v3), for volumes that would be 100,000 files.",
        group="Output",
    )
    backend: str = option(
        "auto", help="Inference backend of networks.", metavar="auto|torch|torch-bf16|openvino|openvino-bf16"
    )
    fresh: bool = option(
        False, help="Discard what is in OUT and start over.", group="Output", affects_result=False, wired=True
    )


@dataclass(frozen=True, kw_only=True)
class SegmentSettings(SegmentationOptions, DeviceOptions, ReadImageOptions):
    """Segment a stack. A run that was killed resumes when the same command is given again."""

    images: str | Path | Volume = input_path(
        help="A stack, a folder or a quoted pattern of slices; a+b: two detectors.",
        metavar="IMAGES",
        argument=True,
        wired=True,
    )
    model: Any = input_path(
        help="Model file (also ONNX by `export`), threshold or bundled model to segment with.",
        metavar="FILE|otsu|sauvola|NAME",
        leading=True,
    )
    out: Path = output_path("segmentation", help="The segmentation to write.", metavar="OUT.ome.zarr", wired=True)
    resample: bool = option(False, help="Resample the stack to the model's voxel size and the labels back.")
    options: Mapping[str, Any] = option(
        factory=lambda: MappingProxyType({}), help="Options of the segmenter.", internal=True
    )
