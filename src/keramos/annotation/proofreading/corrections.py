"""Corrections of a segmentation as a layer over it, which stays as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.drawing.drawing import Drawing
from keramos.annotation.drawing.edit import SOURCES, Edit
from keramos.annotation.drawing.patch import UNSURE, Patch, make_patches
from keramos.annotation.proofreading.decisions import Decision
from keramos.core import NOT_ANNOTATED, Box, LabelVolume, PixelSource, Provenance, SourceView, Step, Triple
from keramos.core.progress import Progress, silent
from keramos.io import attach_facts, file_fingerprint, save_labels
from keramos.version import __version__

TOOL = "proofread"


@dataclass(frozen=True, eq=False)
class DrawnSource:
    """Drawn slices as a volume of that shape, 255 where nobody was sure; `plane` gives the labels (Y X) of each."""

    shape: Triple
    plane: Callable[[int], NDArray[np.uint8]]

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(np.uint8)

    def read(self, box: Box) -> NDArray[np.uint8]:
        z, y, x = box.slices
        planes = [self.plane(at)[y, x] for at in range(z.start, z.stop)]
        codes = np.stack(planes) if planes else np.zeros(box.shape, np.uint8)
        codes[codes == UNSURE] = NOT_ANNOTATED
        return codes


@dataclass(frozen=True, eq=False)
class CorrectedSource(SourceView):
    """A segmentation with corrections over it: wherever `over` has a label, that one."""

    over: tuple[PixelSource, ...] = field(default=())

    def read(self, box: Box) -> NDArray[Any]:
        codes = self.source.read(box)
        for layer in self.over:
            new = layer.read(box)
            codes = np.where(new == NOT_ANNOTATED, codes, new)
        return codes


@dataclass(frozen=True, eq=False)
class BoxesSource(SourceView):
    """Labels in some boxes only, 255 elsewhere."""

    boxes: tuple[Box, ...] = ()

    def read(self, box: Box) -> NDArray[Any]:
        codes = np.full(box.shape, NOT_ANNOTATED, np.uint8)
        for each in self.boxes:
            part = each.clip(box)
            if part.voxels:
                codes[part.relative_to(box).slices] = self.source.read(part)
        return codes


def edit_of(decision: Decision, drawing: Drawing) -> Edit:
    """The change of the corrections that a decision makes: the voxels of a place that was flipped get their new phase,
    those of one that was accepted the phase that they have; nothing for others."""
    place = decision.place
    phase = {"flip": decision.to, "accept": place.phase}.get(decision.choice)
    details = {"place": place.id, "kind": place.kind}
    if phase is None:
        return Edit(TOOL, (), details=details)
    code = drawing.phases.code(phase)
    patches: list[Patch] = []
    for z, mask in enumerate(place.mask, place.box.start[0]):
        patches += make_patches(z, drawing.plane(z), mask, code, corner=place.box.start[1:])
    source = "corrected" if decision.choice == "flip" else "accepted"
    return Edit(TOOL, tuple(patches), code, source, details)  # type: ignore[arg-type]


def label_corrections(corrections: Drawing, drawing: Drawing) -> tuple[Edit, ...]:
    """The changes that make labels of corrections (`draw_corrections`), one of the flipped voxels and one of the
    accepted; voxels that have a label already keep it. For `Drawing.make`, one after the other."""
    edits = []
    for source in ("corrected", "accepted"):
        patches: list[Patch] = []
        for z in corrections.annotated_slices():
            chosen = corrections.sources(z) == SOURCES.index(source) + 1
            free = drawing.plane(z) == NOT_ANNOTATED
            patches += make_patches(z, drawing.plane(z), chosen & free, corrections.plane(z))
        if patches:
            edits.append(Edit(TOOL, tuple(patches), None, source))
    return tuple(edits)


def draw_corrections(decisions: Iterable[Decision], labels: LabelVolume) -> Drawing:
    """The corrections that decisions make, as a drawing; voxels of places that were accepted are in it, too."""
    drawing = Drawing(labels.shape, labels.phases)
    for decision in decisions:
        drawing.make(edit_of(decision, drawing))
    return drawing


def correct_labels(labels: LabelVolume, decisions: Iterable[Decision], drawn: LabelVolume | None = None) -> LabelVolume:
    """A segmentation with its corrections, read on demand; its provenance says what was decided.

    Args:
        labels: the segmentation, which stays as it is.
        decisions: those that hold.
        drawn: labels drawn by hand; they count in the boxes of places that were to be drawn again.
    """
    made = tuple(decisions)
    over: list[PixelSource] = [DrawnSource(labels.shape, draw_corrections(made, labels).plane)]
    redrawn = tuple(row.place.box for row in made if row.choice == "redraw")
    if drawn is not None and redrawn:
        over.append(BoxesSource(drawn.source, redrawn))
    step = Step("proofread", count_decisions(made), {labels.name: file_fingerprint(labels)}, {"keramos": __version__})
    source = CorrectedSource(labels.source, tuple(over))
    return replace(labels, source=source, provenance=labels.provenance.then(step), name=f"{labels.name}, corrected")


def count_decisions(decisions: Iterable[Decision]) -> dict[str, Any]:
    """Places of each kind that were accepted, flipped, redrawn or ignored, and voxels that were flipped from
    each phase to another, as JSON values."""
    places: dict[str, dict[str, int]] = {}
    voxels: dict[str, int] = {}
    for row in decisions:
        of_kind = places.setdefault(row.place.kind, {})
        of_kind[row.choice] = of_kind.get(row.choice, 0) + 1
        if row.choice == "flip":
            name = f"{row.place.phase} to {row.to}"
            voxels[name] = voxels.get(name, 0) + row.place.voxels
    return {"places": places, "voxels": voxels}


def save_corrected(path: str | Path, corrected: LabelVolume, *, progress: Progress = silent) -> None:
    """Write a corrected segmentation (`correct_labels`) as a label store of its own, with the facts of the original.
    StorageError if the path exists or the disk refuses."""
    save_labels(path, corrected, progress=progress)
    if corrected.facts:
        attach_facts(Path(path), dict(corrected.facts))


def make_training_labels(labels: LabelVolume, decisions: Iterable[Decision]) -> LabelVolume:
    """The voxels of places that were flipped or accepted, with their right phase, as labels to train on; 255 elsewhere.

    `save_labels` writes them; `keramos train --labels` reads them beside those that were drawn.
    """
    made = tuple(decisions)
    step = Step("proofread", count_decisions(made), {labels.name: file_fingerprint(labels)}, {"keramos": __version__})
    drawing = draw_corrections(made, labels)
    return LabelVolume(
        DrawnSource(drawing.shape, drawing.plane),
        labels.voxel_size,
        "corrections",
        Provenance((step,)),
        phases=labels.phases,
    )
