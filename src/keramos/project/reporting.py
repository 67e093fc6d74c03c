"""Gather what a report shows: from a run's record, or from segmentations and what they say of themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from keramos.core import LabelVolume, Volume, VoxelSize, parse_box
from keramos.core.citation import DOI, PAPER
from keramos.core.errors import FormatError, KeramosError, MissingFileError
from keramos.core.progress import Reporter
from keramos.io import describe, open_labels, open_volume, scores_beside
from keramos.measurements import Measurements
from keramos.networks import ModelCard, load_checkpoint
from keramos.project.inputs import read_images
from keramos.project.known_slices import trained_on
from keramos.project.label_views import without_slices
from keramos.project.measure import measured_now, measured_on_one_slice, measurements_for
from keramos.project.phase_matching import LabelsWithNames, reconcile
from keramos.project.quantities import read_quantities
from keramos.project.record import RECORD, RunRecord, read_record
from keramos.project.scores import score_labels
from keramos.reports import Comparison, MethodResult, ReportContent, one_slice_comparison
from keramos.scoring import Evaluation
from keramos.settings.reading import ReadImageOptions

_SAME_VOLUME = (
    "Both were measured in the same way on the same volume: what differs is the segmentation's error, which the "
    "intervals in brackets do not hold."
)

CITATIONS = (f"{PAPER}, doi:{DOI}",)


@dataclass(frozen=True)
class ReportResult:
    """The page that was written, and its scores and times as JSON values, by method."""

    path: Path
    numbers: dict[str, Any]


def numbers_of(content: ReportContent) -> dict[str, Any]:
    """Scores (as `evaluate` has them; None where nothing was scored) and times of each method."""
    return {
        method.name: {
            "evaluation": None if method.evaluation is None else method.evaluation.to_json(),
            "seconds_train": method.seconds_train,
            "seconds_segment": method.seconds_segment,
        }
        for method in content.methods
    }


@dataclass(frozen=True)
class ReportOptions:
    """Further content of a report beside the segmentation: images, if they have moved; a truth, and slices (z as in its
    file) not to score; quantities that were measured before; whether to measure the microstructure if it was not."""

    images: Volume | None = None
    truth: LabelsWithNames | None = None
    leave_out: Sequence[int] = ()
    quantities: Path | None = None
    measure: bool = True


def gather(run: Path, options: ReportOptions, reporter: Reporter) -> ReportContent:
    """The content of a report on a run folder with a record, a segmentation, or a folder of segmentations.

    Without a record, images are found through the segmentation's provenance unless given. Slices that a model was
    trained on are not scored. Of several segmentations the best one's microstructure is measured.

    Raises:
        MissingFileError, FormatError: nothing there, or nothing to report on.
    """
    if not run.exists():
        raise MissingFileError(f"expected a run folder or a segmentation, found nothing at {run}; check the path")
    if (run / RECORD).is_file():
        return _from_record(run, read_record(run), reporter)
    found = [path for path in (run, *sorted(run.glob("*.zarr"))) if step_of(path) is not None]
    if not found:
        raise FormatError(
            f"expected a folder with {RECORD}, or a segmentation by Keramos, found neither in {run}; "
            "give the --out of `keramos demo` or `keramos segment`"
        )
    return _with_measurements(_from_segmentations(found, options, reporter), found, options, reporter)


def _from_record(folder: Path, record: RunRecord, reporter: Reporter) -> ReportContent:
    content = _content_of_record(folder, record)
    if record.quantities is None or record.measured is None:
        return content
    found = read_quantities(folder / record.quantities)
    true = None if record.truth_quantities is None else read_quantities(folder / record.truth_quantities)
    return _microstructure(content, record.measured, found, true, reporter)


def _content_of_record(folder: Path, record: RunRecord) -> ReportContent:
    volume = open_volume(folder / record.images)
    return ReportContent(
        title=record.title,
        volume=volume,
        truth=None if record.truth is None else open_labels(folder / record.truth),
        annotated_slices=record.annotated_slices,
        methods=tuple(
            MethodResult(
                method.name,
                open_labels(folder / method.labels),
                None if method.evaluation is None else Evaluation.from_json(method.evaluation),
                method.seconds_train,
                method.seconds_segment,
                _curve(None if method.model is None else _card(folder / method.model)),
                method.note,
                scores_beside(folder / method.labels),
            )
            for method in record.methods
        ),
        facts=record.facts,
        methods_text=record.methods_text,
        citations=record.citations,
        steps=tuple(open_labels(folder / record.methods[-1].labels).provenance.to_json()) if record.methods else (),
    )


@dataclass(frozen=True, eq=False)
class _Segmentation:
    path: Path
    labels: LabelVolume
    step: Mapping[str, Any]
    card: ModelCard | None

    @property
    def name(self) -> str:
        return str(self.step["predictor"])


def _from_segmentations(paths: Sequence[Path], options: ReportOptions, reporter: Reporter) -> ReportContent:
    found = []
    for path in paths:
        step = step_of(path) or {}
        found.append(_Segmentation(path, open_labels(path), step, _card(Path(str(step.get("model", ""))))))
    volume = options.images or images_of(found[0].path, found[0].step)
    annotated = tuple(sorted({z for item in found for z in trained_on(item.card, volume)}))
    true = None
    methods = []
    for item in found:
        evaluation = None
        if options.truth is not None:
            labels, true = reconcile(LabelsWithNames(item.labels, True), _cut_alike(options.truth, item), reporter)
            seen = [true.origin[0] + z for z in annotated if z < true.shape[0]]
            scored = without_slices(true, sorted({*seen, *options.leave_out}))
            evaluation = score_labels(labels, scored, progress=reporter.progress(f"score {item.name}"))
        name = item.name if sum(other.name == item.name for other in found) == 1 else f"{item.name} ({item.path.name})"
        seconds = item.card.training.seconds if item.card else None
        scores = scores_beside(item.path)
        methods.append(MethodResult(name, item.labels, evaluation, seconds, curve=_curve(item.card), scores=scores))
    return ReportContent(
        title=f"Segmentation of {Path(volume.name).name}",
        volume=volume,
        truth=true,
        annotated_slices=annotated,
        methods=tuple(methods),
        facts={"Images": volume.name},
        citations=CITATIONS,
        steps=tuple(found[0].labels.provenance.to_json()),
    )


def _with_measurements(
    content: ReportContent, paths: Sequence[Path], options: ReportOptions, reporter: Reporter
) -> ReportContent:
    """Measured is the best method, without scores the last; the truth, too, where it is known everywhere."""
    if not options.measure and options.quantities is None:
        return content
    best = content.scored[0] if content.scored else content.methods[-1]
    path = paths[content.methods.index(best)]
    found = measurements_for(best.labels, path, options.quantities, reporter)
    if found is None:
        return content
    whole = options.measure and content.truth is not None and _known_everywhere(best, content)
    true = measured_now(content.truth, reporter) if whole and content.truth is not None else None
    return _microstructure(content, best.name, found, true, reporter)


def _known_everywhere(method: MethodResult, content: ReportContent) -> bool:
    """Whether every voxel of the scored slices was annotated, and there is more than one."""
    rows = [] if method.evaluation is None else [row for row in method.evaluation.per_slice if row.annotated_voxels]
    area = content.volume.shape[1] * content.volume.shape[2]
    return len(rows) > content.volume.shape[0] // 2 and all(row.annotated_voxels == area for row in rows)


def _microstructure(
    content: ReportContent, name: str, found: Measurements, true: Measurements | None, reporter: Reporter
) -> ReportContent:
    """Measurements of the method of that name, beside those of the truth, and of one slice."""
    comparisons = []
    if true is not None:
        comparisons.append(
            Comparison("Against the truth", (("Truth", true), (name, found)), False, explanation=_SAME_VOLUME)
        )
    labels = next((method.labels for method in content.methods if method.name == name), None)
    one_slice = None if labels is None else measured_on_one_slice(labels, reporter)
    if one_slice is not None:
        comparisons.append(one_slice_comparison(found, one_slice))
    return replace(content, measurements=found, measured=name, comparisons=tuple(comparisons))


def _cut_alike(truth: LabelsWithNames, item: _Segmentation) -> LabelsWithNames:
    """The truth of a whole stack, cut to the region that was segmented."""
    box = item.step.get("box")
    if not box or truth.labels.shape == item.labels.shape:
        return truth
    return replace(truth, labels=truth.labels.crop(parse_box(str(box), truth.labels.shape)))


def step_of(path: Path) -> Mapping[str, Any] | None:
    """The parameters of the segmentation that made a store; None if none did."""
    try:
        facts = describe(path) if path.is_dir() else {}
    except KeramosError:
        return None
    steps = [row for row in facts.get("provenance", []) if row["verb"] == "segment"]
    return steps[-1]["parameters"] if steps and facts["kind"] == "labels" else None


def images_of(path: Path, step: Mapping[str, Any]) -> Volume:
    """The images that a segmentation's step names. MissingFileError where they are not there any more."""
    size = step.get("voxel_size_nm")
    options = ReadImageOptions(voxel_size=VoxelSize.of(size) if size else None, box=step.get("box"))
    try:
        return read_images(str(step["images"]), options)
    except MissingFileError:
        raise MissingFileError(
            f"expected the images of {path} at {step['images']}, found nothing there; give them with --images"
        ) from None


def _card(path: Path) -> ModelCard | None:
    """A model's card; None where the file is not there any more, or is none."""
    try:
        return load_checkpoint(path).card
    except KeramosError:
        return None


def _curve(card: ModelCard | None) -> tuple[Mapping[str, Any], ...]:
    return () if card is None else card.training.curve
