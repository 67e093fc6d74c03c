"""The way in which a file shows its values: white for the smallest, or in the colours of a lookup table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, SourceView

INVERTED = "inverted-display"
"""Kind of the findings that a file shows large values dark."""
_LEAST_COLOUR, _LEAST_STEP = 16, 64
"""Of 255: less colour is a grey, and two greys are darker and lighter from here on."""


@dataclass(frozen=True, eq=False)
class Display:
    """The way in which values are shown. Without anything said, the larger one is lighter.

    Attributes:
        inverted: the smallest value is white, as TIFF's `WhiteIsZero`.
        colours: the colour of each value from 0 (N x 3, of 255), where the file has a lookup table.
    """

    inverted: bool = False
    colours: NDArray[np.uint8] | None = None

    def swaps(self, low: int, high: int) -> bool:
        """Whether the smaller of two values is shown in the clearly lighter grey. Colours that are no greys, as those
        of phases, say nothing.

        Example:
            >>> Display(inverted=True).swaps(0, 255)
            True
            >>> white_first = np.array([[255, 255, 255], [0, 0, 0], [230, 159, 0]], np.uint8)
            >>> Display(colours=white_first).swaps(0, 1), Display(colours=white_first).swaps(1, 2)
            (True, False)
        """
        if self.colours is None:
            return self.inverted
        if not 0 <= low < high < len(self.colours):
            return False
        first, second = self.colours[[low, high]].astype(int)
        grey = max(np.ptp(first), np.ptp(second)) < _LEAST_COLOUR
        return bool(grey and first.mean() - second.mean() >= _LEAST_STEP)

    @property
    def falls(self) -> bool:
        """Whether all values are shown in grey, and the larger the darker."""
        if self.colours is None:
            return self.inverted
        shades = self.colours.astype(int)
        grey = np.ptp(shades, axis=1).max() < _LEAST_COLOUR
        return bool(grey and (np.diff(shades[:, 0]) <= 0).all() and self.swaps(0, len(shades) - 1))


AS_STORED = Display()
"""The larger a value, the lighter it is shown."""


@dataclass(frozen=True, eq=False)
class FlippedSource(SourceView):
    """Unsigned grey values as they are shown where `top` is black: `top` less the stored value."""

    top: int

    @property
    def files(self) -> tuple[Path, ...]:
        files: tuple[Path, ...] = getattr(self.source, "files", ())
        return files

    def read(self, box: Box) -> NDArray[Any]:
        return flip(self.source.read(box), self.top)


def flip(pixels: NDArray[Any], top: int) -> NDArray[Any]:
    """Unsigned grey values turned over: 0 becomes `top`."""
    turned: NDArray[Any] = np.subtract(top, pixels, dtype=pixels.dtype)
    return turned
