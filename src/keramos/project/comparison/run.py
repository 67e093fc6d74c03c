"""Run a comparison, or go on with one, and write everything that it shows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from keramos.blocks import lock_output, open_checkpoint
from keramos.core import Finding
from keramos.core.errors import MissingFileError, PixelError, SettingsError, StorageError
from keramos.core.files import make_folder, translate_os_errors, write_text
from keramos.core.options import plain, result_identity
from keramos.core.progress import Reporter
from keramos.io import source_fingerprint
from keramos.learning import pick_device, refuse_small
from keramos.networks import Checkpoint
from keramos.networks.traced import trace_layers
from keramos.project.comparison.crops import count_crops, with_scope
from keramos.project.comparison.data import ComparisonData
from keramos.project.comparison.models import run_name, train_or_load
from keramos.project.comparison.regions import choose_regions, methods_text, regions_shown
from keramos.project.comparison.segmentation import (
    evaluate_slices,
    measure_over_stack,
    read_times,
    stack_labels,
    test_labels,
)
from keramos.project.comparison.settings import OTSU_SCOPES, Protocol, title_of
from keramos.project.measure import measure_locally, measure_middle_slice
from keramos.project.reporting import CITATIONS
from keramos.reports import one_slice_comparison
from keramos.reports.comparison import ComparisonContent, Method, write_comparison
from keramos.scoring.crop_scores import CropScores, compute_crop_scores
from keramos.scoring.hard_cases import measure_hard_cases
from keramos.scoring.score_histogram import compute_curves
from keramos.segmenters import SEGMENTERS, Segmenter, planes_of, segmenter_of
from keramos.settings.compare import OtsuScope

CHECKPOINT = "compare-ledger.jsonl"
_MADE = ("models", "crops", "test", "stack", "figures", "times.json", "compare.json", "report.html", CHECKPOINT)
_ADDED_LATER = ("methods", "trainings", "region")
"""Settings in which a resumed comparison may differ: each model, set of crops and segmentation notices by itself what
these change."""


@dataclass(frozen=True)
class ComparisonResult:
    """The result of a comparison: the page, and all numbers as JSON values (as in `compare.json`)."""

    folder: Path
    report: Path
    numbers: dict[str, Any]
    content: ComparisonContent

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Doubts about the images and labels."""
        return self.content.findings


def run_comparison(
    data: ComparisonData,
    settings: Protocol,
    out: Path,
    *,
    fresh: bool = False,
    reporter: Reporter | None = None,
) -> ComparisonResult:
    """Train, score and segment with each method, and write `out`/report.html, compare.json and figures/.

    What an earlier, killed run of the same comparison finished is kept; methods and trainings may be added to it.

    Raises:
        KeramosError: its members say what does not fit; ResumeError where `out` is another comparison's.
    """
    reporter = reporter or Reporter()
    settings = _fitting(settings, data, reporter)
    choose_regions(settings.region, data.test.slices[0].codes.shape)  # refused now, not after the trainings
    refuse_other_folder(out)
    make_folder(out)
    with lock_output(out, beside=out / CHECKPOINT):
        _open_or_resume(out, data, settings, fresh)
        return _compare(data, settings, out, reporter)


def _compare(data: ComparisonData, settings: Protocol, out: Path, reporter: Reporter) -> ComparisonResult:
    for words in filter(None, (settings.summarise(), data.nearness)):
        reporter.note(words)
    methods = [_method(name, data, settings, out, reporter) for name in settings.methods]
    content = _content(data, settings, methods, _otsu_scopes(data, settings, out, reporter))
    content = _with_microstructure(content, reporter)
    numbers = write_comparison(content, out, progress=reporter.progress("draw the figures", "figure"))
    write_text(out / "compare.json", json.dumps(numbers, indent=1, allow_nan=False) + "\n")
    return ComparisonResult(out, out / "report.html", numbers, content)


def _fitting(settings: Protocol, data: ComparisonData, reporter: Reporter) -> Protocol:
    """Without the methods that cannot tell so many phases apart; what cannot be trained or tested is refused now."""
    preset = settings.protocol
    refuse_small(data.test, preset.test_crop)
    if settings.networks:
        refuse_small(data.train, preset.crop)
    data.refuse_lonely_slices([title_of(name) for name in settings.methods if planes_of(name) > 1])
    if settings.otsu_scope == "stack" and data.stack is None:
        raise SettingsError("expected --stack for --otsu-scope stack, found none; give it, or take crop or slice")
    phases = len(data.train.phases)
    limits = {name: SEGMENTERS[name].max_phases for name in settings.methods if name in SEGMENTERS}
    left_out = [name for name, limit in limits.items() if limit is not None and limit < phases]
    for name in left_out:
        reporter.note(f"{title_of(name)} tells {limits[name]} phases apart, not {phases}: left out")
    methods = tuple(name for name in settings.methods if name not in left_out)
    if not methods:
        raise SettingsError(f"expected a method for {phases} phases, found only {', '.join(left_out)}, for fewer")
    return replace(settings, methods=methods)


def refuse_other_folder(out: Path) -> None:
    """StorageError unless `out` is new, empty or a comparison's folder."""
    if not out.exists() or (out / CHECKPOINT).is_file():
        return
    if not out.is_dir() or any(not file.name.endswith(".lock") for file in out.iterdir()):
        raise StorageError(
            f"{out} is neither empty nor a comparison's folder: something else is there; write elsewhere"
        )


def _open_or_resume(out: Path, data: ComparisonData, settings: Protocol, fresh: bool) -> None:
    """Start in an empty folder, or resume the same comparison; `fresh` removes what it has made."""
    if fresh:
        with translate_os_errors(out):
            for name in _MADE:
                path = out / name
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    chosen = result_identity(settings)
    identity = {
        **{name: value for name, value in chosen.items() if name not in _ADDED_LATER},
        **result_identity(settings.protocol),
        "pretrained": None if settings.pretrained is None else _hash_file(Path(settings.pretrained)),
        "training data": data.train.with_planes(1).sha256(),
        "test data": data.test.with_planes(1).sha256(),
        "phases": data.train.phases.names,
        "voxel size": plain(data.voxel_size),
        "stack": None if data.stack is None else [source_fingerprint(data.stack), data.stack.origin],
    }
    open_checkpoint(out / CHECKPOINT, identity, output=out).start()


def _hash_file(path: Path) -> str:
    """The content of a file, for the identity of a comparison.

    Raises:
        MissingFileError: there is none.
    """
    if not path.is_file():
        raise MissingFileError(f"expected a file of VGG-16 weights, found nothing at {path}; check the path")
    with translate_os_errors(path):
        return sha256(path.read_bytes()).hexdigest()


def _method(name: str, data: ComparisonData, settings: Protocol, out: Path, reporter: Reporter) -> Method:
    title, positive = title_of(name), data.test.phases.positive
    models = [train_or_load(name, k, data, settings, out, reporter) for k in range(settings.trainings_of(name))]
    predictors = [_predictor(model, data, settings, reporter) for model in models]
    counts = [
        count_crops(
            predictor,
            data,
            settings,
            out / "crops" / run_name(name, k),
            reporter.progress(f"score the crops with {title}", "set"),
        )
        for k, predictor in enumerate(predictors)
    ]
    scores = [compute_crop_scores(found.sets, positive) for found in counts]
    codes = test_labels(name, predictors[0], data, settings, out, reporter)
    stack = stack_labels(name, predictors[0], data, settings, out, reporter)
    along = None if stack is None else measure_over_stack(stack, reporter, title)
    first, size, card = data.test.slices[0], data.voxel_size, models[0].card
    area = None if size is None else size.y_nm * size.x_nm
    histogram = counts[0].scores
    is_network = name not in SEGMENTERS
    return Method(
        name=name,
        title=title,
        crops=scores[0],
        curves=None if histogram is None else compute_curves(histogram),
        evaluation=evaluate_slices(codes, data, reporter, title),
        labels=codes[0],
        cases=measure_hard_cases(first.grey, first.codes, codes[0], positive=positive, pixel_area_nm2=area),
        stack=stack,
        fractions=() if along is None else along.fractions,
        slice_to_slice_iou=() if along is None else along.slice_to_slice_iou,
        trainings=tuple(m for s in scores if (m := s.over_crops["iou"].mean) is not None) if is_network else (),
        seconds_train=card.training.seconds,
        seconds_stack=read_times(out).get(name),
        seconds_test=read_times(out).get(f"{name} test"),
        layers=trace_layers(models[0].network(), 256) if is_network else None,
        curve=card.training.curve,
        parameters=predictors[0].summary(),
    )


def _predictor(model: Checkpoint, data: ComparisonData, settings: Protocol, reporter: Reporter) -> Segmenter:
    predictor = segmenter_of(model, device=pick_device(settings.device))
    predictor = with_scope(predictor, settings.otsu_scope)
    if predictor.adapts and settings.otsu_scope == "stack" and data.stack is not None:
        return predictor.fit_to(data.stack, reporter.progress("survey the stack", "slice"))
    return predictor


def _otsu_scopes(data: ComparisonData, settings: Protocol, out: Path, reporter: Reporter) -> dict[str, CropScores]:
    """Otsu's scores over crops with thresholds of the crop, the slice and the stack."""
    if "otsu" not in settings.methods:
        return {}
    model = train_or_load("otsu", 0, data, settings, out, reporter)
    scopes: Sequence[OtsuScope] = OTSU_SCOPES if data.stack is not None else OTSU_SCOPES[:2]
    found: dict[str, CropScores] = {}
    for scope in scopes:
        by_scope = replace(settings, otsu_scope=scope)
        predictor = _predictor(model, data, by_scope, reporter)
        progress = reporter.progress(f"score the crops with Otsu by {scope}", "set")
        folder = out / "crops" / ("otsu" if scope == settings.otsu_scope else f"otsu-by-{scope}")
        try:
            counts = count_crops(predictor, data, by_scope, folder, progress)
        except PixelError:
            # A crop of one grey level has no threshold of its own; the scope that was asked for has been scored.
            reporter.note(f"Otsu by {scope}: a crop or slice has too few grey levels; left out")
            continue
        found[scope] = compute_crop_scores(counts.sets, data.test.phases.positive)
    return found


def _content(
    data: ComparisonData, settings: Protocol, methods: list[Method], scopes: dict[str, CropScores]
) -> ComparisonContent:
    preset = settings.protocol
    train, test = data.train.slices[0], data.test.slices[0]
    successes, failures = regions_shown(methods, test.codes, settings.region)
    return ComparisonContent(
        title=f"Comparison of segmentation methods: {Path(test.image).name}",
        phases=data.test.phases,
        train=(train.grey, train.codes),
        test=(test.grey, test.codes),
        voxel_size=data.voxel_size,
        methods=tuple(methods),
        successes=successes,
        failures=failures,
        sets=preset.sets,
        crops_per_set=preset.crops_per_set,
        crop_edge=preset.test_crop,
        preset=preset.name,
        training=settings.describe_training(),
        stack=data.stack,
        annotated=data.list_annotated_slices(),
        otsu_scopes=scopes,
        facts=_facts(data, settings),
        notes=(data.nearness,) if data.nearness else (),
        findings=data.findings,
        methods_text=methods_text(data, settings),
        citations=CITATIONS,
    )


def _with_microstructure(content: ComparisonContent, reporter: Reporter) -> ComparisonContent:
    """The stack as the best method segmented it, measured, beside one slice of it."""
    best = max(content.methods, key=lambda method: method.evaluation.positive_scores.iou or 0.0)
    found = None if best.stack is None else measure_locally(best.stack, reporter)
    if found is None or best.stack is None:
        return content
    one_slice = measure_middle_slice(best.stack, reporter)
    beside = () if one_slice is None else (one_slice_comparison(found, one_slice),)
    return replace(content, measurements=found, measured=f"the stack by {best.title}", comparisons=beside)


def _facts(data: ComparisonData, settings: Protocol) -> dict[str, str]:
    def name_all(slices: Sequence[Any]) -> str:
        return "; ".join(f"{s.image}, slice {s.z}, {s.grey.shape[0]} × {s.grey.shape[1]} pixels" for s in slices)

    facts = {
        "Preset": settings.summarise(),
        "Trained on": name_all(data.train.slices),
        "Tested on": name_all(data.test.slices),
    }
    if data.stack is not None:
        facts["Stack"] = f"{data.stack.name}, {' × '.join(map(str, data.stack.shape))} voxels (z y x)"
    facts["Voxel size"] = str(data.voxel_size) if data.voxel_size else "not known"
    facts["Seed"] = str(settings.seed)
    facts["Networks ran on"] = pick_device(settings.device)
    return facts
