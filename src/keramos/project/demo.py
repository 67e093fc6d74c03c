"""The whole job on a phantom, where the right answer is known for every voxel.

phantom -> annotate one slice from truth -> check -> Otsu, Sauvola, the bundled network as it is, and trained on that
slice: segment, evaluate -> quantify that one and the truth -> run.json, report.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, LabelVolume, Triple, Volume, triple
from keramos.core.errors import StorageError
from keramos.core.files import write_text
from keramos.core.progress import Reporter
from keramos.io import open_labels, open_volume, remove_store, save_labels
from keramos.learning import TrainResult
from keramos.project.label_views import only_slices
from keramos.project.record import MethodRecord, RunRecord, write_record
from keramos.project.reporting import CITATIONS
from keramos.project.verb import verb
from keramos.project.verbs.check import CheckResult, check
from keramos.project.verbs.evaluate import evaluate
from keramos.project.verbs.phantom import phantom
from keramos.project.verbs.quantify import quantify
from keramos.project.verbs.report import report
from keramos.project.verbs.segment import segment
from keramos.project.verbs.train import train
from keramos.scoring import Evaluation, draw_error_overlay, stretch_grey
from keramos.settings.bundled import POROUS_SOLID
from keramos.settings.check import CheckSettings
from keramos.settings.evaluate import EvaluateSettings
from keramos.settings.others import DemoSettings
from keramos.settings.phantom import PhantomSettings
from keramos.settings.quantify import QuantifySettings
from keramos.settings.report import ReportSettings
from keramos.settings.segment import SegmentSettings
from keramos.settings.train import TrainSettings

_MARK = "demo.json"
_QUANTITIES, _TRUE_QUANTITIES = "quantities", "quantities-of-the-truth"
_COLOURS = "blue and brown are right, aqua is void taken for solid, yellow is solid missed"


@dataclass(frozen=True)
class _Method:
    """One way to segment: what is trained, from which weights; `trained` says whether the annotated slice is used."""

    key: str
    name: str
    note: str
    model: str | None = None
    start: str | None = None
    trained: bool = True


_METHODS = (
    _Method(
        "otsu",
        "Otsu",
        "threshold of each slice from its histogram; the annotated slice only tells which phase is bright",
        "otsu",
    ),
    _Method("sauvola", "Sauvola", "smoothing, window and k chosen for the best IoU on the annotated slice", "sauvola"),
    _Method(
        "bundled",
        "Network, no annotation",
        "the bundled weights as they are: they have learned from other phantoms",
        trained=False,
    ),
    _Method("network", "Network, one slice", "the bundled weights, trained on the annotated slice", start=POROUS_SOLID),
)


@dataclass(frozen=True)
class DemoResult:
    """The files of a demo, and each method's 3-D scores by its name, best last."""

    folder: Path
    report: Path
    record: RunRecord
    evaluations: dict[str, Evaluation]


@verb(DemoSettings)
def demo(settings: DemoSettings, reporter: Reporter) -> DemoResult:
    """Run the whole job in the folder `out`; an earlier demo there is replaced.

    Scores leave out the annotated slice, which the methods have seen.

    Raises:
        StorageError: `out` holds something else than an earlier demo, or cannot be written.
    """
    out, size = settings.out, _size(settings)
    _make_room(out)
    write_text(out / _MARK, json.dumps(asdict(size)) + "\n")
    simulated = PhantomSettings(out=out, shape=size.shape, severity=size.severity, seed=size.seed, fresh=True)
    phantom.run(simulated, reporter)
    truth = open_labels(out / "truth-as-imaged.ome.zarr")
    annotated = size.shape[0] // 2
    _show_slice(out / "images.ome.zarr", annotated, reporter)
    save_labels(out / "annotation.ome.zarr", only_slices(truth, [annotated]), name="annotation")
    checked = check.run(CheckSettings(images=out / "images.ome.zarr", labels=out / "annotation.ome.zarr"), reporter)
    methods, evaluations = [], {}
    for wanted in _METHODS:
        method, evaluation = _run_method(wanted, out, truth, annotated, size, reporter)
        reporter.note(f"{wanted.name}: IoU {evaluation.positive_scores.iou:.3f} on the slices that nobody annotated")
        methods.append(method)
        evaluations[method.name] = evaluation
        write_record(out, _record(size, annotated, methods, checked))
        reporter.picture(f"{wanted.name}: {_COLOURS}", _draw_errors(out, method.labels, truth, annotated // 2))
    measured = {_QUANTITIES: out / methods[-1].labels, _TRUE_QUANTITIES: out / "truth-as-imaged.ome.zarr"}
    for folder, labels in measured.items():
        measuring = QuantifySettings(labels=labels, out=out / folder, thickness=True, domain=size.domain, subvolumes=1)
        quantify.run(measuring, reporter, replace=True)
    record = _record(size, annotated, methods, checked).model_copy(
        update={"measured": methods[-1].name, "quantities": _QUANTITIES, "truth_quantities": _TRUE_QUANTITIES}
    )
    write_record(out, record)
    page = report.run(ReportSettings(runs=(out,), out=out / "report.html"), reporter, replace=True).path
    return DemoResult(out, page, record, evaluations)


def _show_slice(images: Path, z: int, reporter: Reporter) -> None:
    grey = stretch_grey(_read_slice(open_volume(images), z))
    reporter.picture(f"slice {z}, the one that is annotated", np.repeat(grey[..., None], 3, axis=2))


def _draw_errors(out: Path, labels: str, truth: LabelVolume, z: int) -> NDArray[np.uint8]:
    """Hits and errors on a slice that is not annotated."""
    grey = _read_slice(open_volume(out / "images.ome.zarr"), z)
    codes = _read_slice(open_labels(out / labels), z)
    return draw_error_overlay(grey, codes, _read_slice(truth, z), truth.phases.positive)


def _read_slice(volume: Volume | LabelVolume, z: int) -> NDArray[Any]:
    values: NDArray[Any] = volume.read(Box((z, 0, 0), (z + 1, *volume.shape[1:])))[0]
    return values


@dataclass(frozen=True)
class _Size:
    """The size of a demo: of the phantom (Z Y X voxels), of the training (s), of the cube for transport (voxels)."""

    shape: Triple
    budget: float
    domain: int
    severity: float
    seed: int


def _size(settings: DemoSettings) -> _Size:
    shape, budget, domain = ((32, 256, 256), 20.0, 64) if settings.quick else ((96, 384, 384), 60.0, 128)
    return _Size(
        triple(settings.shape or shape),
        settings.budget or budget,
        settings.domain or domain,
        settings.severity,
        settings.seed,
    )


def _run_method(
    wanted: _Method, out: Path, truth: LabelVolume, annotated: int, size: _Size, reporter: Reporter
) -> tuple[MethodRecord, Evaluation]:
    images, labels, file = out / "images.ome.zarr", f"{wanted.key}.ome.zarr", f"{wanted.key}.keramos"
    began = time.monotonic()
    model: TrainResult | str = POROUS_SOLID
    if wanted.trained:
        training = TrainSettings(
            images=(images,),
            labels=(out / "annotation.ome.zarr",),
            out=out / file,
            model=wanted.model,
            budget=size.budget,
            seed=size.seed,
            from_=wanted.start,
            keep_stopped=False,
        )
        model = train.run(training, reporter, replace=True)
    trained = time.monotonic()
    segmented_labels = segment.run(SegmentSettings(images=images, model=model, out=out / labels, fresh=True), reporter)
    segmented = time.monotonic()
    scoring = EvaluateSettings(
        prediction=segmented_labels, truth=truth, leave_out=(annotated,), regions=out / "regions.ome.zarr"
    )
    evaluation = evaluate.run(scoring, reporter)
    method = MethodRecord(
        name=wanted.name,
        labels=labels,
        model=file if wanted.trained else None,
        evaluation=evaluation.to_json(),
        seconds_train=round(trained - began, 2) if wanted.trained else None,
        seconds_segment=round(segmented - trained, 2),
        note=wanted.note,
    )
    return method, evaluation


def _record(size: _Size, annotated: int, methods: Sequence[MethodRecord], checked: CheckResult) -> RunRecord:
    return RunRecord(
        title="Keramos demo: a simulated porous ceramic, one annotated slice",
        images="images.ome.zarr",
        truth="truth-as-imaged.ome.zarr",
        annotated_slices=(annotated,),
        methods=tuple(methods),
        facts={"Images": f"phantom ba122, severity {size.severity:g}, seed {size.seed}"},
        methods_text=_methods_text(size, annotated),
        citations=CITATIONS,
        findings=tuple(finding.to_json() for finding in checked.findings),
    )


def _methods_text(size: _Size, annotated: int) -> str:
    """A paragraph for the methods section of a paper."""
    z, y, x = size.shape
    return (
        f"A simulated FIB-SEM stack of {z} x {y} x {x} voxels (z y x) was annotated on one slice (z = {annotated}) "
        "from its exact truth as imaged. Otsu's threshold was taken of each slice; Sauvola's threshold after Gaussian "
        "smoothing had its parameters chosen on the annotated slice; a compact U-Net of seven neighbouring slices, "
        "which had learned from other simulated stacks, was used as it is, and after training on random crops of the "
        f"annotated slice for {size.budget:g} s. All {z} slices were segmented with each; scores are over the "
        f"other {z - 1} slices."
    )


def _make_room(out: Path) -> None:
    """Remove an earlier demo; refuse any other folder that is not empty."""
    if not out.exists() or not any(out.iterdir()):
        return
    if not _is_demo(out):
        raise StorageError(
            f"expected a new or empty folder, or an earlier demo, for --out, found other files in {out}; choose another"
        )
    for name in ("annotation", *(method.key for method in _METHODS)):
        remove_store(out / f"{name}.ome.zarr")


def _is_demo(out: Path) -> bool:
    try:
        mark = json.loads((out / _MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(mark, dict) and {"shape", "budget", "severity", "seed"} <= set(mark)
