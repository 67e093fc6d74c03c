"""A half-open box of voxels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from keramos.core.errors import ShapeError

Triple = tuple[int, int, int]


def triple(values: Sequence[int]) -> Triple:
    """Three integers, Z Y X."""
    if len(values) != 3:
        raise ShapeError(f"expected three integers Z Y X, found {len(values)}: {tuple(values)}")
    z, y, x = (int(value) for value in values)
    return (z, y, x)


@dataclass(frozen=True, slots=True)
class Box:
    """Voxels with `start <= index < stop` along Z Y X. May lie partly outside a volume; never of negative size."""

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
        """For indexing an array whose origin is this box's coordinate origin."""
        z, y, x = (slice(a, b) for a, b in zip(self.start, self.stop, strict=True))
        return (z, y, x)

    def shift(self, by: Sequence[int]) -> Box:
        return Box(
            triple([a + d for a, d in zip(self.start, by, strict=True)]),
            triple([b + d for b, d in zip(self.stop, by, strict=True)]),
        )

    def relative_to(self, other: Box) -> Box:
        """This box in the coordinates of an array that holds `other`."""
        return self.shift([-a for a in other.start])

    def grow(self, by: Sequence[int]) -> Box:
        """Larger by `by` voxels (Z Y X) on both sides of each axis."""
        return Box(
            triple([a - d for a, d in zip(self.start, by, strict=True)]),
            triple([b + d for b, d in zip(self.stop, by, strict=True)]),
        )

    def clip(self, other: Box) -> Box:
        """What this box and `other` have in common (empty where nothing)."""
        start = triple([min(max(a, c), d) for a, c, d in zip(self.start, other.start, other.stop, strict=True)])
        stop = triple([max(min(b, d), a) for b, d, a in zip(self.stop, other.stop, start, strict=True)])
        return Box(start, stop)

    def contains(self, other: Box) -> bool:
        return all(a <= c for a, c in zip(self.start, other.start, strict=True)) and all(
            d <= b for b, d in zip(self.stop, other.stop, strict=True)
        )

    def __str__(self) -> str:
        return ",".join(f"{a}:{b}" for a, b in zip(self.start, self.stop, strict=True))


def parse_box(text: str, shape: Sequence[int]) -> Box:
    """Read `z0:z1,y0:y1,x0:x1` for a volume of `shape`. An empty bound means the volume's own.

    Raises:
        ShapeError: the text is not of that form, or the box is empty or leaves the volume.
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
