"""Labels that were drawn on raw slices, laid onto the volume that is prepared from them, and written beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from keramos.core import LabelVolume, Step, Volume
from keramos.core.errors import KeramosError, OptionError, StorageError
from keramos.core.progress import Reporter
from keramos.io import attach_preparation, file_fingerprint, open_labels, remove_store, save_labels, slice_names
from keramos.project.inputs import read_labels, versions
from keramos.project.onto import lay_onto
from keramos.project.onto_doubts import doubt_hidden
from keramos.project.outputs import check_place
from keramos.project.preparing.also import place_beside
from keramos.project.preparing.raw import RawInput
from keramos.project.raw_slices import RawSlices
from keramos.settings.prepare import PrepareSettings
from keramos.settings.reading import ReadOptions

LABELS = "labels"
"""The end of the name of labels that are written beside a volume."""


def open_drawn(raw: RawInput, settings: PrepareSettings, reporter: Reporter) -> LabelVolume | None:
    """The labels that the settings name, checked as far as they can be before slices are read; None without any.

    Raises:
        LabelError: nothing says which raw slices they are of.
        OptionError: options of labels without any, or labels without a volume to write.
        ShapeError: labels of another size than the raw slices.
        StorageError: something else is where they are to be written.
    """
    if settings.labels is None:
        for name in ("slices", "phases", "positive", "ignore"):
            if getattr(settings, name) is not None:
                raise OptionError(name, "expected labels (labels) beside it, found none")
        return None
    if settings.out is None:
        raise OptionError("labels", "expected a volume to write (out) beside them, found only a page")
    options = ReadOptions(phases=settings.phases, positive=settings.positive, ignore=settings.ignore)
    labels = read_labels(settings.labels, options, reporter)
    names = dict(enumerate(slice_names(raw.volume), raw.first_slice))
    RawSlices(raw.whole_shape, raw.field.bar, names).number(labels, settings.slices)
    place = place_beside(settings.out, LABELS)
    check_place(place, settings)
    if place.exists() and not settings.fresh and _inputs_of(place) != _inputs(labels, raw.volume):
        raise StorageError(
            f"expected nothing at {place}, or these labels of an earlier run, found other ones; write elsewhere, or "
            "replace them with --fresh"
        )
    if place.exists() and _inputs_of(place) is None:
        raise StorageError(f"{place} is something else than labels that Keramos prepared; write elsewhere")
    return labels


def write_drawn(
    labels: LabelVolume, raw: Volume, volume: Volume, settings: PrepareSettings, reporter: Reporter
) -> Path:
    """Lay labels that were drawn on raw slices onto the volume of these, and write them beside it, unless they are
    there; where they are. The reporter hears of those that the volume does not show."""
    place = place_beside(Path(volume.name), LABELS)
    doubt = doubt_hidden(labels, volume, settings.slices)
    if doubt is not None:
        reporter.finding(doubt)
    if place.exists() and not settings.fresh:
        reporter.note(f"{place} is there already (a fresh run replaces it)")
        return place
    remove_store(place)
    laid = lay_onto(labels, volume, settings.slices)
    parameters = {"labels": labels.name, "raw": raw.name, "slices": settings.slices and list(settings.slices)}
    step = Step("prepare", parameters, _inputs(labels, raw), versions())
    laid = replace(laid, provenance=labels.provenance.then(step))
    save_labels(place, laid, name="labels", progress=reporter.progress("lay the labels onto the volume"))
    attach_preparation(place, volume.facts)
    return place


def _inputs(labels: LabelVolume, raw: Volume) -> dict[str, str]:
    return {"labels": file_fingerprint(labels), "raw": file_fingerprint(raw)}


def _inputs_of(place: Path) -> Mapping[str, Any] | None:
    """The fingerprints of all that a store of labels was prepared from; None where it is something else."""
    try:
        last = open_labels(place).provenance.steps[-1]
    except (KeramosError, IndexError):
        return None
    return last.inputs if last.verb == "prepare" else None
