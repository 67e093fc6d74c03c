"""The stores of a segmentation: labels, scores, uncertainty, and the labels before post-processing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from keramos.core import PhaseTable, Provenance, Triple, Volume
from keramos.core.errors import StorageError
from keramos.core.progress import Progress
from keramos.io import Shards, ZarrWriter, create_labels, create_scores, create_uncertainty
from keramos.segmenters.decision import Decision
from keramos.segmenters.memory import CHUNK
from keramos.segmenters.segmenter import Segmenter
from keramos.settings.segment import SegmentationOptions

FILTER_FOLDER = "keramos-removal"
"""A folder in the output with the labels before post-processing and what is removed of them, until that is finished."""
_RAW_LABELS = "raw-labels.ome.zarr"
_MARKED_LABELS = "marked-labels.ome.zarr"


@dataclass(frozen=True)
class SegmentStores:
    """Writers of what a segmentation keeps; None for what was not asked for. `raw` are the labels before small
    components are removed of them: `labels` itself where none are. `first` are those that blocks write, marked by how
    sure they are; `raw` itself where no flicker is removed."""

    labels: ZarrWriter
    raw: ZarrWriter
    first: ZarrWriter
    scores: ZarrWriter | None
    uncertainty: ZarrWriter | None

    def build_pyramids(self, progress: Callable[[str], Progress]) -> None:
        """Add the coarser levels, and let `progress` name each task."""
        self.labels.finish(progress("build the pyramid"))
        if self.scores is not None:
            self.scores.finish(progress("build the pyramid of scores"))
        if self.uncertainty is not None:
            self.uncertainty.finish(progress("build the pyramid of the uncertainty"))


def open_stores(
    out: Path,
    volume: Volume,
    predictor: Segmenter,
    settings: SegmentationOptions,
    provenance: Provenance,
    *,
    decision: Decision,
    shards: Triple | None,
    reopen: bool,
) -> SegmentStores:
    """Create the stores in `out`, or open those of an unfinished run, each with files of the same `shards`.

    Raises:
        StorageError: they cannot be written, or what an unfinished run kept is gone.
    """
    phases, voxel_size, shape = predictor.phases, volume.voxel_size, volume.shape
    chunks = CHUNK if shards is None else Shards(CHUNK, shards)
    cells: dict[str, Any] = {"voxel_size": voxel_size, "chunks": chunks, "reopen": reopen}
    labels = create_labels(out, shape, phases=phases, provenance=provenance, **cells)
    labels.metadata = replace(labels.metadata, view=volume.view)  # which is written when the store is finished
    scores, uncertainty, raw = None, None, labels
    if settings.scores:
        scores = create_scores(out, shape, len(phases), phases=phases, **cells)
    if settings.uncertainty:
        uncertainty = create_uncertainty(out, shape, **cells)
    if decision.removals:
        raw = _open_aside(out / FILTER_FOLDER / _RAW_LABELS, shape, phases, cells)
    first = raw
    if decision.removes_flicker:
        first = _open_aside(out / FILTER_FOLDER / _MARKED_LABELS, shape, phases, cells)
    return SegmentStores(labels, raw, first, scores, uncertainty)


def _open_aside(path: Path, shape: Triple, phases: PhaseTable, cells: Mapping[str, Any]) -> ZarrWriter:
    """A store for labels on the way to those that are kept."""
    if cells["reopen"] and not path.is_dir():  # an empty store would stand for blocks that are finished
        raise StorageError(f"the labels of the unfinished run in {path} are gone; start over or write elsewhere")
    return create_labels(path, shape, phases=phases, **cells)
