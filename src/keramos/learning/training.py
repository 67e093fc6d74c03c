"""From annotated slices to a model file: train a network, or choose a threshold's parameters.

annotated slices -> normalisation, crops -> fit -> weights + card -> FILE.keramos
now and then FILE.training, from which the same command goes on exactly after a kill; of compact networks every half
minute FILE.unfinished.keramos, too, a model that can be used already
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from keramos.blocks import Checkpoint as ResumeFile
from keramos.blocks import computing_versions, lock_output, open_checkpoint
from keramos.core import NOT_ANNOTATED
from keramos.core.errors import SettingsError
from keramos.core.files import check_writable
from keramos.core.options import plain, result_identity
from keramos.core.progress import Reporter
from keramos.learning.annotated import AnnotatedSlices
from keramos.learning.begin import begun_from
from keramos.learning.checked import checked
from keramos.learning.crop_set import draw_crop_set
from keramos.learning.crops import CropSampler
from keramos.learning.describe import card_of, parameters_of
from keramos.learning.hardware import open_fabric
from keramos.learning.hold_out import split
from keramos.learning.loop import Trained, fit
from keramos.learning.paper import fit_paper
from keramos.learning.pretrained import take_vgg16
from keramos.learning.settings import TrainSettings, pick_device
from keramos.learning.state import State, StateSaver, load_state
from keramos.learning.thresholds import fit_otsu, fit_sauvola
from keramos.networks import (
    NETWORKS,
    Checkpoint,
    ModelCard,
    Normalisation,
    build_network,
    load_checkpoint,
    save_checkpoint,
)
from keramos.segmenters import THRESHOLDS, Otsu, Sauvola, Segmenter, decide, segmenter_of

MODELS = (*NETWORKS, *THRESHOLDS)
TRAINING_SETS, TEST_SETS = 1, 2
"""Second numbers of the seeds of crop sets, so that no training set is a test set."""
_SAVE_EVERY_S = 30.0
_SCORED_SLICES = 16


@dataclass(frozen=True)
class Fitted:
    """The model file and its card; `stopped` says that the training was interrupted and the model saved as it was."""

    path: Path
    card: ModelCard
    stopped: bool = False


def train_model(
    data: AnnotatedSlices,
    settings: TrainSettings,
    out: Path,
    *,
    half_range: float,
    start: Checkpoint | None = None,
    keep_stopped: bool = True,
    reporter: Reporter | None = None,
) -> Fitted:
    """Fit `settings.model` and write it to `out`; a killed training of a network is resumed.

    `half_range` (grey levels) is Sauvola's r, and half of what the paper's networks divide grey values by. `start`
    gives the weights to go on from. Ctrl-C ends a network's training early and saves what it has; without
    `keep_stopped` it is a KeyboardInterrupt, and only the state to go on from is kept.

    Raises:
        SettingsError: no such model, a device that is not there, or a `start` of another architecture or phases.
        VoxelSizeError: a `start` that was made for another voxel size.
        ResumeError: an unfinished training of `out` with other data, settings or weights.
        StorageError: `out` cannot be written (said before the training), or another training is writing to it.
    """
    reporter = reporter or Reporter()
    if settings.model not in MODELS:
        raise SettingsError(f"expected a model named {', '.join(MODELS)}, found '{settings.model}'")
    if settings.model in THRESHOLDS and start is not None:
        raise SettingsError(f"expected --from only with a network, found it with {settings.model}; leave it out")
    with lock_output(out):
        if settings.model in THRESHOLDS:
            return _fit_threshold(data, settings, out, half_range, reporter)
        return _train_network(data, settings, out, half_range, start, keep_stopped, reporter)


def _fit_threshold(
    data: AnnotatedSlices, settings: TrainSettings, out: Path, half_range: float, reporter: Reporter
) -> Fitted:
    began = time.monotonic()
    chosen: Otsu | Sauvola
    if settings.model == "otsu":
        chosen = fit_otsu(data)
    else:
        chosen = fit_sauvola(data, half_range, progress=reporter.progress("choose Sauvola's parameters", "trial"))
    trained = Trained(0, time.monotonic() - began, [])
    card = card_of(data, settings, trained, "cpu", architecture_settings=parameters_of(chosen), normalisation=None)
    return _save_model(out, Checkpoint(card, {}, ""), data, stopped=False)


@dataclass(frozen=True, eq=False)
class _Job:
    """The training of a network: `data` is what it learns from, `constants` shift and scale its grey values, `resume`
    is where its state is saved, and `state` the one that an unfinished training left."""

    network: nn.Module
    data: AnnotatedSlices
    settings: TrainSettings
    out: Path
    constants: tuple[float, float]
    device: str
    resume: ResumeFile
    state: State | None
    reporter: Reporter

    def model(self, trained: Trained) -> Checkpoint:
        """The model as it is, with its card."""
        mean, std = self.constants
        architecture = dict(self.network.settings)  # type: ignore[arg-type]
        scope: Literal["stack", "fixed"] = "stack" if self.settings.adapts else "fixed"
        card = card_of(
            self.data,
            self.settings,
            trained,
            self.device,
            architecture_settings=architecture,
            normalisation=Normalisation(mean=mean, std=std, scope=scope),
        )
        return Checkpoint(card, _weights(self.network), "")


def _train_network(
    data: AnnotatedSlices,
    settings: TrainSettings,
    out: Path,
    half_range: float,
    start: Checkpoint | None,
    keep_stopped: bool,
    reporter: Reporter,
) -> Fitted:
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
    job = _Job(network, learned, settings, out, constants, device, resume, state, reporter)
    trained = _fit_paper(job) if settings.follows_paper else _fit_compact(job)
    if trained.stopped and not keep_stopped:
        raise KeyboardInterrupt
    model = job.model(trained) if parts is None else checked(job.model(trained), parts.held_out)
    fitted = _save_model(out, model, learned, stopped=trained.stopped)
    _unfinished_model(out).unlink(missing_ok=True)
    resume.delete()
    return fitted


def _build_network(data: AnnotatedSlices, settings: TrainSettings, start: Checkpoint | None) -> nn.Module:
    """The network to train: with fresh weights, or those of `start`."""
    if start is not None:
        return begun_from(start, settings.model, data.phases, data.voxel_size)
    network = build_network(settings.model, {"classes": len(data.phases), **settings.network})
    if settings.pretrained is not None:
        take_vgg16(network, Path(settings.pretrained))
    return network


def _fit_compact(job: _Job) -> Trained:
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
    _save_unfinished(out, job.model(Trained(0, 0.0, [])))

    def report(share: float, so_far: Trained) -> None:
        nonlocal saved
        progress(round(100 * share), 100)
        if time.monotonic() - saved > _SAVE_EVERY_S:
            _save_unfinished(out, job.model(so_far))
            saved = time.monotonic()

    trained = fit(
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
    return trained


def _fit_paper(job: _Job) -> Trained:
    settings = job.settings
    crops = draw_crop_set(job.data, (settings.seed, TRAINING_SETS), count=settings.crops, edge=settings.edge)
    progress = job.reporter.progress(f"train {settings.model}", "%")
    trained = fit_paper(
        job.network,
        crops,
        settings,
        constants=job.constants,
        positive=job.data.phases.positive,
        device=job.device,
        start=job.state,
        keep=StateSaver(job.resume),
        report=lambda share: progress(min(99, round(100 * share)), 100),
    )
    progress(100, 100)
    return trained


def training_identity(
    data: AnnotatedSlices, settings: TrainSettings, device: str, start: Checkpoint | None
) -> dict[str, Any]:
    """Everything that a training must share with an unfinished one to go on with it."""
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


def _save_model(out: Path, checkpoint: Checkpoint, data: AnnotatedSlices, *, stopped: bool) -> Fitted:
    """Write the model with its score on the slices it was made from, which is a check, not a test."""
    iou = _training_iou(segmenter_of(checkpoint), data)
    scores = {} if iou is None else {"training_iou": iou}
    card = checkpoint.card.model_copy(update={"scores": {**checkpoint.card.scores, **scores}})
    save_checkpoint(out, card, checkpoint.weights)
    return Fitted(out, load_checkpoint(out).card, stopped)


def _training_iou(segmenter: Segmenter, data: AnnotatedSlices) -> float | None:
    """IoU of the positive phase over the annotated voxels of at most 16 of the annotated slices."""
    positive, both, either = data.phases.positive, 0, 0
    for item in data.slices[:: -(-len(data.slices) // _SCORED_SLICES)]:
        volume = item.as_volume(data.voxel_size)
        ready = segmenter.fit_to(volume, lambda *_: None)
        codes = decide(ready.scores(volume.read(), item.block))[0]
        known = item.codes != NOT_ANNOTATED
        found, true = (codes == positive) & known, item.codes == positive
        both, either = both + int(np.sum(found & true)), either + int(np.sum(found | true))
    return both / either if either else None


def _weights(network: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}


def _save_unfinished(out: Path, checkpoint: Checkpoint) -> None:
    note = "unfinished: saved during the training, go on with --from"
    save_checkpoint(_unfinished_model(out), checkpoint.card.model_copy(update={"notes": note}), checkpoint.weights)
