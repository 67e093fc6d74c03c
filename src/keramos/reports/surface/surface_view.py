"""The 3-D view's data: the surfaces to choose from, and a still picture for where WebGL is missing."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from keramos.core import Box, LabelVolume, Phase
from keramos.reports.content import ReportContent
from keramos.reports.embedded import embed_bytes
from keramos.reports.plain_words import length
from keramos.reports.rendering import Block, Camera, read_thinned, render_block
from keramos.reports.surface.field import fields_of
from keramos.reports.surface.mesh import Mesh, mesh_of
from keramos.scoring import stretch_grey

_MOST_PHASES = 3
_STILL_CELLS = 160
_LEAST_BRIGHTNESS = 0.36


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
    shown = _choose_labels(content)
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
    return SurfaceView(data, _still_picture(content, labels), f"The volume as a block of {phase}, as {name} found it")


def make_surfaces(name: str, labels: LabelVolume) -> list[dict[str, Any]]:
    """The surfaces of the phases of labels as the script reads them: at most three, the positive phase first.

    A phase without a surface is left out. The labels have two voxels at least along each edge.
    """
    positive = labels.phases.positive
    codes = (positive, *(c for c in range(len(labels.phases)) if c != positive))[:_MOST_PHASES]
    return _surfaces(name, labels, codes)


def _choose_labels(content: ReportContent) -> tuple[str, LabelVolume] | None:
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
        "colour": _tint(phase),
        "box": [x / mesh.extent, y / mesh.extent, z / mesh.extent],
        "extent": mesh.extent,
        "lengths": [length(nm) if physical else f"{nm:g} voxels" for nm in (x, y, z)],
        "count": len(mesh.triangles),
        "vertices": embed_bytes(mesh.vertices.astype("<i2").tobytes()),
        "normals": embed_bytes(mesh.normals.tobytes()),
        "triangles": embed_bytes(mesh.triangles.astype("<u2").tobytes()),
    }


def _tint(phase: Phase) -> list[float]:
    """The phase's colour, softened; a dark one brighter, so that light and shade can be seen on it."""
    rgb = np.array(phase.rgb) / 255
    brightness = float(rgb @ (0.2126, 0.7152, 0.0722))
    if brightness < _LEAST_BRIGHTNESS:
        rgb = rgb + (np.array((0.56, 0.66, 0.80)) - rgb) * min(1.0, 1.2 * (1 - brightness / _LEAST_BRIGHTNESS))
    return [round(float(c), 3) for c in rgb + 0.18 * (1 - rgb)]


def _still_picture(content: ReportContent, labels: LabelVolume) -> str:
    box = Box.whole(content.volume.shape)
    codes, _ = read_thinned(labels, box, _STILL_CELLS)
    grey, _ = read_thinned(content.volume, box, _STILL_CELLS)
    solid = np.asarray(codes == labels.phases.positive)
    if grey.shape != solid.shape:  # the two do not agree on the voxel size
        grey = np.full(solid.shape, 200, np.uint8)
    flat = stretch_grey(np.asarray(grey.reshape(grey.shape[0], -1))).reshape(grey.shape)
    buffer = io.BytesIO()
    Image.fromarray(render_block(Block(flat, solid), Camera(pixels=520))).save(buffer, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{embed_bytes(buffer.getvalue())}"
