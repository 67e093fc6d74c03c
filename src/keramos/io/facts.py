"""Facts about a file, without reading its pixels."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from keramos.core import Box, PhaseTable
from keramos.core.object_path import as_path
from keramos.io.calibration import doubts_of
from keramos.io.format import Opened
from keramos.io.images import open_source
from keramos.io.ngff_read import is_zarr
from keramos.io.scores import GROUP, open_scores
from keramos.io.uncertainty import GROUP as UNCERTAINTY
from keramos.io.units import AXES

_STATED = ("information_bar_rows", "tilt_deg", "tilt_corrected", "cutting_order", "scan_rotation_deg")


def describe(path: str | Path, *, detector: str | None = None) -> dict[str, Any]:
    """JSON-able facts: kind (image, labels, scores, uncertainty or regions), format, shape (z, y, x), dtype, voxel size
    in nm (z y x; None for an edge, or all, if unknown), the source of each edge, rows of the information bar, tilt,
    frame, all that the microscope wrote (`acquisition`), view, phases (None unless the file names them), provenance,
    how a segmentation was made (images, model card, findings), level shapes, score classes, whether scores and an
    uncertainty stand beside labels, doubts about the file, and how much of it an unfinished run has done (None: it is
    finished).

    Raises as `open_volume` does.
    """
    scores = as_path(path) if as_path(path).name == GROUP else as_path(path) / GROUP
    if scores == as_path(path) and is_zarr(scores):
        return _describe_scores(scores)
    opened = open_source(path, indices=True, unfinished=True, detector=detector)
    # Labels with opacity have a type of their own.
    stored = opened if opened.unpainted is None else open_source(path, indices=False, detector=detector)
    edges = opened.edges
    facts = opened.acquisition.facts
    others = {name: fact for name, fact in facts.items() if not name.startswith("voxel_size_")}
    sources = {name: fact.source for name, fact in {**edges, **others}.items()}
    whole = Box.whole(opened.source.shape)
    is_prepared = opened.kind == "image" or "window" in opened.facts
    return {
        "path": str(path),
        "kind": opened.kind,
        "format": opened.format,
        "shape": list(opened.source.shape),
        "dtype": str(stored.source.dtype),
        "voxel_size_nm": [edges[axis].value if axis in edges else None for axis in AXES] if edges else None,
        "sources": sources,
        **{name: opened.acquisition.value(name) for name in _STATED},
        "frame": _find_frame(opened),
        "acquisition": opened.acquisition.to_json() if opened.acquisition.facts else None,
        "view": asdict(opened.view) if opened.view else None,
        "phases": _list_phases(opened.phases) if opened.phases else None,
        "regions": list(opened.regions),
        "provenance": opened.provenance.to_json(),
        "segmentation": dict(opened.facts) or None if not is_prepared else None,
        "preparation": dict(opened.facts) or None if is_prepared else None,
        "levels": None if opened.levels is None else [list(shape) for shape in opened.levels()],
        "labels": list(opened.labels),
        "scores": is_zarr(scores),
        "uncertainty": is_zarr(as_path(path) / UNCERTAINTY),
        "findings": [finding.to_json() for finding in doubts_of(opened, None, whole, str(path))],
        "unfinished": None if opened.unfinished is None else asdict(opened.unfinished),
    }


def _find_frame(opened: Opened) -> str | None:
    """`section` where the field of view followed the face, `sheared` where it stood still; None where nothing says."""
    followed = opened.acquisition.value("followed")
    if followed is not None:
        return "section" if followed else "sheared"
    # Of a view that was made of what the microscope wrote, the frame is an assumption.
    is_stored = opened.view is not None and opened.acquisition.value("tilt_deg") is None
    return opened.view.frame if opened.view is not None and is_stored else None


def _list_phases(table: PhaseTable) -> list[dict[str, Any]]:
    return [{"code": code, **asdict(phase), "positive": code == table.positive} for code, phase in enumerate(table)]


def _describe_scores(path: Path) -> dict[str, Any]:
    reader = open_scores(path)
    return {
        "path": str(path),
        "kind": "scores",
        "format": "OME-Zarr 0.5",
        "shape": list(reader.shape),
        "dtype": "uint8",
        "classes": reader.classes,
        "voxel_size_nm": list(reader.voxel_size.zyx) if reader.voxel_size else None,
        "phases": _list_phases(reader.phases),
    }
