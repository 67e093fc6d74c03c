"""Images that are not as large as they were scanned."""

from __future__ import annotations

from collections.abc import Mapping

from keramos.acquisition.raw_tags import LENGTH, WIDTH, count_of
from keramos.acquisition.vendor import Fact, Tags
from keramos.core import Finding

_WIDTHS_AGREE = 0.01


def report_resampled(tags: Tags, size: tuple[int, int] | None, source: str) -> Finding | None:
    """A finding where the image is not as wide as it was scanned, so that the size of its pixels is unknown; `size` in
    rows and columns."""
    width = count_of(tags, WIDTH)
    if size is None or width is None or width == size[1]:
        return None
    return Finding(
        "voxel-size",
        f"the image is {width} pixels wide, but {size[1]} by {source}",
        "it was cut out or scaled, so that the size of a pixel that is written may be that of another image; it is not "
        "taken",
        "give the voxel size (--voxel-size Z Y X, in nm)",
    )


def read_bar(tags: Tags, size: tuple[int, int] | None, source: str) -> dict[str, Fact]:
    """The rows below those that were scanned, of an image that is as wide as it was scanned."""
    width, rows = count_of(tags, WIDTH), count_of(tags, LENGTH)
    if size is None or width is None or rows is None or width != size[1]:
        return {}
    below = rows - size[0]
    return {"information_bar_rows": Fact(below, source)} if 0 < below < size[0] else {}


def report_other_width(facts: Mapping[str, Fact], columns: int) -> Finding | None:
    """A finding where the field of view has more or fewer pixels than the image: a warning where the image was probably
    scaled, as the field has a whole multiple of its pixels, else a note, as it may have been cut out."""
    field, edge = facts.get("horizontal_field_um"), facts.get("voxel_size_x_nm")
    if field is None or edge is None or not edge.value or not field.value:
        return None
    scanned = field.value * 1e3 / edge.value
    ratio = scanned / columns
    if abs(ratio - 1) <= _WIDTHS_AGREE:
        return None
    is_scaled = round(ratio) in (2, 3, 4, 8) and abs(ratio / round(ratio) - 1) <= _WIDTHS_AGREE
    return Finding(
        "voxel-size",
        f"the field of view is {field.value:.5g} µm wide ({field.source}), which is {scanned:.5g} pixels of "
        f"{edge.value:.5g} nm ({edge.source}), but the image has {columns}",
        f"if it was scaled and not cut out, a pixel is {edge.value * ratio:.5g} nm; the size that is written is taken",
        "see whether the image was scaled, and give the voxel size if it was",
        severity="warning" if is_scaled else "note",
    )
