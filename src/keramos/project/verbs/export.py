"""Write what other software reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keramos.core import LabelVolume, Volume
from keramos.core.errors import LabelError, SettingsError
from keramos.core.object_path import as_path
from keramos.core.options import list_options
from keramos.core.progress import Reporter, report_findings
from keramos.io import describe
from keramos.networks import load_bundled, load_checkpoint
from keramos.project.image_label_pairs import open_pairs
from keramos.project.inputs import Images, Labels, load_images, read_images, read_labels
from keramos.project.label_views import only_slices
from keramos.project.onto import lay_onto, preparation_of
from keramos.project.onto_doubts import doubt_hidden, doubt_raw
from keramos.project.outputs import check_place
from keramos.project.verb import verb
from keramos.settings.export import ExportSettings
from keramos.settings.reading import ReadImageOptions, ReadOptions
from keramos.writers import WRITERS, Model, Pairs, Takes, Writer

_INPUT_OPTIONS: Mapping[Takes, tuple[str, ...]] = {"model": ("images",), "pairs": ("labels", "slices")}
"""Options that say what else is read, by what a writer takes."""


@verb(ExportSettings)
def export(settings: ExportSettings, reporter: Reporter) -> Path:
    """Write a stack, labels, a model or annotated stacks for other software, and give the path written.

    `to` names one of `keramos.writers.WRITERS`; its own options are given like all others. For a model `images` is a
    stack whose grey level is put into a model that needs it and that gives a package its sample; annotated stacks need
    their `labels`, and `slices` takes only these annotated slices.

    Raises:
        StorageError: the input, a folder, or without `fresh` any file, is there already.
        MissingPackageError: the extra that the writer needs is not installed.
        SettingsError: no such writer, an option that it does not have, several paths where it takes one.
        KeramosError: the inputs do not fit, as the writer says.
    """
    writer = WRITERS.find(settings.to)
    given = {name: value for name, value in settings.options.items() if value is not None}
    inputs = {name: getattr(settings, name) for name in ("images", "labels", "slices")}
    named = [name for name, value in inputs.items() if value and not (name == "slices" and settings.onto is not None)]
    _refuse_options_of_others(writer, [*given, *named], settings.path)
    own = writer.settings(**given)
    if settings.owned:
        writer = dataclasses.replace(writer, is_own=lambda _: True)
    place = writer.place(settings.out, own) if writer.place else settings.out
    if not place.is_dir():  # of a folder the writer says what it is for
        check_place(place, settings)
    check_place(writer.target(settings.out, own, fresh=settings.fresh), settings)
    content = _OPENERS[writer.takes](writer, _Inputs(ReadOptions.of(settings), reporter, settings.path, **inputs))
    if settings.onto is not None:
        content = _lay_onto(content, settings, reporter)
    return writer.export(content, settings.out, own, fresh=settings.fresh, reporter=reporter)


@dataclass(frozen=True)
class _Inputs:
    """The paths and volumes to read, and how."""

    options: ReadOptions
    reporter: Reporter
    paths: tuple[Images | LabelVolume, ...]
    images: Images | None = None
    labels: tuple[Labels, ...] | None = None
    slices: Sequence[int] | None = None


def _refuse_options_of_others(writer: Writer, given: Sequence[str], paths: Sequence[object]) -> None:
    """SettingsError for an option that only other writers have, or for several paths where one is taken."""
    for name in given:
        takers = [other.name for other in WRITERS.values() if name in _options_of(other)]
        if writer.name not in takers:
            where = f"only with --to {' or '.join(takers)}" if takers else "of a writer"
            raise SettingsError(f"expected --{name} {where}, found it with --to {writer.name}; leave it out")
    if len(paths) != 1 and writer.takes != "pairs":
        raise SettingsError(
            f"expected one path for --to {writer.name}, found {len(paths)}; put a pattern of files in quotes, as in "
            "'slices/*.tif'"
        )


def _options_of(writer: Writer) -> list[str]:
    return [*(row.name for row in list_options(writer.settings)), *_INPUT_OPTIONS.get(writer.takes, ())]


def _open_stack(_: Writer, inputs: _Inputs) -> Volume | LabelVolume:
    """Images or labels: a file of any software holds labels if it names phases or the options do."""
    path = inputs.paths[0]
    if isinstance(path, Volume):
        return read_images(path, inputs.options, inputs.reporter)
    if isinstance(path, LabelVolume):
        return read_labels(path, inputs.options, inputs.reporter)
    if inputs.options.phases is None and describe(path)["phases"] is None:
        return read_images(path, inputs.options, inputs.reporter)
    return read_labels(path, inputs.options, inputs.reporter)


def _open_labels(writer: Writer, inputs: _Inputs) -> LabelVolume:
    path = inputs.paths[0]
    if isinstance(path, Volume):
        raise SettingsError(f"expected labels for --to {writer.name}, found the images {path.name}; segment them first")
    return read_labels(path, inputs.options, inputs.reporter)


def _open_model(writer: Writer, inputs: _Inputs) -> Model:
    """The model in a file, or the bundled one of that name; SettingsError for one that has no network."""
    path = inputs.paths[0]
    images = (
        None if inputs.images is None else read_images(inputs.images, inputs.options, inputs.reporter, channels=True)
    )
    if isinstance(path, Volume | LabelVolume) or as_path(path).is_dir():
        name = path.name if isinstance(path, Volume | LabelVolume) else path
        raise SettingsError(f"expected a model file for --to {writer.name}, found the images or the folder {name}")
    depth = 2 if images is None else images.shape[0]
    checkpoint = load_bundled(str(path), depth) or load_checkpoint(path)
    architecture = checkpoint.card.architecture
    from keramos.networks import ARCHITECTURES  # late: labels are exported without PyTorch

    if architecture not in ARCHITECTURES:
        raise SettingsError(
            f"expected a model with a network for --to {writer.name}, found {architecture}, which has none, in {path}; "
            "export one that `keramos train --model compact` wrote"
        )
    return Model(checkpoint, images)


def _open_pairs(writer: Writer, inputs: _Inputs) -> Pairs:
    if not inputs.labels:
        raise SettingsError(
            f"expected the labels of the stack for --to {writer.name}, found none; give them with --labels"
        )
    stacks = [path for path in inputs.paths if not isinstance(path, LabelVolume)]
    slices, options = inputs.slices, inputs.options
    pairs = open_pairs(stacks, inputs.labels, slices=slices, options=options, reporter=inputs.reporter)
    return pairs if slices is None else [(volume, _only(labels, slices)) for volume, labels in pairs]


def _only(labels: LabelVolume, slices: Sequence[int]) -> LabelVolume:
    first, depth = labels.origin[0], labels.shape[0]
    outside = [z for z in slices if not first <= z < first + depth]
    if outside:
        raise LabelError(f"expected slices {first} to {first + depth - 1} of {labels.name}, found slice {outside[0]}")
    return only_slices(labels, slices)


def _lay_onto(content: object, settings: ExportSettings, reporter: Reporter) -> LabelVolume:
    """Labels on the grid of the stack that the settings name. SettingsError for what is no labels."""
    if settings.onto is None or not isinstance(content, LabelVolume):
        raise SettingsError(
            f"expected labels to lay onto a stack, found none with --to {settings.to}; leave --onto out"
        )
    target = load_images(settings.onto, ReadImageOptions(detector=settings.detector))
    # Where labels lie depends neither on an information bar, on gaps, nor on a voxel size.
    report_findings([finding for finding in target.findings if finding.severity == "fatal"], reporter)
    laid = lay_onto(content, target, settings.slices)
    if preparation_of(content) is not None:
        report_findings(doubt_raw(content, target), reporter)
        return laid
    hidden = doubt_hidden(content, target, settings.slices)
    if hidden is not None and settings.slices is not None:
        raise LabelError(
            f"expected numbers of raw slices that the volume shows, found {hidden.slices[0]}, which was left out "
            f"(blank, a copy, too near to others, outside of --box); leave it out of {content.name}"
        )
    if hidden is not None:
        reporter.finding(hidden)
    return laid


_OPENERS: Mapping[Takes, Callable[[Writer, _Inputs], Any]] = {
    "stack": _open_stack,
    "labels": _open_labels,
    "model": _open_model,
    "pairs": _open_pairs,
}
