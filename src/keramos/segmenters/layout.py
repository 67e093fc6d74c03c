"""The blocks and files of a segmentation: chosen by memory and workers when it begins, and kept when it is resumed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from keramos.blocks import Plan, read_checkpoint
from keramos.core import Triple, Volume, size_in_words, triple
from keramos.core.errors import SettingsError
from keramos.core.progress import Reporter
from keramos.io import SEGMENTATION_CHECKPOINT
from keramos.io.plausible import piece_bytes
from keramos.segmenters.memory import CHUNK, SHARDS, least_memory, plan_for
from keramos.segmenters.segmenter import Segmenter
from keramos.settings.segment import SegmentationOptions

SHAPE_OF_SHARDS = "shape of shards"
"""Its name in the identity of a run."""


@dataclass(frozen=True)
class Layout:
    """The plan of blocks, the shape of shards (None: chunks alone), and how many workers have room at a time."""

    plan: Plan
    shards: Triple | None
    workers: int


def choose_layout(
    volume: Volume, predictor: Segmenter, settings: SegmentationOptions, out: Path, reporter: Reporter
) -> Layout:
    """The layout of a new run; or that of the unfinished one in `out`, whatever memory and workers that had, if one
    worker at least has room for its blocks. The reporter hears if not all have.

    Raises:
        SettingsError: as `plan_segmentation`.
    """
    chosen = Layout(
        plan_segmentation(volume, predictor, settings), choose_shards(volume, predictor, settings), settings.workers
    )
    recorded = None if settings.fresh else _read_layout(out, chosen)
    if recorded is None or recorded.plan == chosen.plan:
        return chosen
    need = [
        least_memory(
            recorded.plan,
            predictor.signature,
            workers=workers,
            kept_scores=settings.scores,
            piece_bytes=_count_piece_bytes(volume),
        )
        for workers in range(1, settings.workers + 1)
    ]
    workers = sum(bytes_ <= settings.memory for bytes_ in need)
    if workers == 0:
        return chosen  # which is refused: another plan
    if workers < settings.workers:
        reporter.note(
            f"{out} goes on with {workers} of {settings.workers} workers: the blocks that it began with take "
            f"{size_in_words(need[-1])} of --memory for all"
        )
    return Layout(recorded.plan, recorded.shards, workers)


def plan_segmentation(volume: Volume, predictor: Segmenter, settings: SegmentationOptions) -> Plan:
    """The blocks that `volume` is segmented in, of whole shards where these are asked for; nothing is read.

    Raises:
        SettingsError: even the smallest block, or a slice or chunk that is decoded whole, needs more than the memory.
    """
    return _plan_in_files(volume, predictor, settings, choose_shards(volume, predictor, settings) or CHUNK)


def choose_shards(volume: Volume, predictor: Segmenter, settings: SegmentationOptions) -> Triple | None:
    """The largest shards whose blocks fit into the memory, the smallest where none do; None for chunks alone."""
    if not settings.shards:
        return None
    for shards in SHARDS[:-1]:
        with suppress(SettingsError):
            _plan_in_files(volume, predictor, settings, shards)
            return shards
    return SHARDS[-1]


def _plan_in_files(volume: Volume, predictor: Segmenter, settings: SegmentationOptions, unit: Triple) -> Plan:
    """The blocks, each of whole files of `unit` voxels."""
    return plan_for(
        volume.shape,
        predictor.signature,
        memory_bytes=settings.memory,
        workers=settings.workers,
        kept_scores=settings.scores,
        piece_bytes=_count_piece_bytes(volume),
        unit=unit,
    )


def _count_piece_bytes(volume: Volume) -> int:
    return sum(piece_bytes(channel.source) for channel in volume.channels)


def _read_layout(out: Path, chosen: Layout) -> Layout | None:
    """The layout of the run in `out`; None where there is none, or one of another volume, model or kind of files."""
    path = out / SEGMENTATION_CHECKPOINT
    recorded = read_checkpoint(path) if path.is_file() else None
    plan = None if recorded is None or recorded.is_of_version_01 else recorded.plan
    if recorded is None or plan is None:
        return None
    shards = recorded.identity.get(SHAPE_OF_SHARDS)
    same = (plan.shape, plan.halo, plan.stride) == (chosen.plan.shape, chosen.plan.halo, chosen.plan.stride)
    if not same or (shards is None) != (chosen.shards is None):
        return None
    return Layout(plan, None if shards is None else triple(shards), chosen.workers)
