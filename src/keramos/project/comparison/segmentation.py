"""Labels of the test slices and of the stack, each in a store with its own checkpoint."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, LabelVolume, Step, Volume
from keramos.core.errors import ResumeError
from keramos.core.files import make_folder, write_text
from keramos.core.progress import Reporter
from keramos.io import file_fingerprint, open_labels
from keramos.project.comparison.crops import with_scope
from keramos.project.comparison.data import ComparisonData
from keramos.project.comparison.settings import Protocol
from keramos.project.inputs import versions
from keramos.project.scores import score_labels
from keramos.scoring import Evaluation, ScoreSettings
from keramos.scoring.ratios import number
from keramos.segmenters import Segmenter, planes_of, segment_volume
from keramos.settings.segment import SegmentationOptions

_SLICES_APART = 1e9  # test slices are not neighbours: blocks of the bootstrap stay within one
_SLAB = 16


@dataclass(frozen=True)
class OverStack:
    """The positive phase along a stack: its fraction in each slice, and the IoU of each two neighbouring slices."""

    fractions: tuple[float, ...]
    slice_to_slice_iou: tuple[float | None, ...]


def test_labels(
    name: str, predictor: Segmenter, data: ComparisonData, settings: Protocol, out: Path, reporter: Reporter
) -> tuple[NDArray[np.uint8], ...]:
    """The codes of each whole test slice; Otsu thresholds each by itself unless its scope is the stack."""
    predictor = with_scope(predictor, settings.otsu_scope)
    found, seconds = [], 0.0
    for number_, item in enumerate(data.test.slices):
        store = out / "test" / f"{name}-{number_}.ome.zarr"
        seen = item.with_planes(planes_of(name))
        seconds += _segment_or_resume(seen.as_volume(data.test.voxel_size), predictor, store, settings, reporter) or 0.0
        found.append(open_labels(store).read(seen.block.core)[0])
    if seconds:
        _write_times(out, {**read_times(out), f"{name} test": round(seconds, 2)})
    return tuple(found)


def stack_labels(
    name: str, predictor: Segmenter, data: ComparisonData, settings: Protocol, out: Path, reporter: Reporter
) -> LabelVolume | None:
    """The labels of the stack; None without one."""
    if data.stack is None:
        return None
    predictor = with_scope(predictor, settings.otsu_scope)
    store = out / "stack" / f"{name}.ome.zarr"
    seconds = _segment_or_resume(data.stack, predictor, store, settings, reporter)
    if seconds is not None:
        _write_times(out, {**read_times(out), name: round(seconds, 2)})
    return open_labels(store)


def measure_over_stack(labels: LabelVolume, reporter: Reporter, title: str) -> OverStack:
    """Fractions and the IoU of neighbours, a slab of slices at a time."""
    depth, positive = labels.shape[0], labels.phases.positive
    fractions: list[float] = []
    slice_to_slice_iou: list[float | None] = []
    before: NDArray[np.bool_] | None = None
    progress = reporter.progress(f"measure the slices of {title}", "slice")
    for start in range(0, depth, _SLAB):
        box = Box((start, 0, 0), (min(start + _SLAB, depth), *labels.shape[1:]))
        for found in labels.read(box) == positive:
            fractions.append(float(found.mean()))
            if before is not None:
                either = np.count_nonzero(found | before)
                slice_to_slice_iou.append(number(np.count_nonzero(found & before) / either) if either else None)
            before = found
        progress(box.stop[0], depth)
    return OverStack(tuple(fractions), tuple(slice_to_slice_iou))


def evaluate_slices(
    codes: tuple[NDArray[np.uint8], ...], data: ComparisonData, reporter: Reporter, title: str
) -> Evaluation:
    """Scores over all test slices at once, with intervals from spatial blocks of them."""
    height, width = np.max([item.codes.shape for item in data.test.slices], axis=0)

    def stack_up(slices: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
        whole = np.full((len(slices), height, width), NOT_ANNOTATED, np.uint8)
        for place, plane in zip(whole, slices, strict=True):
            place[: plane.shape[0], : plane.shape[1]] = plane
        return whole

    phases = data.test.phases
    truth = LabelVolume.from_array(stack_up([s.codes for s in data.test.slices]), phases, data.test.voxel_size)
    found = LabelVolume.from_array(stack_up(list(codes)), phases, data.test.voxel_size)
    whole = ScoreSettings.of(phases, truth.shape)
    settings = replace(whole, cell=(1, *whole.cell[1:]), z_per_y=_SLICES_APART)
    scored = score_labels(found, truth, settings=settings, progress=reporter.progress(f"score {title}"))
    rows = zip(scored.per_slice, data.test.slices, strict=True)
    return replace(scored, per_slice=tuple(replace(row, z=item.z) for row, item in rows))


def read_times(out: Path) -> dict[str, float]:
    """Seconds that each method took for the stack."""
    try:
        found: dict[str, float] = json.loads((out / "times.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _write_times(out: Path, times: dict[str, float]) -> None:
    write_text(out / "times.json", json.dumps(times, indent=1) + "\n")


def _segment_or_resume(
    volume: Volume, predictor: Segmenter, store: Path, settings: Protocol, reporter: Reporter
) -> float | None:
    """Segment, or go on; the seconds for the whole, where anything was left to do."""
    make_folder(store.parent)
    inputs = {"images": file_fingerprint(volume), "model": sha256(predictor.identity().encode()).hexdigest()}
    parameters: dict[str, Any] = {"images": volume.name, "predictor": predictor.name}
    made = volume.provenance.then(Step("segment", parameters, inputs, versions()))
    how, quiet = SegmentationOptions(memory=settings.memory), _Quiet(reporter)
    try:
        run = segment_volume(volume, predictor, store, settings=how, provenance=made, reporter=quiet)
    except ResumeError:
        # Begun on another device, with other memory or other versions: only this store is made again.
        reporter.note(f"{store} was begun on other terms (device, memory or versions): it is made again")
        how = replace(how, fresh=True)
        run = segment_volume(volume, predictor, store, settings=how, provenance=made, reporter=quiet)
    return run.seconds * run.blocks / run.made if run.made else None


class _Quiet(Reporter):
    """Bars, but not the notes of each of the many runs: that one is finished or resumed is what a comparison does."""

    def __init__(self, reporter: Reporter) -> None:
        self.progress = reporter.progress  # type: ignore[method-assign]
