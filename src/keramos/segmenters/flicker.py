"""Flicker: voxels of another phase than both slices beside them, decided by these where their scores are unsure.

scores -> codes, each marked where it is unsure -> once the neighbours of a block are there: what flickers and is unsure
gets the phase of its neighbours along z

Noise, and what shines through, differ from slice to slice, while phases go on. All decisions are on whole numbers as
they are stored, so that blocks, workers and kills change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block, computing_versions, open_checkpoint, plan_identity, run_plan
from keramos.core import NOT_ANNOTATED
from keramos.core.progress import Reporter
from keramos.io import ZarrWriter
from keramos.segmenters.memory import CHUNK, settling_plan

UNSURE = 0.55
"""The score of the own phase below which what flickers is changed. Higher bounds improve chords along z on phantoms of
six materials (`benchmarks/flicker.py`), and lose small pieces: from 0.6 on, components are too few by half."""
MOST_PHASES = 127
LEAST_SLICES = 3
_MARK = np.uint8(128)
"""The bit above the codes: unsure."""
_CODE = np.uint8(127)
_ALONE = 16
"""So many blocks are done before other processes have even started."""


def mark_unsure(codes: NDArray[np.uint8], scores: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Codes (Z Y X), below `MOST_PHASES`, marked where the phase's score in `scores` (phases, Z, Y, X) is low."""
    own = scores[0].copy()
    for code in range(1, len(scores)):
        np.copyto(own, scores[code], where=codes == code)
    return np.where(own < np.float32(UNSURE), codes | _MARK, codes)


def settle(marked: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The codes (Z Y X) of voxels marked by `mark_unsure`, those that flicker and are unsure changed. Voxels of the
    first and last slice, and those without an annotation or beside such slices, stay.

    Example:
        >>> scores = np.full((3, 5, 5), 0.95, np.float32)
        >>> scores[1, 2, 2:4] = 0.46
        >>> decided = (scores > 0.5).astype(np.uint8)
        >>> int(settle(mark_unsure(decided, np.stack([1 - scores, scores]))).sum()) - int(decided.sum())
        2
    """
    codes = np.where(marked == NOT_ANNOTATED, marked, marked & _CODE)
    settled = codes.copy()
    for z in range(1, len(codes) - 1):
        before, own, after = codes[z - 1 : z + 2]
        unsure = (marked[z] >= _MARK) & (own != NOT_ANNOTATED)
        flickers = unsure & (before == after) & (before != own) & (before != NOT_ANNOTATED)
        np.copyto(settled[z], before, where=flickers)
    return settled


@dataclass(frozen=True)
class _Settle:
    """The task of one block."""

    marked: ZarrWriter
    result: ZarrWriter

    def __call__(self, block: Block) -> None:
        self.write(block, self.compute(block, self.read(block)))

    def read(self, block: Block) -> NDArray[np.uint8]:
        return np.asarray(self.marked.read(block.read), np.uint8)

    def compute(self, block: Block, marked: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return settle(marked)[block.core_in_read.slices]

    def write(self, block: Block, codes: NDArray[np.uint8]) -> None:
        self.result.write(block.core, codes)


def remove_flicker(
    marked: ZarrWriter,
    result: ZarrWriter,
    *,
    folder: Path,
    workers: int = 1,
    scheduler: str | None = None,
    reporter: Reporter,
) -> None:
    """Write the settled codes of `marked` to `result`; a killed run is resumed by the checkpoint in `folder`.

    Raises:
        StorageError: the disk refuses.
        ResumeError: what is in `folder` belongs to other blocks.
    """
    plan = settling_plan(marked.shape, marked.shards or CHUNK)
    identity = {"flicker": UNSURE, **plan_identity(plan), **computing_versions()}
    is_long = len(plan) > _ALONE
    run_plan(
        plan,
        _Settle(marked, result),
        checkpoint=open_checkpoint(folder / "settled.jsonl", identity, output=folder),
        workers=workers if is_long else 1,
        scheduler=scheduler if is_long else None,
        progress=reporter.progress("remove flicker"),
    )
