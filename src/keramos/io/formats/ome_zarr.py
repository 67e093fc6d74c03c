"""OME-Zarr: images and labels by Keramos and by other software."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from keramos.core import Provenance
from keramos.core.errors import FormatError
from keramos.io.error_text import one_line
from keramos.io.format import Format, LabelValue, Opened
from keramos.io.missing_chunks import CHUNKS
from keramos.io.ngff_read import Attributes, NgffImage, is_zarr, read_attributes, read_ngff
from keramos.io.ngff_write import FACTS, PREPARATION, phases_from_json, view_from_json
from keramos.io.unfinished import find_unfinished


def open_ome_zarr(path: Path, _indices: bool = False, *, channel: int | None = None) -> Opened:
    """The first multiscale image of a group, or one `channel` of it, and all that its attributes say.

    Raises:
        FormatError: no Zarr group with multiscales, or facts by Keramos that this version does not understand.
    """
    image = read_ngff(path)
    ours = image.keramos
    try:
        phases = phases_from_json(ours["phases"]) if ours.get("phases") else None
        view = view_from_json(ours.get("view"))
        provenance = Provenance.from_json(ours.get("provenance", []))
        values = _label_values(image.image_label or {})
        regions = tuple(str(name) for name in ours.get("bits") or ())
        facts = dict(ours.get(FACTS) or ours.get(PREPARATION) or {})
        written = None if ours.get(CHUNKS) is None else int(ours[CHUNKS])
    except Exception as error:  # anybody may have edited the JSON
        raise FormatError(
            f"expected the facts that this version of Keramos writes in {image.group}, found others "
            f"({one_line(error)}); open it with the version that wrote it"
        ) from None
    source, kind, unfinished = image.source(0, channel), _kind(image), find_unfinished(path, provenance)
    missing = source.check_chunks(written, kind) if unfinished is None else []
    return Opened(
        source,
        image.voxel_size,
        format=f"{OME_ZARR.name} {image.version}",
        kind=kind,
        tags=(read_attributes(image.group),),
        view=view,
        provenance=provenance,
        phases=phases,
        values=values,
        labels={name: image.group / "labels" / name for name in image.labels},
        regions=regions,
        facts=facts,
        unfinished=unfinished,
        findings=(*image.findings, *missing),
        levels=lambda: [image.source(level, channel).shape for level in range(len(image.levels))],
    )


def open_channels(path: Path) -> list[Opened]:
    """The stack of each channel of a grey image with an axis of several; none for other images."""
    image = read_ngff(path)
    if "c" not in image.axes or "z" not in image.axes or _kind(image) != "image":
        return []
    lengths = dict(zip(image.axes, image.source(0, 0).stored_shape, strict=True))
    if lengths["c"] < 2 or lengths["z"] < 2:
        return []
    names = image.channels if len(image.channels) == lengths["c"] and all(image.channels) else ()
    opened = [open_ome_zarr(path, channel=number) for number in range(lengths["c"])]
    return [replace(one, channel=names[i] if names else f"channel {i + 1}") for i, one in enumerate(opened)]


def _kind(image: NgffImage) -> str:
    return str(image.keramos.get("kind") or ("image" if image.image_label is None else "labels"))


def _label_values(label: Attributes) -> tuple[LabelValue, ...]:
    """The values that the colours and properties of a label image list; rows without a value say nothing."""
    names = {int(row["label-value"]): _name(row) for row in label.get("properties") or [] if "label-value" in row}
    colours = {
        int(row["label-value"]): _hex(row.get("rgba")) for row in label.get("colors") or [] if "label-value" in row
    }
    return tuple(LabelValue(value, names.get(value), colours.get(value)) for value in sorted({*names, *colours}))


def _name(row: Attributes) -> str | None:
    return next((str(row[key]) for key in ("name", "class", "label") if row.get(key)), None)


def _hex(rgba: list[int] | None) -> str | None:
    return "#{:02x}{:02x}{:02x}".format(*rgba[:3]) if rgba else None


OME_ZARR = Format("OME-Zarr", (".zarr",), open_ome_zarr, sniff=is_zarr, is_folder=True, open_channels=open_channels)
