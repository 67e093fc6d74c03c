"""The decision on scores that a training has chosen, as it would be on a slice of a stack that is segmented."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, triple
from keramos.networks.card import ModelCard
from keramos.segmenters.component_filter import drop_small
from keramos.segmenters.decision import Decision
from keramos.segmenters.flicker import LEAST_SLICES, settle


@dataclass(frozen=True)
class LearnedDecision:
    """Whether flicker is removed, the threshold of the positive one of two phases (None: the likelier phase), and below
    how many voxels pieces are removed."""

    removes_flicker: bool = False
    threshold: float | None = None
    specks: int = 0

    @classmethod
    def of(cls, card: ModelCard) -> LearnedDecision:
        """The decision that a card states."""
        return cls(card.removes_flicker, card.threshold, card.specks)

    def to_json(self) -> dict[str, Any]:
        """JSON values: the fields of a card."""
        return asdict(self)

    def codes_of_middle(self, scores: NDArray[np.float32], positive: int) -> NDArray[np.uint8]:
        """Codes (Y X) of the middle slice of scores (phases, Z, Y, X).

        Pieces that reach the first or the last of several slices stay: they may go on.
        """
        depth = scores.shape[1]
        removes = self.removes_flicker and depth >= LEAST_SLICES
        codes = Decision(positive, self.threshold, removes_flicker=removes).first_codes(scores)
        codes = settle(codes) if removes else codes
        beyond = int(depth > 1)
        box = Box((beyond, 0, 0), (depth + beyond, *codes.shape[1:]))
        if self.specks:
            for code in (positive, 1 - positive):
                shape = triple([depth + 2 * beyond, *codes.shape[1:]])
                codes, _, _ = drop_small(codes, code, self.specks, box, shape)
        middle: NDArray[np.uint8] = codes[depth // 2]
        return middle
