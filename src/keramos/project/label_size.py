"""Labels of another size than the images that they are laid on: refused in one sentence, with the likely reason."""

from __future__ import annotations

from collections.abc import Sequence

from keramos.core import Box, BoxSource, Finding, LabelVolume, PixelSource, Triple, Volume
from keramos.core.errors import FindingError

_BY_A_PIXEL = 2
_SAME_RATIO = 0.02
_TALLEST_BAR = 0.25
"""Of the rows above it; usual bars take 5 to 10 %."""


def region_in_file(volume: Volume | LabelVolume) -> tuple[Box, Triple]:
    """The box of its file that a volume shows, and the shape (z y x) of all of the file.

    Example:
        >>> import numpy as np
        >>> stack = Volume.from_array(np.zeros((4, 9, 9), np.uint8))
        >>> region_in_file(stack.crop(Box((1, 2, 3), (4, 9, 9))).crop(Box((1, 0, 0), (2, 5, 5))))
        (Box(start=(2, 2, 3), stop=(3, 7, 8)), (4, 9, 9))
    """
    source: PixelSource = volume.source
    region = volume.box
    while isinstance(source, BoxSource):
        region, source = region.shift(source.box.start), source.source
    return region, source.shape


def check_size(name: str, shape: Triple, other: str, sizes: Sequence[Triple]) -> None:
    """Refuse labels `name` of a shape (z y x) that is none of the `sizes` which the stack `other` and its region have;
    of labels of a single slice only rows and columns are compared.

    Raises:
        FindingError: another size.
    """
    single = shape[0] == 1
    if any(shape[1:] == size[1:] if single else shape == size for size in sizes):
        return
    whole = sizes[0]
    parts = "".join(f", of which {_text(size)} are used" for size in dict.fromkeys(sizes[1:]) if size != whole)
    raise FindingError(
        Finding(
            "label-size",
            f"{name} has {_text(shape)} where {other} has {_text(whole)}{parts}",
            "nothing says which pixel of one belongs to which of the other",
            next(filter(None, (_explain(shape, size) for size in sizes)), None) or _advise(shape, whole),
            "fatal",
        )
    )


def _explain(shape: Triple, wanted: Triple) -> str | None:
    """The likely reason why labels have another size than `wanted`, and what to do; None where there are several."""
    (height, width), (rows, columns) = shape[1:], wanted[1:]
    more = (height - rows, width - columns)
    if more == (0, 0):
        return f"{shape[0]} slices for {wanted[0]}: give all of them, or a file of one and its number with --slices"
    if (height, width) == (columns, rows):
        return "rows and columns are swapped: turn the labels as the images are turned"
    if max(map(abs, more)) <= _BY_A_PIXEL:
        return (
            f"{_difference(more)}: export them at the size of the image, and see that they are not shifted by a pixel"
        )
    if more[1] == 0 and 0 < more[0] <= _TALLEST_BAR * rows:
        return (
            f"{_difference(more)}: drawn on the image with its information bar? cut these rows off the labels where "
            "they were cut off the images, or give the uncropped images and --box"
        )
    scale = (height / rows, width / columns)
    if abs(scale[0] / scale[1] - 1) < _SAME_RATIO:
        return (
            f"{scale[0]:.3g} times as large: drawn on a scaled copy? export them at the size of the image, or scale "
            "them back without interpolation (nearest neighbour)"
        )
    return None


def _advise(shape: Triple, whole: Triple) -> str:
    """The possible reasons of another size, where none is likely by the numbers."""
    more = (shape[1] - whole[1], shape[2] - whole[2])
    if min(more) >= 0:
        return f"{_difference(more)}: drawn on the uncropped image? cut them as the images, or give those and --box"
    if max(more) <= 0:
        return f"{_difference(more)}: labels of a region? say which with --box"
    return "labels and images pair up in the order given: see that these are of that stack"


def _difference(more: tuple[int, int]) -> str:
    """Rows and columns by which labels are larger, in words."""
    words = [
        f"{abs(count)} {name}{'' if abs(count) == 1 else 's'} {'more' if count > 0 else 'fewer'}"
        for count, name in zip(more, ("row", "column"), strict=True)
        if count
    ]
    return " and ".join(words)


def _text(shape: Triple) -> str:
    lengths, axes = (shape[1:], "y x") if shape[0] == 1 else (shape, "z y x")
    return f"{' x '.join(map(str, lengths))} {'pixels' if shape[0] == 1 else 'voxels'} ({axes})"
