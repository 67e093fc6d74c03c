"""Quantify labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from keramos.blocks import FoldCheckpoint, lock_output
from keramos.core import Finding, LabelVolume, Step, Volume
from keramos.core.errors import OptionError, ShapeError
from keramos.core.files import remove_file, whole_output
from keramos.core.progress import FindingCollector, Reporter
from keramos.inspection import run_checks
from keramos.io import file_fingerprint, open_volume, remove_store
from keramos.io.plausible import refuse_pieces_beyond
from keramos.io.stores import refuse_existing
from keramos.measurements import (
    OBJECT_TABLE,
    PORE_TABLE,
    THROAT_TABLE,
    Measurements,
    Stages,
    Table,
    delete_stages,
    has_written_ids,
    measure_sensitivity,
    quantify_volume,
    with_segmentation,
)
from keramos.project.inputs import read_labels, versions
from keramos.project.object_table import write_table
from keramos.project.output_kinds import UNFINISHED_OBJECTS, UNFINISHED_PASS
from keramos.project.quantities import BESIDE, MeasuredLabels, remove_other_tables, write_quantities
from keramos.project.segmentation_facts import facts_of, leave_out_said, report_rest
from keramos.project.segmentation_uncertainty import labels_and_truth, scores_of
from keramos.project.verb import verb
from keramos.settings.quantify import MeasurementOptions, QuantifySettings
from keramos.settings.reading import ReadOptions
from keramos.writers.openpnm import write_network

_REPORTED = "reported by segment; keramos info shows all of it"
_NO_SENSITIVITY = "no sensitivity: it takes a box of annotated voxels in which a measured phase ends"


@verb(QuantifySettings)
def quantify(settings: QuantifySettings, reporter: Reporter) -> Measurements:
    """Measure the microstructure of labels of any software: phase fractions, surface, curvature, connectivity, chord
    lengths, correlation and transport, with units and, where they can be estimated, intervals.

    With the `truth` of some slices (255 where not annotated; of a single slice that of `slices[0]`; of a stack only
    `slices`, if given) that the network has not learnt from, and with the scores that `segment` saved beside the
    labels, some quantities get a second interval, of the error of the segmentation (`Quantity.segmentation`).

    Killed passes over the volume resume when the same is asked for again.

    Raises:
        KeramosError: its members say what does not fit: phases, a missing voxel size, an unreadable file.
    """
    _check_name("table", settings.table, ".csv", ".parquet")
    _check_name("network", settings.network, ".csv", ".json")
    options, local = ReadOptions.of(settings), MeasurementOptions.of(settings)
    collector = FindingCollector(reporter)
    if settings.truth is None:
        volume, true = read_labels(settings.labels, options, collector), None
    else:
        volume, true = labels_and_truth(settings.labels, settings.truth, settings.slices, options, collector)
    instances = _open_instances(settings, volume)
    stages = _object_stages(settings, volume, instances, local, reporter)
    refuse_pieces_beyond(volume.source, settings.memory)
    volume.require_voxel_size()
    checkpoint = None if settings.out is None else _fold_checkpoint(settings.out, volume, local, reporter)
    with _hold_outputs(settings):
        _make_room(settings, stages)
        facts = facts_of(volume)
        report_rest(_doubts_of(volume), () if facts is None else facts.findings, _REPORTED, collector)
        scores = None if true is None else scores_of(volume)
        measured = quantify_volume(
            volume,
            local,
            reporter,
            checkpoint,
            object_ids=settings.object_ids,
            network=settings.network is not None,
            instances=instances,
            object_stages=stages,
        )
        if true is not None and scores is not None:
            measured = with_segmentation(measured, volume, scores, true, local, reporter)
        if settings.sensitivity:
            changes = measure_sensitivity(volume, local, reporter)
            measured += Measurements(notes=(_NO_SENSITIVITY,)) if changes is None else Measurements(tables=(changes,))
        for finding in measured.findings:
            collector.finding(finding)
        measured = replace(measured, findings=collector.findings)
        if settings.out is not None:
            made = volume.provenance.then(_step(settings, volume, true, instances))
            write_quantities(settings.out, measured, made, _about(volume))
        _write_tables(settings, {table.id: table for table in measured.tables})
    for note in measured.notes:
        reporter.note(note)
    return measured


@contextmanager
def _hold_outputs(settings: QuantifySettings) -> Iterator[None]:
    """Hold the locks of all that a run writes, and remove what it and earlier ones saved once the result is written."""
    others = _others_of(settings)
    places = {path.resolve(): path for path in others}
    if settings.out is not None:
        places[settings.out.resolve() / UNFINISHED_PASS] = settings.out
    with ExitStack() as held:
        for place in sorted(places):  # in one order, so that of two runs one goes on
            held.enter_context(lock_output(places[place], beside=place))
        yield
        if settings.out is not None:
            remove_file(settings.out / UNFINISHED_PASS)
        for folder in _stage_folders(settings):
            delete_stages(folder)


def _others_of(settings: QuantifySettings) -> list[Path]:
    """The outputs that are asked for beside the folder of quantities."""
    return [path for path in (settings.object_ids, settings.table, settings.network) if path is not None]


def _stage_folders(settings: QuantifySettings) -> list[Path]:
    """The folders in which stages of objects may lie: that of this run first, others of runs with fewer outputs."""
    inside = [] if settings.out is None else [settings.out / UNFINISHED_OBJECTS]
    return [*inside, *(path.with_name(f"{path.name}.unfinished") for path in _others_of(settings))]


def _write_tables(settings: QuantifySettings, tables: Mapping[str, Table]) -> None:
    """Write the tables, by their ids, where the options say, and remove those of an earlier run. The table of objects
    and the network appear together: a run that is killed between them would find one that is not to be replaced."""
    with ExitStack() as together:
        for table in tables.values():
            place = _place_of(table, settings)
            if place is not None and place == settings.table:
                place = together.enter_context(whole_output(place))
            if place is not None:
                write_table(place, table)
        if settings.out is not None:
            remove_other_tables(settings.out, tables)
        if settings.network is not None and PORE_TABLE in tables:
            network = together.enter_context(whole_output(settings.network))
            write_network(network, tables[PORE_TABLE], tables[THROAT_TABLE])


def _open_instances(settings: QuantifySettings, labels: LabelVolume) -> Volume | None:
    """The numbers of the objects, at the labels' place. ShapeError for those of another volume."""
    given = settings.instances
    if given is None:
        return None
    volume = given if isinstance(given, Volume) else open_volume(given, box=settings.box)
    if volume.shape != labels.shape:
        raise ShapeError(
            f"expected the numbers of objects in {volume.name} to be of the shape {labels.shape} (z, y, x) of "
            f"{labels.name}, found {volume.shape}"
        )
    return volume


def _place_of(table: Table, settings: QuantifySettings) -> Path | None:
    """The file of a table: that of the objects as its option says, others beside the quantities."""
    if table.id == OBJECT_TABLE:
        return settings.table
    return settings.out / BESIDE[table.id] if table.id in BESIDE and settings.out is not None else None


def _about(volume: LabelVolume) -> MeasuredLabels:
    """Facts about the labels that stand beside their quantities."""
    facts = facts_of(volume)
    return MeasuredLabels(volume.voxel_size, None if facts is None else facts.fingerprint)


def _make_room(settings: QuantifySettings, stages: Stages | None) -> None:
    """Remove an earlier volume of objects that is to be replaced. StorageError for anything else that is there, but
    not for what a run which goes on wrote there itself."""
    if settings.object_ids is not None and settings.fresh:
        remove_store(settings.object_ids)
    elif settings.object_ids is not None and not (stages and has_written_ids(stages, settings.object_ids)):
        refuse_existing(settings.object_ids)


def _check_name(option: str, path: Path | None, *suffixes: str) -> None:
    """OptionError for a name that does not say what to write."""
    if path is not None and path.suffix.lower() not in suffixes:
        raise OptionError(option, f"expected a file that ends in {' or '.join(suffixes)}, found {path.name}")


def _doubts_of(volume: LabelVolume) -> list[Finding]:
    """Findings about labels: those that a segmentation keeps about its images, and those that the labels show now."""
    now, facts = run_checks("result", volume), facts_of(volume)
    if facts is None:
        return now
    first, last = facts.origin[0] + volume.origin[0], facts.origin[0] + volume.origin[0] + volume.shape[0]
    # What the voxel size and the labels are is looked at anew.
    again = {"voxel-size", *(one.kind for one in now if not one.slices)}
    kept = [
        one
        for one in facts.findings
        if one not in now and one.kind not in again and (not one.slices or any(first <= z < last for z in one.slices))
    ]
    return [*kept, *leave_out_said(now, kept, facts.origin[0])]


def _step(settings: QuantifySettings, volume: LabelVolume, true: LabelVolume | None, instances: Volume | None) -> Step:
    """The step of the provenance."""
    given: dict[str, LabelVolume | Volume] = {"labels": volume, **({} if true is None else {"truth": true})}
    if instances is not None:
        given["instances"] = instances
    names = {name: source.name for name, source in given.items()}
    inputs = {name: file_fingerprint(source) for name, source in given.items()}
    return Step("quantify", {**settings.identity(), **names}, inputs, versions())


def _fold_checkpoint(out: Path, volume: LabelVolume, local: MeasurementOptions, reporter: Reporter) -> FoldCheckpoint:
    """The file in which a pass over these labels is saved; one of other labels or settings starts over."""
    identity = {**local.identity(), "labels": file_fingerprint(volume)}
    return FoldCheckpoint(out / UNFINISHED_PASS, identity, reporter.note)


def _object_stages(
    settings: QuantifySettings,
    volume: LabelVolume,
    instances: Volume | None,
    local: MeasurementOptions,
    reporter: Reporter,
) -> Stages | None:
    """The folder in which the stages of objects are saved: in that of the quantities, or beside the first other output;
    None without any."""
    folders = _stage_folders(settings)
    if not (folders and settings.objects):
        return None
    given = {name: source for name, source in {"labels": volume, "instances": instances}.items() if source is not None}
    inputs = {name: file_fingerprint(source) for name, source in given.items()}
    identity = {**local.identity(), **inputs, "network": settings.network is not None}
    return Stages(folders[0], identity, reporter.note)
