"""What a file is, without reading its pixels."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from keramos.io.images import Opened, open_source
from keramos.io.ngff_read import NgffImage, is_zarr
from keramos.io.ngff_write import phases_from_json, phases_to_json, view_from_json
from keramos.io.scores import GROUP, open_scores
from keramos.io.uncertainty import GROUP as UNCERTAINTY


def describe(path: str | Path) -> dict[str, Any]:
    """JSON-able facts: kind (image, labels, scores, uncertainty or regions), format, shape (z, y, x), dtype, voxel size
    in nm (None if unknown), view, phases (None unless the file names them), provenance, level shapes, score classes,
    and whether scores and an uncertainty stand beside labels.

    Raises as `open_volume` does.
    """
    scores = Path(path) if Path(path).name == GROUP else Path(path) / GROUP
    if scores == Path(path) and is_zarr(scores):
        return _scores(scores)
    opened = open_source(path, indices=True)
    facts = {"path": str(path), "kind": "image", "format": opened.format, **_grid(opened)}
    extras = opened.ngff.keramos if opened.ngff else {}
    return {
        **facts,
        "kind": _kind(opened.ngff),
        "view": asdict(view) if (view := view_from_json(extras.get("view"))) else None,
        "phases": _phases(extras),
        "regions": list(extras.get("bits") or []),
        "provenance": opened.provenance.to_json(),
        "levels": _levels(opened.ngff),
        "labels": list(opened.ngff.labels) if opened.ngff else [],
        "scores": is_zarr(scores),
        "uncertainty": is_zarr(Path(path) / UNCERTAINTY),
    }


def _grid(opened: Opened) -> dict[str, Any]:
    size = opened.voxel_size
    return {
        "shape": list(opened.source.shape),
        "dtype": str(opened.source.dtype),
        "voxel_size_nm": list(size.zyx) if size else None,
    }


def _kind(image: NgffImage | None) -> str:
    if image is None:
        return "image"
    return str(image.keramos.get("kind") or ("labels" if image.image_label is not None else "image"))


def _levels(image: NgffImage | None) -> list[list[int]] | None:
    return None if image is None else [list(image.source(level).shape) for level in range(len(image.levels))]


def _phases(extras: dict[str, Any]) -> list[dict[str, Any]] | None:
    if not extras.get("phases"):
        return None
    table = phases_from_json(extras["phases"])
    return [{"code": code, **asdict(p), "positive": code == table.positive} for code, p in enumerate(table)]


def _scores(path: Path) -> dict[str, Any]:
    reader = open_scores(path)
    return {
        "path": str(path),
        "kind": "scores",
        "format": "OME-Zarr 0.5",
        "shape": list(reader.shape),
        "dtype": "uint8",
        "classes": reader.classes,
        "voxel_size_nm": list(reader.voxel_size.zyx) if reader.voxel_size else None,
        "phases": _phases({"phases": phases_to_json(reader.phases)}),
    }
