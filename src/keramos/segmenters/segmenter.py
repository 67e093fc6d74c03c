"""The protocol of every segmenter, threshold or network, as the block engine uses it."""

from __future__ import annotations

from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import PhaseTable, Volume
from keramos.core.progress import Progress
from keramos.networks.signature import Signature


class Segmenter(Protocol):
    """Scores of a block's core from the pixels of its read box."""

    @property
    def name(self) -> str: ...

    @property
    def phases(self) -> PhaseTable: ...

    @property
    def signature(self) -> Signature: ...

    def fit_to(self, volume: Volume, progress: Progress) -> Self:
        """This segmenter, made ready for `volume` by a first pass over it where it needs one."""
        ...

    def scores(self, pixels: NDArray[Any], block: Block) -> NDArray[np.float32]:
        """Scores in 0 ... 1, (classes, Z, Y, X) of `block.core`, from the pixels (Z Y X) of `block.read`."""
        ...

    def identity(self) -> str:
        """A text that differs between any two segmenters that may give different scores."""
        ...


def decide(scores: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The code of the highest score; on a tie the lower code."""
    codes: NDArray[np.uint8] = np.argmax(scores, axis=0).astype(np.uint8)
    return codes
