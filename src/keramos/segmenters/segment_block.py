"""Segment one block: read it, compute its scores, decide on the codes, and write what is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import NOT_ANNOTATED, Box, Volume
from keramos.io import ZarrWriter
from keramos.segmenters.decision import Decision
from keramos.segmenters.memory import slabs
from keramos.segmenters.segmenter import Segmenter
from keramos.segmenters.uncertainty import encode_uncertainty


@dataclass(frozen=True, eq=False)
class SegmentedBlock:
    """The result of a block, all uint8: codes (Z Y X), scores (phases, Z Y X) and uncertainty (Z Y X)."""

    codes: NDArray[np.uint8]
    scores: NDArray[np.uint8] | None
    uncertainty: NDArray[np.uint8] | None


@dataclass
class SegmentBlock:
    """The task of one block; it is pickled to the workers."""

    volume: Volume
    predictor: Segmenter
    labels: ZarrWriter
    score_store: ZarrWriter | None
    uncertainty_store: ZarrWriter | None = None
    decision: Decision = field(default_factory=Decision)

    def __call__(self, block: Block) -> None:
        self.write(block, self.compute(block, self.read(block)))

    def read(self, block: Block) -> NDArray[Any]:
        return self.volume.read_channels(block.read)

    def compute(self, block: Block, pixels: NDArray[Any]) -> SegmentedBlock:
        """Segment slice by slice, or a few at a time: the floats of a whole block would not fit into its memory."""
        signature, shape = self.predictor.signature, block.core.shape
        codes = np.empty(shape, np.uint8)
        kept = None if self.score_store is None else np.empty((signature.classes, *shape), np.uint8)
        unsure = None if self.uncertainty_store is None else np.empty(shape, np.uint8)
        for slab in slabs(block, signature, self.volume.shape[0]):
            seen, place = slab.read.relative_to(block.read), slab.core.relative_to(block.core).slices
            if kept is None and unsure is None and not self.decision.needs_scores:
                codes[place] = self.predictor.codes(pixels[seen.slices], slab)
                continue
            scores = self.predictor.scores(pixels[seen.slices], slab)
            codes[place] = self.decision.first_codes(scores)
            if kept is not None:
                kept[(slice(None), *place)] = np.rint(scores * 255)
            if unsure is not None:
                unsure[place] = encode_uncertainty(scores)
        self._leave_unlabelled(codes, block.core)
        return SegmentedBlock(codes, kept, unsure)

    def _leave_unlabelled(self, codes: NDArray[np.uint8], core: Box) -> None:
        """Slices that show no image of their own are not annotated: nothing is measured in them."""
        for z in self.volume.filled_slices:
            if core.start[0] <= z < core.stop[0]:
                codes[z - core.start[0]] = NOT_ANNOTATED

    def write(self, block: Block, result: SegmentedBlock) -> None:
        if self.score_store is not None and result.scores is not None:
            self.score_store.write(block.core, result.scores)
        if self.uncertainty_store is not None and result.uncertainty is not None:
            self.uncertainty_store.write(block.core, result.uncertainty)
        self.labels.write(block.core, result.codes)

    def limit_threads(self, threads: int) -> None:
        self.predictor.limit_threads(threads)

    def take_device(self, worker: int) -> None:
        self.predictor.take_device(worker)
