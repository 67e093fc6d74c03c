"""The whole job on a phantom, where the right answer is known for every voxel.

phantom -> annotate one slice from truth -> Otsu, Sauvola, the bundled network as it is, and trained on that slice:
segment, evaluate -> quantify that one and the truth -> run.json, report.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from keramos.core import LabelVolume, Triple
from keramos.core.errors import StorageError
from keramos.core.files import write_text
from keramos.core.progress import Reporter
from keramos.io import open_labels, remove_store, save_labels
from keramos.learning import Fitted
from keramos.measurements import QuantifySettings
from keramos.project.label_views import only_slices
from keramos.project.record import MethodRecord, RunRecord, write_record
from keramos.project.reporting import CITATIONS
from keramos.project.verbs.evaluate import evaluate
from keramos.project.verbs.phantom import phantom
from keramos.project.verbs.quantify import quantify
from keramos.project.verbs.report import report
from keramos.project.verbs.segment import segment
from keramos.project.verbs.train import train
from keramos.scoring import Evaluation
from keramos.segmenters import SegmentSettings

_MARK = "demo.json"
_QUANTITIES, _TRUE_QUANTITIES = "quantities", "quantities-of-the-truth"
_BUNDLED = "porous-solid"


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
    _Method("network", "Network, one slice", "the bundled weights, trained on the annotated slice", start=_BUNDLED),
)


@dataclass(frozen=True)
class DemoSettings:
    """How large the phantom is (Z Y X voxels), how long the network trains, and the edge (voxels) of the cube of which
    flow and thickness are measured."""

    shape: Triple = (96, 384, 384)
    budget_s: float = 60.0
    severity: float = 0.5
    seed: int = 0
    domain: int = 128

    @classmethod
    def quick(cls) -> DemoSettings:
        """For a first look, in about a minute."""
        return cls(shape=(32, 256, 256), budget_s=20.0, domain=64)


@dataclass(frozen=True)
class DemoResult:
    """What the demo wrote, and each method's 3-D scores by its name, best last."""

    folder: Path
    report: Path
    record: RunRecord
    evaluations: dict[str, Evaluation]


def run_demo(
    out: str | Path = "keramos-demo",
    *,
    quick: bool = False,
    settings: DemoSettings | None = None,
    reporter: Reporter | None = None,
) -> DemoResult:
    """Run the demo in the folder `out`; an earlier demo there is replaced.

    Scores leave out the annotated slice, which the methods have seen.

    Raises:
        StorageError: `out` holds something else than an earlier demo, or cannot be written.
    """
    reporter, out = reporter or Reporter(), Path(out)
    settings = settings or (DemoSettings.quick() if quick else DemoSettings())
    _make_room(out)
    write_text(out / _MARK, json.dumps(asdict(settings)) + "\n")
    phantom(out, shape=settings.shape, severity=settings.severity, seed=settings.seed, fresh=True, reporter=reporter)
    truth = open_labels(out / "truth-as-imaged.ome.zarr")
    annotated = settings.shape[0] // 2
    save_labels(out / "annotation.ome.zarr", only_slices(truth, [annotated]), name="annotation")
    methods, evaluations = [], {}
    for wanted in _METHODS:
        method, evaluation = _run_method(wanted, out, truth, annotated, settings, reporter)
        methods.append(method)
        evaluations[method.name] = evaluation
        write_record(out, _record(settings, annotated, methods))
    measured = {_QUANTITIES: out / methods[-1].labels, _TRUE_QUANTITIES: out / "truth-as-imaged.ome.zarr"}
    for folder, labels in measured.items():
        quantify(labels, out=out / folder, settings=_to_measure(settings), reporter=reporter)
    record = _record(settings, annotated, methods).model_copy(
        update={"measured": methods[-1].name, "quantities": _QUANTITIES, "truth_quantities": _TRUE_QUANTITIES}
    )
    write_record(out, record)
    page = report(out, out / "report.html", reporter=reporter).path
    return DemoResult(out, page, record, evaluations)


def _to_measure(settings: DemoSettings) -> QuantifySettings:
    return QuantifySettings(thickness=True, domain_voxels=settings.domain**3)


def _run_method(
    wanted: _Method, out: Path, truth: LabelVolume, annotated: int, settings: DemoSettings, reporter: Reporter
) -> tuple[MethodRecord, Evaluation]:
    images, labels, file = out / "images.ome.zarr", f"{wanted.key}.ome.zarr", f"{wanted.key}.keramos"
    began = time.monotonic()
    model: Fitted | str = _BUNDLED
    if wanted.trained:
        model = train(
            images,
            out / "annotation.ome.zarr",
            out=out / file,
            model=wanted.model,
            budget_s=settings.budget_s,
            seed=settings.seed,
            start=wanted.start,
            keep_stopped=False,
            reporter=reporter,
        )
    trained = time.monotonic()
    found = segment(images, model, out=out / labels, settings=SegmentSettings(fresh=True), reporter=reporter)
    segmented = time.monotonic()
    regions = out / "regions.ome.zarr"
    evaluation = evaluate(found, truth, leave_out=[annotated], regions=regions, reporter=reporter)
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


def _record(settings: DemoSettings, annotated: int, methods: Sequence[MethodRecord]) -> RunRecord:
    return RunRecord(
        title="Keramos demo: a simulated porous ceramic, one annotated slice",
        images="images.ome.zarr",
        truth="truth-as-imaged.ome.zarr",
        annotated_slices=(annotated,),
        methods=tuple(methods),
        facts={"Images": f"phantom ba122, severity {settings.severity:g}, seed {settings.seed}"},
        methods_text=_methods_text(settings, annotated),
        citations=CITATIONS,
    )


def _methods_text(settings: DemoSettings, annotated: int) -> str:
    """What a paper's methods section would say."""
    z, y, x = settings.shape
    return (
        f"A simulated FIB-SEM stack of {z} x {y} x {x} voxels (z y x) was annotated on one slice (z = {annotated}) "
        "from its exact truth as imaged. Otsu's threshold was taken of each slice; Sauvola's threshold after Gaussian "
        "smoothing had its parameters chosen on the annotated slice; a compact U-Net of seven neighbouring slices, "
        "which had learned from other simulated stacks, was used as it is, and after training on random crops of the "
        f"annotated slice for {settings.budget_s:g} s. All {z} slices were segmented with each; scores are over the "
        f"other {z - 1} slices."
    )


def _make_room(out: Path) -> None:
    """Remove an earlier demo; refuse any other folder that is not empty."""
    if not out.exists() or not any(out.iterdir()):
        return
    if not (out / _MARK).is_file():
        raise StorageError(
            f"expected a new or empty folder, or an earlier demo, for --out, found other files in {out}; choose another"
        )
    for name in ("annotation", *(method.key for method in _METHODS)):
        remove_store(out / f"{name}.ome.zarr")
