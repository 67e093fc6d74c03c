"""OME-Zarr metadata as Keramos writes it: NGFF 0.5, plus what NGFF has no word for under the key `keramos`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from keramos.core import NOT_ANNOTATED, Phase, PhaseTable, Provenance, Triple, View, VoxelSize

Attributes = dict[str, Any]
FACTS = "segmentation"
"""Key of the facts of a segmentation, beside the metadata that all images have."""
PREPARATION = "preparation"
"""Key of the facts of a prepared volume."""
Kind = Literal["image", "labels", "scores", "regions", "uncertainty", "accepted", "objects"]
BESIDE_LABELS: tuple[Kind, ...] = ("scores", "uncertainty", "accepted")
"""Kinds that are stored in a group of their own inside the store of their labels."""


@dataclass(frozen=True)
class ImageMetadata:
    """The metadata of the pixels in a store.

    `bits` name the bits of a map of regions, lowest first; `meaning` says what the numbers are where the kind does not.
    """

    kind: Kind
    name: str
    voxel_size: VoxelSize | None
    view: View | None = None
    phases: PhaseTable | None = None
    bits: tuple[str, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)
    meaning: str = ""

    def attributes(self, levels: Sequence[tuple[str, Triple]]) -> Attributes:
        """Attributes of the group that holds the image, for levels given as (path, voxels merged along Z Y X)."""
        ome: Attributes = {"version": "0.5", "multiscales": [self._multiscale(levels)]}
        if self.kind == "scores":
            ome["omero"] = {"channels": [_channel(phase.name, phase.colour) for phase in self.phases or ()]}
        if self.kind == "uncertainty":
            ome["omero"] = {"channels": [_channel("uncertainty", "#ffffff")]}
        if self.kind == "objects":
            ome["image-label"] = {"version": "0.5"}
        return {"ome": ome, "keramos": self.extras()}

    def label_attributes(self, levels: Sequence[tuple[str, Triple]]) -> Attributes:
        """The same for the group under `labels/`, with the phases' names and colours."""
        attributes = self.attributes(levels)
        attributes["ome"]["image-label"] = _image_label(self.phases or ())
        return attributes

    def extras(self) -> Attributes:
        return {
            "kind": self.kind,
            "name": self.name,
            "voxel_size_nm": list(self.voxel_size.zyx) if self.voxel_size else None,
            "view": self.view.to_json() if self.view else None,
            "phases": phases_to_json(self.phases) if self.phases else None,
            "bits": list(self.bits),
            "provenance": self.provenance.to_json(),
            **({"meaning": self.meaning} if self.meaning else {}),
        }

    def _multiscale(self, levels: Sequence[tuple[str, Triple]]) -> Attributes:
        unit = {"unit": "nanometer"} if self.voxel_size else {}
        axes: list[Attributes] = [{"name": axis, "type": "space", **unit} for axis in "zyx"]
        channel = [{"name": "c", "type": "channel"}] if self.kind == "scores" else []
        return {
            "name": self.name,
            "axes": channel + axes,
            "datasets": [self._dataset(path, merged, bool(channel)) for path, merged in levels],
            "type": {"labels": "mode", "regions": "or", "accepted": "or", "objects": "nearest"}.get(self.kind, "mean"),
        }

    def _dataset(self, path: str, merged: Triple, channel: bool) -> Attributes:
        edges = self.voxel_size.zyx if self.voxel_size else (1.0, 1.0, 1.0)
        scale = [edge * count for edge, count in zip(edges, merged, strict=True)]
        # The middle of a merged voxel lies half a merged edge, less half a fine one, beyond the middle of its first.
        shift = [edge * (count - 1) / 2 for edge, count in zip(edges, merged, strict=True)]
        transformations: list[Attributes] = [{"type": "scale", "scale": [1.0] * channel + scale}]
        if any(shift):
            transformations.append({"type": "translation", "translation": [0.0] * channel + shift})
        return {"path": path, "coordinateTransformations": transformations}


def phases_to_json(phases: PhaseTable) -> Attributes:
    """Names and colours in the order of their codes, and the code of the phase of interest."""
    return {"phases": [asdict(phase) for phase in phases], "positive": phases.positive}


def phases_from_json(row: Attributes) -> PhaseTable:
    """The inverse of `phases_to_json`. KeyError, TypeError or ValueError for anything else."""
    phases = tuple(Phase(**phase) for phase in row["phases"])
    if not all(isinstance(p.name, str) and re.fullmatch("#[0-9a-fA-F]{6}", p.colour) for p in phases):
        raise ValueError("phases without a name and a colour")
    return PhaseTable(phases, int(row["positive"]))


def view_from_json(row: Attributes | None) -> View | None:
    return View(**row) if row else None


def _image_label(phases: Sequence[Phase] | PhaseTable) -> Attributes:
    colours: list[Attributes] = [{"label-value": code, "rgba": [*p.rgb, 255]} for code, p in enumerate(phases)]
    names: list[Attributes] = [{"label-value": code, "name": phase.name} for code, phase in enumerate(phases)]
    return {
        "version": "0.5",
        "colors": [*colours, {"label-value": NOT_ANNOTATED, "rgba": [0, 0, 0, 0]}],
        "properties": [*names, {"label-value": NOT_ANNOTATED, "name": NOT_ANNOTATED_NAME}],
    }


NOT_ANNOTATED_NAME = "not annotated"


def _channel(label: str, colour: str) -> Attributes:
    window = {"min": 0, "max": 255, "start": 0, "end": 255}
    return {"label": label, "color": colour.lstrip("#").upper(), "window": window, "active": True}
