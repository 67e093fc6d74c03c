"""From annotated slices to a model file: train a network, or choose the parameters of another method.

annotated slices -> normalisation, crops -> fit -> weights + card -> FILE.keramos
now and then FILE.training, from which the same command resumes exactly after a kill; of compact networks every half
minute FILE.unfinished.keramos, too, a model that can be used already
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from keramos.blocks import Checkpoint as ResumeFile
from keramos.blocks import computing_versions, lock_output, open_checkpoint
from keramos.core import NOT_ANNOTATED, Finding
from keramos.core.errors import SettingsError
from keramos.core.files import check_writable
from keramos.core.options import plain, result_identity
from keramos.core.progress import Reporter
from keramos.learning.annotated import AnnotatedSlices
from keramos.learning.calibration import calibrate
from keramos.learning.crop_set import draw_crop_set
from keramos.learning.crops import CropSampler
from keramos.learning.fabric import open_fabric
from keramos.learning.hold_out import split
from keramos.learning.initial_weights import initialise_from
from keramos.learning.loop import LoopResult, fit
from keramos.learning.model_card import make_card
from keramos.learning.paper import fit_paper
from keramos.learning.settings import TrainSettings, pick_device
from keramos.learning.state import State, StateSaver, load_state
from keramos.networks import (
    ARCHITECTURES,
    Checkpoint,
    ModelCard,
    Network,
    Normalisation,
    build_network,
    load_checkpoint,
    save_checkpoint,
)
from keramos.segmenters import SEGMENTERS, Segmenter, decide, refuse_unknown_model, segmenter_of

TRAINING_SETS, TEST_SETS = 1, 2
"""Second numbers of the seeds of crop sets, so that no training set is a test set."""
_SAVE_EVERY_S = 30.0
_SCORED_SLICES = 16


@dataclass(frozen=True)
class TrainResult:
    """The model file and its card; `stopped` says that the training was interrupted and the model saved as it was;
    `findings` say what is probably wrong with the labels or the training (`keramos.train` looks for it)."""

    path: Path
    card: ModelCard
    stopped: bool = False
    findings: tuple[Finding, ...] = ()


def train_model(
    data: AnnotatedSlices,
    settings: TrainSettings,
    out: Path,
    *,
    half_range: float,
    start: Checkpoint | None = None,
    keep_stopped: bool = True,
    reporter: Reporter | None = None,
) -> TrainResult:
    """Fit `settings.model` and write it to `out`; a killed training of a network is resumed.

    `half_range` (grey levels) is Sauvola's r, and half of what the paper's networks divide grey values by. `start`
    gives the initial weights. Ctrl-C ends a network's training early and saves what it has; without
    `keep_stopped` it is a KeyboardInterrupt, and only the state to resume from is kept.

    Raises:
        SettingsError: no such model, a device that is not there, or a `start` of another architecture or phases.
        VoxelSizeError: a `start` that was made for another voxel size.
        ResumeError: an unfinished training of `out` with other data, settings or weights.
        StorageError: `out` cannot be written (said before the training), or another training is writing to it.
    """
    reporter = reporter or Reporter()
    refuse_unknown_model(settings.model)
    if settings.model in SEGMENTERS and start is not None:
        raise SettingsError(f"expected --from only with a network, found it with {settings.model}; leave it out")
    with lock_output(out):
        if settings.model in SEGMENTERS:
            return _choose_parameters(data, settings, out, half_range, reporter)
        return _train_network(data, settings, out, half_range, start, keep_stopped, reporter)


def _choose_parameters(
    data: AnnotatedSlices, settings: TrainSettings, out: Path, half_range: float, reporter: Reporter
) -> TrainResult:
    began, segmenter = time.monotonic(), SEGMENTERS[settings.model]
    progress = reporter.progress(f"choose parameters of {segmenter.title or segmenter.name}", "trial")
    chosen = segmenter.choose_parameters(data, half_range=half_range, progress=progress)
    result = LoopResult(0, time.monotonic() - began, [])
    card = make_card(data, settings, result, "cpu", architecture_settings=chosen.parameters(), normalisation=None)
    return _save_model(out, Checkpoint(card, {}, ""), data, stopped=False)


@dataclass(frozen=True, eq=False)
class _Job:
    """The training of a network: `data` is what it learns from, `constants` shift and scale its grey values, `resume`
    is where its state is saved, and `state` the one that an unfinished training left."""

    network: Network
    data: AnnotatedSlices
    settings: TrainSettings
    out: Path
    constants: tuple[float, float]
    device: str
    resume: ResumeFile
    state: State | None
    reporter: Reporter

    def model(self, result: LoopResult) -> Checkpoint:
        """The model as it is, with its card."""
        mean, std = self.constants
        scope: Literal["stack", "fixed"] = "stack" if self.settings.adapts else "fixed"
        card = make_card(
            self.data,
            self.settings,
            result,
            self.device,
            architecture_settings=dict(self.network.settings),
            normalisation=Normalisation(mean=mean, std=std, scope=scope),
        )
        weights = {name: tensor.detach().cpu().contiguous() for name, tensor in self.network.state_dict().items()}
        return Checkpoint(card, weights, "")


def _train_network(
    data: AnnotatedSlices,
    settings: TrainSettings,
    out: Path,
    half_range: float,
    start: Checkpoint | None,
    keep_stopped: bool,
    reporter: Reporter,
) -> TrainResult:
    device = pick_device(settings.device)
    check_writable(out)
    torch.manual_seed(settings.seed)
    network = _build_network(data, settings, start)
    parts = split(data, settings.hold_out, settings.seed) if settings.hold_out else None
    learned = data if parts is None else parts.learned
    # The paper maps 8-bit images to 0 ... 1.
    constants = (0.0, 2 * half_range) if settings.follows_paper else data.mean_and_std()
    resume = _open_resume_file(out, settings, training_identity(data, settings, device, start))
    state = load_state(resume)
    if state is not None:
        reporter.note(f"resuming the training of {out} after {state.facts['step']} steps")
        _note_other_threads(state, reporter)
    job = _Job(network, learned, settings, out, constants, device, resume, state, reporter)
    result = _LOOPS[settings.recipe.loop](job)
    if result.stopped and not keep_stopped:
        raise KeyboardInterrupt
    model = job.model(result) if parts is None else calibrate(job.model(result), parts.held_out)
    fitted = _save_model(out, model, learned, stopped=result.stopped)
    _unfinished_model(out).unlink(missing_ok=True)
    resume.delete()
    return fitted


def _note_other_threads(state: State, reporter: Reporter) -> None:
    before, now = state.facts.get("threads"), torch.get_num_threads()
    if before is not None and before != now:
        reporter.note(
            f"the training began with {before} threads and goes on with {now}: they add in another order, so that the "
            f"weights will not be those of an undisturbed training with the same seed (OMP_NUM_THREADS={before} is as "
            "before)"
        )


def _build_network(data: AnnotatedSlices, settings: TrainSettings, start: Checkpoint | None) -> Network:
    """The network to train: with fresh weights, or those of `start`."""
    if start is not None:
        return initialise_from(start, settings.model, data.phases, data.voxel_size)
    network = build_network(settings.model, {"classes": len(data.phases), **settings.network_settings})
    if settings.pretrained is not None:
        load = ARCHITECTURES[settings.model].load_pretrained
        if load is None:
            raise SettingsError(f"{settings.model} takes no pretrained weights; leave --pretrained out")
        load(network, Path(settings.pretrained))
    return network


def _fit_augmented(job: _Job) -> LoopResult:
    settings, data, out = job.settings, job.data, job.out
    each = data.constants_of_stacks() if settings.adapts else [job.constants] * len(data.slices)
    sampler = CropSampler(
        data,
        each,
        size=settings.edge,
        batch=settings.batch_size,
        seed=settings.seed,
        ranges=settings.augmentation,
        device=job.device,
    )
    progress, saved = job.reporter.progress(f"train {settings.model}", "%"), time.monotonic()
    # An output that cannot be written shows now, not at the end.
    _save_unfinished(out, job.model(LoopResult(0, 0.0, [])))

    def report(share: float, so_far: LoopResult) -> None:
        nonlocal saved
        progress(round(100 * share), 100)
        if time.monotonic() - saved > _SAVE_EVERY_S:
            _save_unfinished(out, job.model(so_far))
            saved = time.monotonic()

    result = fit(
        job.network,
        sampler,
        settings,
        positive=data.phases.positive,
        fabric=open_fabric(job.device, settings.precision),
        report=report,
        start=job.state,
        keep=StateSaver(job.resume),
    )
    progress(100, 100)
    return result


def _fit_paper(job: _Job) -> LoopResult:
    settings = job.settings
    crops = draw_crop_set(job.data, (settings.seed, TRAINING_SETS), count=settings.crops, edge=settings.edge)
    progress = job.reporter.progress(f"train {settings.model}", "%")
    result = fit_paper(
        job.network,
        crops,
        settings,
        constants=job.constants,
        device=job.device,
        start=job.state,
        keep=StateSaver(job.resume),
        report=lambda share: progress(min(99, round(100 * share)), 100),
    )
    progress(100, 100)
    return result


_LOOPS: dict[str, Callable[[_Job], LoopResult]] = {"augmented": _fit_augmented, "paper": _fit_paper}


def training_identity(
    data: AnnotatedSlices, settings: TrainSettings, device: str, start: Checkpoint | None
) -> dict[str, Any]:
    """Everything that a training must share with an unfinished one to resume it."""
    pretrained = None if settings.pretrained is None else sha256(Path(settings.pretrained).read_bytes()).hexdigest()
    return {
        **result_identity(settings),
        "device": device,
        "pretrained": pretrained,
        "images and labels": data.sha256(),
        "phases": data.phases.names,
        "voxel size": plain(data.voxel_size),
        "initial weights": None if start is None else start.sha256,
        **computing_versions(),
    }


def _open_resume_file(out: Path, settings: TrainSettings, identity: dict[str, Any]) -> ResumeFile:
    """The checkpoint of the training of `out`; `settings.fresh` discards an earlier one's."""
    path = out.with_name(f"{out.stem}.training")
    if settings.fresh:
        path.unlink(missing_ok=True)
    return open_checkpoint(path, identity, output=out)


def _unfinished_model(out: Path) -> Path:
    return out.with_name(f"{out.stem}.unfinished{out.suffix}")


def _save_model(out: Path, checkpoint: Checkpoint, data: AnnotatedSlices, *, stopped: bool) -> TrainResult:
    """Write the model with its score on the slices it was made from, which is a check, not a test."""
    iou = _training_iou(segmenter_of(checkpoint), data)
    scores = {} if iou is None else {"training_iou": iou}
    card = checkpoint.card.model_copy(update={"scores": {**checkpoint.card.scores, **scores}})
    save_checkpoint(out, card, checkpoint.weights)
    return TrainResult(out, load_checkpoint(out).card, stopped)


def _training_iou(segmenter: Segmenter, data: AnnotatedSlices) -> float | None:
    """IoU of the positive phase over the annotated voxels of at most 16 of the annotated slices."""
    positive, both, either = data.phases.positive, 0, 0
    for item in data.slices[:: -(-len(data.slices) // _SCORED_SLICES)]:
        volume = item.as_volume(data.voxel_size)
        codes = decide(segmenter.fit_to(volume).scores(volume.read(), item.block))[0]
        known = item.codes != NOT_ANNOTATED
        predicted, true = (codes == positive) & known, item.codes == positive
        both, either = both + int(np.sum(predicted & true)), either + int(np.sum(predicted | true))
    return both / either if either else None


def _save_unfinished(out: Path, checkpoint: Checkpoint) -> None:
    note = "unfinished: saved during the training, train on with --from"
    save_checkpoint(_unfinished_model(out), checkpoint.card.model_copy(update={"notes": note}), checkpoint.weights)
