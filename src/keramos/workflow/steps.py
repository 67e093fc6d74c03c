"""The verbs of Keramos as functions: each takes open volumes or paths, writes a file and gives what is in it.

phantom -> images, truth;  images, labels -- train --> model;  images, model -- segment --> labels
images, model -- suggest --> what to annotate next;  labels, truth -- evaluate --> scores
run folder -- report --> one HTML page
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from keramos.data import collect_annotated
from keramos.errors import SettingsError
from keramos.evaluate import Evaluation
from keramos.models import load_checkpoint, planes_of
from keramos.phantom import PhantomSettings, PhantomStack
from keramos.progress import Reporter
from keramos.report import write_curve, write_reliability, write_report
from keramos.segment import (
    THRESHOLDS,
    NetworkPredictor,
    Otsu,
    Predictor,
    Resampled,
    SegmentSettings,
    half_range,
    load_predictor,
    predictor_of,
    resampled,
    segment_volume,
)
from keramos.store import (
    describe,
    file_fingerprint,
    make_folder,
    open_labels,
    open_regions,
)
from keramos.train import Device, Fitted, TrainSettings, pick_device, train_model
from keramos.volume import Box, BoxSource, LabelVolume, Step, Triple, Volume, VoxelSize, parse_box, triple
from keramos.workflow.beginnings import Beginning, beginning
from keramos.workflow.calibrating import calibrate
from keramos.workflow.comparison import Compared, CompareSettings, run_comparison
from keramos.workflow.comparison.data import ComparisonData
from keramos.workflow.diagnosis import Finding, segmentation_findings, tell, training_findings
from keramos.workflow.exporting import ExportJob, ExportSettings, run_export
from keramos.workflow.inputs import Images, Labels, Reading, note_gaps, versions
from keramos.workflow.known_slices import trained_on
from keramos.workflow.label_views import without_slices
from keramos.workflow.matching import Named, reconciled
from keramos.workflow.outputs import refuse_inputs, refuse_other
from keramos.workflow.pairing import opened_pairs
from keramos.workflow.phantoms import measured_body, write_phantom
from keramos.workflow.reporting import Reported, gather, numbers_of
from keramos.workflow.scoring import score_labels, score_regions, write_overlays
from keramos.workflow.suggestion import Suggestions, SuggestSettings, draw_suggestions, ready_network, suggest_next

DEFAULT_BUDGET_S = 120.0
FINE_TUNING_RATE = 5e-4
DEFAULT_SHAPE = (96, 384, 384)
MODEL_SUFFIXES = (".keramos", ".safetensors")


def phantom(
    out: str | Path,
    *,
    shape: Sequence[int] | None = None,
    voxel_size: VoxelSize | None = None,
    preset: str = "ba122",
    severity: float = 0.5,
    seed: int = 0,
    solid_fraction: float | None = None,
    structure: str | None = None,
    geometry: Labels | None = None,
    cutting_order: Literal["increasing", "decreasing"] = "increasing",
    hand_labelled: Sequence[int] = (),
    fresh: bool = False,
    reading: Reading | None = None,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Write images, truth, truth-as-imaged and regions (`out`/*.ome.zarr), and phantom.json; give the parameters in it.

    `structure` puts another body before the preset's microscope; `geometry` a measured one: labels (read with
    `reading`, void first) whose shape and voxel size hold unless a smaller shape is asked for. `hand_labelled` slices
    (z) get a simulated hand label in hand-labels.ome.zarr. A run that was killed goes on where it stopped; `fresh`
    replaces a phantom that stands there.

    Raises:
        SettingsError, ShapeError: parameters out of range, or that do not go together.
        LedgerError, StorageError: another phantom, or something else, stands there; the disk refuses.
    """
    reader, reporter = reading or Reading(), reporter or Reporter()
    body = None if geometry is None else measured_body(reader.labels(geometry, reporter), voxel_size, structure)
    size = shape or (DEFAULT_SHAPE if body is None else body.labels.shape)
    voxels = voxel_size if body is None else body.voxel_size
    settings = PhantomSettings(
        triple(size), voxels, preset, severity, seed, solid_fraction, structure, cutting_order, tuple(hand_labelled)
    )
    stack = PhantomStack(settings, body)
    write_phantom(stack, Path(out), fresh=fresh, reporter=reporter)
    return stack.parameters


def train(
    images: Images | Sequence[Images],
    labels: Labels | Sequence[Labels],
    *,
    out: str | Path,
    model: str | None = None,
    budget_s: float | None = None,
    epochs: int | None = None,
    device: Device = "auto",
    seed: int = 0,
    start: str | Path | None = None,
    slices: Sequence[int] | None = None,
    more: Mapping[str, Any] | None = None,
    keep_stopped: bool = True,
    reading: Reading | None = None,
    reporter: Reporter | None = None,
) -> Fitted:
    """Train `model` and write it to the file `out`: `compact` (the default), one of those that read neighbouring slices
    (`compact-5`, `compact-7`, `compact-3d`), one of the paper's networks (`fcn32s`, `fcn16s`, `fcn8s`, `unet`); or
    choose the parameters of `otsu` or `sauvola`. A network's learning curve stands beside it. `start` is a model file
    or a bundled model to go on from; the network is its own then, unless `model` says otherwise.

    Images and labels pair up in order. A label stack may leave most slices not annotated (255); of the annotated ones
    only `slices` (z) are used, if given. Labels of a single slice are those of the slice `slices[0]`.
    Training ends after `budget_s` seconds (120 unless `epochs` are given). `more` are other fields of `TrainSettings`.
    Ctrl-C ends it early and keeps the model; without `keep_stopped` it ends everything. The reporter is told what is
    probably wrong with the labels or the training (`training_findings`).

    Raises:
        KeramosError: its members say what does not fit: shapes, phases, voxel sizes, settings, files.
    """
    reading, reporter = reading or Reading(), reporter or Reporter()
    budget = budget_s if budget_s is not None or epochs is not None else DEFAULT_BUDGET_S
    refuse_inputs(out, images, labels)
    refuse_other(Path(out), "model")
    pairs = opened_pairs(images, labels, slices=slices, reading=reading, reporter=reporter)
    begin = beginning(model, start, min(volume.shape[0] for volume, _ in pairs))
    settings = TrainSettings(begin.model, budget, epochs, seed=seed, device=device, **_of_start(begin, more or {}))
    progress = reporter.progress("read the annotated slices", "slice")
    data = collect_annotated(pairs, only=slices, planes=planes_of(begin.model), progress=progress)
    fitted = train_model(
        data,
        settings,
        Path(out),
        half_range=half_range(pairs[0][0]),
        start=begin.start,
        keep_stopped=keep_stopped,
        reporter=reporter,
    )
    predictor = None
    if fitted.card.training.curve:
        write_curve(fitted.card.training.curve, fitted.path)
        predictor = predictor_of(load_checkpoint(fitted.path))
    tell(training_findings(fitted.card, data, predictor), reporter)
    return fitted


def segment(
    images: Images,
    model: str | Path | Fitted,
    *,
    out: str | Path,
    average_views: bool = False,
    resample: bool = False,
    otsu_scope: Literal["slice", "stack"] | None = None,
    device: Device = "auto",
    settings: SegmentSettings | None = None,
    reading: Reading | None = None,
    reporter: Reporter | None = None,
) -> LabelVolume:
    """Segment images with a model file, `otsu` or `sauvola` into the OME-Zarr `out`, and open the labels.

    A run that was killed goes on where it stopped. `average_views` averages a network over flips and rotations;
    `resample` takes stacks of another voxel size than the model's onto its grid, and the result back.

    Raises:
        KeramosError: its members say what does not fit: model, voxel size, memory, an `out` of another run.
    """
    reading, reporter, out = reading or Reading(), reporter or Reporter(), Path(out)
    refuse_inputs(out, images, model)
    volume = reading.volume(images)
    note_gaps(volume, reporter)
    source = model.path if isinstance(model, Fitted) else model
    predictor = load_predictor(source, volume, device=pick_device(device), average_views=average_views)
    if resample and isinstance(predictor, NetworkPredictor):
        predictor = resampled(predictor, volume)
    if otsu_scope is not None:
        predictor = _with_scope(predictor, otsu_scope)
    inputs = {"images": file_fingerprint(volume), "model": sha256(predictor.identity().encode()).hexdigest()}
    step = Step("segment", _parameters(volume, predictor, source), inputs, versions())
    made = volume.provenance.then(step)
    segment_volume(volume, predictor, out, settings=settings, provenance=made, reporter=reporter)
    return open_labels(out)


def diagnose(
    images: Images,
    model: str | Path | Fitted,
    fractions: Mapping[str, float],
    *,
    reading: Reading | None = None,
) -> list[Finding]:
    """What is probably wrong with a segmentation of images by a model, whose phases take these `fractions` of it (see
    `phase_fractions`); nothing of thresholds by name and of bundled models, which have learnt nothing of this material.

    Raises:
        KeramosError: an unreadable file.
    """
    path = model.path if isinstance(model, Fitted) else model
    if str(path) in THRESHOLDS or not Path(path).is_file():
        return []
    return segmentation_findings(load_checkpoint(path).card, (reading or Reading()).volume(images), fractions)


def evaluate(
    prediction: Labels,
    truth: Labels,
    *,
    leave_out: Sequence[int] = (),
    overlay: str | Path | None = None,
    images: Images | None = None,
    regions: str | Path | None = None,
    reading: Reading | None = None,
    reporter: Reporter | None = None,
) -> Evaluation:
    """Score a prediction against truth, over all annotated voxels but those of the slices `leave_out`.

    `regions` is a map of the hard places, as `phantom` writes it: each is scored by itself, too. Scores that `segment`
    kept beside the prediction are compared with how often it is right (`Calibration`). `overlay` is a folder for
    pictures of hits and errors, and of these scores; `images` show in them where nothing is annotated.

    Raises:
        KeramosError: its members say what does not fit: shapes, phases, an unreadable file.
    """
    reading, reporter = reading or Reading(), reporter or Reporter()
    found, true = reconciled(
        _named(prediction, replace(reading, ignore=None, box=None), reporter),
        _named(truth, reading, reporter),
        reporter,
    )
    places = None if regions is None else open_regions(regions)
    if reading.box is not None and found.shape != true.shape:
        found = found.cropped(_box(reading.box, found.shape))
    if reading.box is not None and places is not None and places.shape != true.shape:
        places = places.cropped(_box(reading.box, places.shape))
    true = without_slices(true, leave_out)
    evaluation = score_labels(found, true, progress=reporter.progress("score"))
    calibration = calibrate(found, true, progress=reporter.progress("see how the scores are calibrated"))
    evaluation = replace(evaluation, calibration=calibration)
    if places is not None:
        scores = score_regions(found, true, places, progress=reporter.progress("score the regions", "slice"))
        evaluation = replace(evaluation, regions=scores)
    if overlay is not None:
        grey = None if images is None else reading.volume(images)
        progress = reporter.progress("draw the overlays", "slice")
        write_overlays(found, true, evaluation, Path(overlay), images=grey, progress=progress)
        if calibration is not None:
            write_reliability(calibration, Path(overlay) / "reliability.png")
    return evaluation


def suggest(
    images: Images,
    model: str | Path | Fitted,
    *,
    annotated: Sequence[int] = (),
    out: str | Path | None = None,
    device: Device = "auto",
    settings: SuggestSettings | None = None,
    reading: Reading | None = None,
    reporter: Reporter | None = None,
) -> Suggestions:
    """The slices and regions of a stack whose annotation would help a network most, best first.

    Slices that the model was trained on count as annotated, if its card says that they are of this very stack, as do
    those of `annotated` (z as in the file). `out` is a PNG of the slices with their regions framed.

    Raises:
        KeramosError: its members say what does not fit: a threshold for a model, a voxel size, missing slices.
    """
    reading, reporter = reading or Reading(), reporter or Reporter()
    if out is not None:
        refuse_inputs(out, images, model)
        refuse_other(_png(Path(out)), "PNG picture")
    volume = reading.volume(images)
    note_gaps(volume, reporter)
    source = model.path if isinstance(model, Fitted) else model
    loaded = load_predictor(source, volume, device=pick_device(device))
    predictor = ready_network(volume, loaded, reporter)
    card = loaded.checkpoint.card if isinstance(loaded, NetworkPredictor) else None
    known = {*annotated, *(z + volume.origin[0] for z in trained_on(card, volume))}
    found = suggest_next(volume, predictor, annotated=sorted(known), settings=settings, reporter=reporter)
    if out is not None:
        make_folder(Path(out).parent)
        draw_suggestions(volume, predictor, found, Path(out))
    return found


def report(
    run: str | Path,
    out: str | Path,
    *,
    images: Images | None = None,
    truth: Labels | None = None,
    leave_out: Sequence[int] = (),
    reading: Reading | None = None,
    reporter: Reporter | None = None,
) -> Reported:
    """Write one HTML page on a run's folder, a segmentation or a folder of segmentations.

    A run's folder with a record says all by itself. A segmentation knows its images, unless `images` are given;
    `truth` scores it, without the slices that its model was trained on and without those of `leave_out`.

    Raises:
        KeramosError: nothing to report on, images or truth that do not fit, a page that cannot be written.
    """
    reading, reporter, out = reading or Reading(), reporter or Reporter(), Path(out)
    refuse_inputs(out, images, truth)
    refuse_other(out, "HTML page")
    given = None if images is None else reading.volume(images)
    true = None if truth is None else _named(truth, reading, reporter)
    content = gather(Path(run), images=given, truth=true, leave_out=leave_out, reporter=reporter)
    make_folder(out.parent)
    write_report(content, out)
    return Reported(out, numbers_of(content))


def export(
    path: Images | Sequence[Images],
    out: str | Path,
    *,
    to: str = "tiff",
    settings: ExportSettings | None = None,
    fresh: bool = False,
    reading: Reading | None = None,
    reporter: Reporter | None = None,
) -> Path:
    """Write what other software reads, and give the path written.

    `tiff`: images or labels as an ImageJ TIFF with the voxel size; labels are phase codes. `onnx`: the network of a
    model file. `bioimageio`: the same as a bioimage.io package, a zip. `nnunet`: stacks and the `settings.labels` as a
    data set of nnU-Net, in a folder of its own in the folder `out`.

    Raises:
        StorageError: the input, a folder, or without `fresh` any file, is there already.
        MissingPackageError: the extra `keramos[export]` is not installed (onnx, bioimageio).
        KeramosError: its members say what does not fit.
    """
    paths = (path,) if isinstance(path, str | Path | Volume) else tuple(path)
    job = ExportJob(paths, Path(out), settings or ExportSettings(), fresh, reading or Reading(), reporter or Reporter())
    return run_export(job, to)


def compare(
    images: Images | Sequence[Images],
    labels: Labels | Sequence[Labels],
    test_images: Images | Sequence[Images],
    test_labels: Labels | Sequence[Labels],
    *,
    out: str | Path,
    stack: Images | None = None,
    slices: Sequence[int] | None = None,
    test_slices: Sequence[int] | None = None,
    train_z: Sequence[int] = (),
    test_z: Sequence[int] = (),
    test_box: Box | str | None = None,
    stack_box: Box | str | None = None,
    settings: CompareSettings | None = None,
    fresh: bool = False,
    reading: Reading | None = None,
    reporter: Reporter | None = None,
) -> Compared:
    """The protocol of Hirabayashi et al. 2024: train each method on `images` and `labels`, score it on the test pairs,
    segment the `stack`; write tables, figures and every number into the folder `out`.

    `slices` and `test_slices` choose annotated slices, as in `train`. `train_z` and `test_z` say which slices of the
    stack they are, where they come from other files. The region of `reading` is that of the training images, `test_box`
    that of the test images, `stack_box` that of the stack. A run that was killed goes on where it stopped.

    Raises:
        KeramosError: its members say what does not fit.
    """
    reading, reporter, settings = reading or Reading(), reporter or Reporter(), settings or CompareSettings()
    refuse_inputs(out, images, labels, test_images, test_labels, stack)
    pairs = opened_pairs(images, labels, slices=slices, reading=reading, reporter=reporter)
    tests = replace(reading, box=test_box)
    tested = opened_pairs(test_images, test_labels, slices=test_slices, reading=tests, reporter=reporter)
    data = ComparisonData(
        train=collect_annotated(pairs, only=slices),
        test=collect_annotated(tested, only=test_slices),
        half_range=half_range(pairs[0][0]),
        stack=None if stack is None else replace(reading, box=stack_box).volume(stack),
        train_z=tuple(train_z),
        test_z=tuple(test_z),
    )
    if data.stack is not None:
        note_gaps(data.stack, reporter)
    return run_comparison(data, settings, Path(out), fresh=fresh, reporter=reporter)


def info(path: str | Path) -> dict[str, Any]:
    """What a file is: a model's card; or shape, voxel size, phases and provenance of images and labels; JSON values.

    Raises:
        MissingFileError, FormatError: nothing there, or nothing that Keramos reads.
    """
    if Path(path).suffix in MODEL_SUFFIXES:
        checkpoint = load_checkpoint(path)
        size = sum(tensor.numel() for tensor in checkpoint.weights.values())
        facts = {"path": str(path), "kind": "model", "sha256": checkpoint.sha256, "values": size}
        return {**facts, "card": checkpoint.card.model_dump(mode="json")}
    return describe(path)


def _of_start(begin: Beginning, more: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a training. One that goes on from a model takes smaller steps, lest it forget what it knew, and goes
    on to normalise each stack by itself if the model does."""
    if begin.start is None:
        return dict(more)
    constants = begin.start.card.normalisation
    adapts = constants is not None and constants.scope == "stack"
    return {"learning_rate": FINE_TUNING_RATE, "adapts": adapts, **more}


def _named(labels: Labels, reading: Reading, reporter: Reporter) -> Named:
    """Open labels that may name their phases themselves: then what the user says of other files does not apply."""
    if isinstance(labels, LabelVolume):
        return Named(labels, True)
    if describe(labels)["phases"] is not None:
        return Named(replace(reading, phases=None).labels(labels, reporter), True)
    return Named(reading.labels(labels, reporter), reading.phases is not None)


def _png(path: Path) -> Path:
    if path.suffix.lower() != ".png":
        raise SettingsError(
            f"expected the name of a picture that ends in .png, found {path}; give such a name to --out"
        )
    return path


def _box(box: Box | str, shape: Triple) -> Box:
    return parse_box(box, shape) if isinstance(box, str) else box


def _with_scope(predictor: Predictor, scope: Literal["slice", "stack"]) -> Predictor:
    if not isinstance(predictor, Otsu):
        raise SettingsError(f"expected an Otsu scope only with otsu, found it with {predictor.name}; leave it out")
    return replace(predictor, scope=scope)


def _parameters(volume: Volume, predictor: Predictor, model: str | Path) -> dict[str, Any]:
    """What it takes to run the step again."""
    box = volume.source.box if isinstance(volume.source, BoxSource) else None
    return {
        "images": volume.name,
        "box": None if box is None else str(box),
        "voxel_size_nm": list(volume.voxel_size.zyx) if volume.voxel_size else None,
        "model": str(model),
        "predictor": predictor.name,
        **({"resampled_to_nm": list(predictor.model_size.zyx)} if isinstance(predictor, Resampled) else {}),
    }
