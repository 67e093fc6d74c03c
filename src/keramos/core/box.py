"""A half-open box of voxels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from keramos.core.errors import ShapeError

Triple = tuple[int, int, int]


def triple(values: Sequence[int]) -> Triple:
    """The values as a tuple of three integers, Z Y X.

    Raises:
        ShapeError: there are not three.

    Example:
        >>> triple([4, 5, 6.0])
        (4, 5, 6)
    """
    if len(values) != 3:
        raise ShapeError(f"expected three integers Z Y X, found {len(values)}: {tuple(values)}")
    z, y, x = (int(value) for value in values)
    return (z, y, x)


@dataclass(frozen=True, slots=True)
class Box:
    """Voxels with `start <= index < stop` along Z Y X. May lie partly outside a volume; never of negative size.

    Raises:
        ShapeError: `stop` is before `start` along an axis.

    Example:
        >>> box = Box((0, 2, 2), (4, 6, 8))
        >>> box.shape, box.voxels
        ((4, 4, 6), 96)
        >>> str(box.grow((0, 1, 1)).clip(Box.whole((4, 6, 8))))
        '0:4,1:6,1:8'
        >>> str(box.relative_to(Box((0, 1, 1), (4, 7, 9))))
        '0:4,1:5,1:7'
    """

    start: Triple
    stop: Triple

    def __post_init__(self) -> None:
        if any(b < a for a, b in zip(self.start, self.stop, strict=True)):
            raise ShapeError(f"expected a box whose stop is not before its start, found {self}")

    @classmethod
    def whole(cls, shape: Sequence[int]) -> Box:
        """The box of a whole volume of this shape."""
        return cls((0, 0, 0), triple(shape))

    @property
    def shape(self) -> Triple:
        return triple([b - a for a, b in zip(self.start, self.stop, strict=True)])

    @property
    def voxels(self) -> int:
        return prod(self.shape)

    @property
    def slices(self) -> tuple[slice, slice, slice]:
        """Index into an array that begins at the origin of this box's coordinates."""
        z, y, x = (slice(a, b) for a, b in zip(self.start, self.stop, strict=True))
        return (z, y, x)

    def shift(self, by: Sequence[int]) -> Box:
        """A box of the same shape, moved by `by` voxels (Z Y X)."""
        return Box(
            triple([a + d for a, d in zip(self.start, by, strict=True)]),
            triple([b + d for b, d in zip(self.stop, by, strict=True)]),
        )

    def relative_to(self, other: Box) -> Box:
        """This box in the coordinates of an array that holds `other`."""
        return self.shift([-a for a in other.start])

    def grow(self, by: Sequence[int]) -> Box:
        """A box larger by `by` voxels (Z Y X) on both sides of each axis."""
        return Box(
            triple([a - d for a, d in zip(self.start, by, strict=True)]),
            triple([b + d for b, d in zip(self.stop, by, strict=True)]),
        )

    def clip(self, other: Box) -> Box:
        """The intersection with `other`; an empty box if they do not overlap."""
        start = triple([min(max(a, c), d) for a, c, d in zip(self.start, other.start, other.stop, strict=True)])
        stop = triple([max(min(b, d), a) for b, d, a in zip(self.stop, other.stop, start, strict=True)])
        return Box(start, stop)

    def contains(self, other: Box) -> bool:
        """Whether every voxel of `other` lies in this box."""
        return all(a <= c for a, c in zip(self.start, other.start, strict=True)) and all(
            d <= b for b, d in zip(self.stop, other.stop, strict=True)
        )

    def __str__(self) -> str:
        return ",".join(f"{a}:{b}" for a, b in zip(self.start, self.stop, strict=True))


def parse_box(text: str, shape: Sequence[int]) -> Box:
    """The box written as `z0:z1,y0:y1,x0:x1` for a volume of `shape`; an empty bound means the volume's own.

    Raises:
        ShapeError: the text is not of that form, or the box is empty or leaves the volume.

    Example:
        >>> parse_box("0:4,:,10:", (8, 20, 30)).shape
        (4, 20, 20)
    """
    parts = text.split(",")
    ranges = [part.split(":") for part in parts]
    if len(parts) != 3 or any(len(bounds) != 2 for bounds in ranges):
        raise ShapeError(f"expected a box as z0:z1,y0:y1,x0:x1, found '{text}'")
    try:
        start = triple([int(low) if low.strip() else 0 for low, _ in ranges])
        stop = triple([int(high) if high.strip() else n for (_, high), n in zip(ranges, shape, strict=True)])
    except ValueError:
        raise ShapeError(f"expected whole numbers in the box z0:z1,y0:y1,x0:x1, found '{text}'") from None
    if any(b <= a for a, b in zip(start, stop, strict=True)):
        raise ShapeError(f"expected a box with at least one voxel along each axis, found '{text}'")
    box = Box(start, stop)
    if not Box.whole(shape).contains(box):
        raise ShapeError(f"expected a box inside the volume of {tuple(shape)} voxels (z, y, x), found '{text}'")
    return box
