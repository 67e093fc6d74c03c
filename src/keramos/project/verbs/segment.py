"""Segment images."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from keramos.core import BoxSource, LabelVolume, Step, Volume
from keramos.core.progress import Reporter
from keramos.io import file_fingerprint, open_labels
from keramos.learning import Device, Fitted, pick_device
from keramos.project.inputs import Images, Reading, note_gaps, versions
from keramos.project.outputs import refuse_inputs
from keramos.segmenters import Segmenter, SegmentSettings, load_segmenter, resample_to_model, segment_volume


def segment(
    images: Images,
    model: str | Path | Fitted,
    *,
    out: str | Path,
    average_views: bool = False,
    resample: bool = False,
    otsu_scope: Literal["slice", "stack"] | None = None,
    device: Device = "auto",
    settings: SegmentSettings | None = None,
    reading: Reading | None = None,
    reporter: Reporter | None = None,
) -> LabelVolume:
    """Segment images with a model file, `otsu` or `sauvola` into the OME-Zarr `out`, and open the labels.

    A run that was killed goes on where it stopped. `average_views` averages a network over flips and rotations;
    `resample` takes stacks of another voxel size than the model's onto its grid, and the result back.

    Raises:
        KeramosError: its members say what does not fit: model, voxel size, memory, an `out` of another run.
    """
    reading, reporter, out = reading or Reading(), reporter or Reporter(), Path(out)
    refuse_inputs(out, images, model)
    volume = reading.volume(images)
    note_gaps(volume, reporter)
    source = model.path if isinstance(model, Fitted) else model
    options = {"average_views": average_views or None, "otsu_scope": otsu_scope}
    predictor = load_segmenter(source, volume, device=pick_device(device), **options)
    if resample:
        predictor = resample_to_model(predictor, volume)
    inputs = {"images": file_fingerprint(volume), "model": sha256(predictor.identity().encode()).hexdigest()}
    decided = _decided(settings or SegmentSettings())
    step = Step("segment", {**_parameters(volume, predictor, source), **decided}, inputs, versions())
    made = volume.provenance.then(step)
    segment_volume(volume, predictor, out, settings=settings, provenance=made, reporter=reporter)
    return open_labels(out)


def _parameters(volume: Volume, predictor: Segmenter, model: str | Path) -> dict[str, Any]:
    """What it takes to run the step again."""
    box = volume.source.box if isinstance(volume.source, BoxSource) else None
    return {
        "images": volume.name,
        "box": None if box is None else str(box),
        "voxel_size_nm": list(volume.voxel_size.zyx) if volume.voxel_size else None,
        "model": str(model),
        "predictor": predictor.name,
        **predictor.facts(),
    }


def _decided(settings: SegmentSettings) -> dict[str, Any]:
    """How phases were decided on, where it was another way than the usual one."""
    usual, names = SegmentSettings(), ("threshold", "remove_specks", "fill_holes")
    chosen = {name: getattr(settings, name) for name in names}
    return {name: value for name, value in chosen.items() if value not in (getattr(usual, name), "0")}
