"""Train a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from keramos.core.progress import Reporter
from keramos.inspection import tell, training_findings
from keramos.learning import Device, Fitted, TrainSettings, collect_annotated, train_model
from keramos.networks import load_checkpoint
from keramos.project.beginnings import Beginning, beginning
from keramos.project.inputs import Images, Labels, Reading
from keramos.project.outputs import refuse_inputs, refuse_other
from keramos.project.pairing import opened_pairs
from keramos.reports import write_curve
from keramos.segmenters import half_range, planes_of, segmenter_of

DEFAULT_BUDGET_S = 120.0
FINE_TUNING_RATE = 5e-4


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
        predictor = segmenter_of(load_checkpoint(fitted.path))
    tell(training_findings(fitted.card, data, predictor), reporter)
    return fitted


def _of_start(begin: Beginning, more: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a training. One that goes on from a model takes smaller steps, lest it forget what it knew, and goes
    on to normalise each stack by itself if the model does."""
    if begin.start is None:
        return dict(more)
    constants = begin.start.card.normalisation
    adapts = constants is not None and constants.scope == "stack"
    return {"learning_rate": FINE_TUNING_RATE, "adapts": adapts, **more}
