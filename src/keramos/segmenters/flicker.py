"""Flicker: voxels of another phase than both slices beside them, decided by these where their scores are unsure.

scores -> codes, each with how sure it is -> once the neighbours of a block are there: what flickers and is unsure by
itself, or has nothing sure of its phase around it in its slice, gets the phase of its neighbours along z

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
from keramos.segmenters.memory import settling_plan

UNSURE, SURE = 0.55, 0.85
"""Scores of the own phase: what flickers below the first is changed; with the second a voxel or one of the four beside
it in its slice keeps it. Chosen on phantoms of six materials, seeds 2 and 3 of `benchmarks/flicker.py`."""
MOST_PHASES = 63
LEAST_SLICES = 3
_SURENESS = 6
"""The bits above the codes: 0 unsure, 1 between, 2 sure."""
_CODE, _SURE = np.uint8(2**_SURENESS - 1), np.uint8(2 << _SURENESS)
_ALONE = 16
"""So many blocks are done before other processes have even started."""


def add_sureness(codes: NDArray[np.uint8], scores: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Codes (Z Y X), below `MOST_PHASES`, with how sure each is by its score in `scores` (phases, Z, Y, X)."""
    own = scores[0].copy()
    for code in range(1, len(scores)):
        np.copyto(own, scores[code], where=codes == code)
    level = (own >= np.float32(UNSURE)).astype(np.uint8) + (own >= np.float32(SURE))
    return np.asarray(codes | level << np.uint8(_SURENESS), np.uint8)


def settle(marked: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The codes (Z Y X) of voxels marked by `add_sureness`, those that flicker and are unsure changed. Voxels of the
    first and last slice, and those without an annotation or beside such slices, stay.

    Example:
        >>> scores = np.full((3, 5, 5), 0.95, np.float32)
        >>> scores[1, 2, 2:4] = 0.2
        >>> decided = (scores > 0.5).astype(np.uint8)
        >>> int(settle(add_sureness(decided, np.stack([1 - scores, scores]))).sum()) - int(decided.sum())
        2
    """
    settled = np.where(marked == NOT_ANNOTATED, np.uint8(NOT_ANNOTATED), marked & _CODE)
    for z in range(1, len(marked) - 1):
        before, own, after = marked[z - 1] & _CODE, marked[z] & _CODE, marked[z + 1] & _CODE
        flickers = (before == after) & (before != own) & (marked[z] < _SURE) & (before != _CODE)
        rows, columns = np.nonzero(flickers)
        lonely = (marked[z, rows, columns] == own[rows, columns]) | ~_is_supported(marked[z], rows, columns)
        settled[z, rows[lonely], columns[lonely]] = before[rows[lonely], columns[lonely]]
    return settled


def _is_supported(plane: NDArray[np.uint8], rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether one of the four pixels around each is surely of its phase."""
    wanted = (plane[rows, columns] & _CODE) | _SURE
    height, width = plane.shape
    found = np.zeros(len(rows), bool)
    for dy, dx in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        # Beyond the border a pixel meets itself, which is not sure.
        found |= plane[np.clip(rows + dy, 0, height - 1), np.clip(columns + dx, 0, width - 1)] == wanted
    return found


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
    plan = settling_plan(marked.shape)
    identity = {"flicker": [UNSURE, SURE], **plan_identity(plan), **computing_versions()}
    is_long = len(plan) > _ALONE
    run_plan(
        plan,
        _Settle(marked, result),
        checkpoint=open_checkpoint(folder / "settled.jsonl", identity, output=folder),
        workers=workers if is_long else 1,
        scheduler=scheduler if is_long else None,
        progress=reporter.progress("remove flicker"),
    )
