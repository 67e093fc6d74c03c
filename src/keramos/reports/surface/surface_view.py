"""The 3-D view's data: the surfaces to choose from, and a still picture for where WebGL is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from keramos.core import LabelVolume, Phase
from keramos.reports.content import ReportContent
from keramos.reports.plain_words import length
from keramos.reports.surface.field import fields_of
from keramos.reports.surface.mesh import Mesh, mesh_of
from keramos.reports.surface.packing import pack_bytes, pack_steps
from keramos.reports.surface.still import still_picture, tint_of

_MOST_PHASES = 3


@dataclass(frozen=True)
class SurfaceView:
    """The script's data, the still picture (data URI), and what it shows."""

    data: dict[str, Any]
    still: str
    alt: str


def surface_view(content: ReportContent) -> SurfaceView | None:
    """Surfaces of the best method's phases (at most three, the positive first) and of the true positive phase.

    None where there are no labels or fewer than two voxels along some edge, or where no phase has a surface.
    """
    shown = choose_labels(content)
    if shown is None or min(content.volume.shape) < 2:
        return None
    name, labels = shown
    positive = labels.phases.positive
    surfaces = make_surfaces(name, labels)
    if content.truth is not None and labels is not content.truth:
        surfaces += _surfaces("Truth", content.truth, (content.truth.phases.positive,))
    if not surfaces:
        return None
    phase = labels.phases.names[positive]
    data = {"surfaces": surfaces, "physical": labels.voxel_size is not None}
    return SurfaceView(data, still_picture(content, labels), f"The volume as a block of {phase}, as {name} found it")


def make_surfaces(name: str, labels: LabelVolume) -> list[dict[str, Any]]:
    """The surfaces of the phases of labels as the script reads them: at most three, the positive phase first.

    A phase without a surface is left out. The labels have two voxels at least along each edge.
    """
    positive = labels.phases.positive
    codes = (positive, *(c for c in range(len(labels.phases)) if c != positive))[:_MOST_PHASES]
    return _surfaces(name, labels, codes)


def choose_labels(content: ReportContent) -> tuple[str, LabelVolume] | None:
    """The labels that are shown, with the name of their method: the best ones, or the truth where there are no others.

    None where there are no labels at all.
    """
    method = (content.scored or content.methods)[:1]
    if method:
        labels = method[0].labels
        # What a method wrote may not know its voxel size, where the images do.
        size = labels.voxel_size or content.volume.voxel_size
        return method[0].name, LabelVolume(labels.source, size, labels.name, labels.provenance, labels.phases)
    return None if content.truth is None else ("Truth", content.truth)


def _surfaces(name: str, labels: LabelVolume, codes: tuple[int, ...]) -> list[dict[str, Any]]:
    found = []
    for code, field in zip(codes, fields_of(labels, codes), strict=True):
        mesh = mesh_of(field)
        if mesh is not None:
            phase = labels.phases.phases[code]
            found.append(_pack(f"{name}: {phase.name}", phase, mesh, labels.voxel_size is not None))
    return found


def _pack(name: str, phase: Phase, mesh: Mesh, physical: bool) -> dict[str, Any]:
    z, y, x = mesh.edges
    return {
        "name": name.encode("utf-8", "replace").decode("utf-8"),
        "colour": tint_of(phase),
        "box": [x / mesh.extent, y / mesh.extent, z / mesh.extent],
        "extent": mesh.extent,
        "lengths": [length(nm) if physical else f"{nm:g} voxels" for nm in (x, y, z)],
        "count": len(mesh.triangles),
        "vertices": pack_steps(mesh.vertices.T.ravel()),
        "normals": pack_bytes(mesh.normals),
        "triangles": pack_steps(mesh.triangles.ravel()),
    }
