"""Images whose text says another size than they have."""

from __future__ import annotations

from keramos.acquisition.vendor import Fact, Tags
from keramos.core import Finding

_WIDTH, _LENGTH = "256", "257"


def report_resampled(tags: Tags, size: tuple[int, int] | None, source: str) -> Finding | None:
    """A finding where the image is not as wide as it was scanned, so that the size of its pixels is unknown; `size` in
    rows and columns."""
    width = tags.get(_WIDTH)
    if size is None or width is None or int(width) == size[1]:
        return None
    return Finding(
        "voxel-size",
        f"the image is {int(width)} pixels wide, but {size[1]} by {source}",
        "it was cut out or scaled, so that the size of a pixel that is written may be that of another image; it is not "
        "taken",
        "give the voxel size (--voxel-size Z Y X, in nm)",
    )


def read_bar(tags: Tags, size: tuple[int, int] | None, source: str) -> dict[str, Fact]:
    """The rows below those that were scanned, of an image that is as wide as it was scanned."""
    width, rows = tags.get(_WIDTH), tags.get(_LENGTH)
    if size is None or width is None or rows is None or int(width) != size[1]:
        return {}
    below = int(rows) - size[0]
    return {"information_bar_rows": Fact(below, source)} if 0 < below < size[0] else {}
