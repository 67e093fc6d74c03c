"""From annotated slices to a model file: train a network, or choose a threshold's parameters.

annotated slices -> normalisation, crops -> fit -> weights + card -> FILE.keramos
now and then FILE.training, from which the same command goes on exactly after a kill; of compact networks every half
minute FILE.unfinished.keramos, too, a model that can be used already
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from keramos.core import NOT_ANNOTATED
from keramos.core.errors import SettingsError
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
from keramos.learning.state import State, StateKeeper, load_state, refuse_unwritable
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
    """Fit `settings.model` and write it to `out`.

    `half_range` (grey levels) is Sauvola's r, and half of what the paper's networks divide grey values by. `start`
    gives the weights to go on from. Ctrl-C ends a network's training early and saves what it has; without
    `keep_stopped` it is a KeyboardInterrupt, and only the state to go on from is kept.

    Raises:
        SettingsError: no such model, a device that is not there, or a `start` of another architecture or phases.
        VoxelSizeError: a `start` that was made for another voxel size.
        StorageError: `out` cannot be written (found before the training).
    """
    reporter = reporter or Reporter()
    began = time.monotonic()
    if settings.model in NETWORKS:
        return _train_network(data, settings, out, half_range, start, keep_stopped, reporter)
    if settings.model not in THRESHOLDS:
        raise SettingsError(f"expected a model named {', '.join(MODELS)}, found '{settings.model}'")
    if start is not None:
        raise SettingsError(f"expected --from only with a network, found it with {settings.model}; leave it out")
    chosen: Otsu | Sauvola
    if settings.model == "otsu":
        chosen = fit_otsu(data)
    else:
        chosen = fit_sauvola(data, half_range, progress=reporter.progress("choose Sauvola's parameters", "trial"))
    trained = Trained(0, time.monotonic() - began, [])
    card = card_of(data, settings, trained, "cpu", architecture_settings=parameters_of(chosen), normalisation=None)
    return _finished(out, Checkpoint(card, {}, ""), data, stopped=False)


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
    refuse_unwritable(out)
    torch.manual_seed(settings.seed)
    network = _begun(data, settings, start)
    parts = split(data, settings.hold_out, settings.seed) if settings.hold_out else None
    learned = data if parts is None else parts.learned
    # The paper maps 8-bit images to 0 ... 1.
    constants = (0.0, 2 * half_range) if settings.follows_paper else data.mean_and_std()

    def checkpoint(trained: Trained) -> Checkpoint:
        mean, std = constants
        architecture = dict(network.settings)  # type: ignore[arg-type]
        normalisation = Normalisation(mean=mean, std=std, scope="stack" if settings.adapts else "fixed")
        card = card_of(
            learned, settings, trained, device, architecture_settings=architecture, normalisation=normalisation
        )
        return Checkpoint(card, _weights(network), "")

    fit_it = _fit_paper if settings.follows_paper else _fit_compact
    identity = _identity(data, settings, device, start)
    trained = fit_it(network, learned, settings, out, constants, device, identity, checkpoint, reporter)
    if trained.stopped and not keep_stopped:
        raise KeyboardInterrupt
    made = checkpoint(trained) if parts is None else checked(checkpoint(trained), parts.held_out)
    fitted = _finished(out, made, learned, stopped=trained.stopped)
    for leftover in (_unfinished(out), _state(out)):
        leftover.unlink(missing_ok=True)
    return fitted


def _begun(data: AnnotatedSlices, settings: TrainSettings, start: Checkpoint | None) -> nn.Module:
    """The network to train: with fresh weights, or those of `start`."""
    if start is not None:
        return begun_from(start, settings.model, data.phases, data.voxel_size)
    network = build_network(settings.model, {"classes": len(data.phases), **settings.network})
    if settings.pretrained is not None:
        take_vgg16(network, Path(settings.pretrained))
    return network


def _fit_compact(
    network: nn.Module,
    data: AnnotatedSlices,
    settings: TrainSettings,
    out: Path,
    constants: tuple[float, float],
    device: str,
    identity: str,
    checkpoint: Callable[[Trained], Checkpoint],
    reporter: Reporter,
) -> Trained:
    fabric = open_fabric(device, settings.precision)
    each = data.constants_of_stacks() if settings.adapts else [constants] * len(data.slices)
    sampler = CropSampler(
        data,
        each,
        size=settings.edge,
        batch=settings.batch_size,
        seed=settings.seed,
        ranges=settings.augmentation,
        device=device,
    )
    progress, saved = reporter.progress(f"train {settings.model}", "%"), time.monotonic()
    # An output that cannot be written shows now, not at the end.
    _save(_unfinished(out), checkpoint(Trained(0, 0.0, [])))
    start = _unfinished_state(settings, out, identity, reporter)

    def report(share: float, so_far: Trained) -> None:
        nonlocal saved
        progress(round(100 * share), 100)
        if time.monotonic() - saved > _SAVE_EVERY_S:
            _save(_unfinished(out), checkpoint(so_far))
            saved = time.monotonic()

    trained = fit(
        network,
        sampler,
        settings,
        positive=data.phases.positive,
        fabric=fabric,
        report=report,
        start=start,
        keep=StateKeeper(_state(out), identity),
    )
    progress(100, 100)
    return trained


def _fit_paper(
    network: nn.Module,
    data: AnnotatedSlices,
    settings: TrainSettings,
    out: Path,
    constants: tuple[float, float],
    device: str,
    identity: str,
    checkpoint: Callable[[Trained], Checkpoint],  # noqa: ARG001 (the state holds all that is needed to go on)
    reporter: Reporter,
) -> Trained:
    crops = draw_crop_set(data, (settings.seed, TRAINING_SETS), count=settings.crops, edge=settings.edge)
    start = _unfinished_state(settings, out, identity, reporter)
    progress = reporter.progress(f"train {settings.model}", "%")
    trained = fit_paper(
        network,
        crops,
        settings,
        constants=constants,
        positive=data.phases.positive,
        device=device,
        start=start,
        keep=StateKeeper(_state(out), identity),
        report=lambda share: progress(min(99, round(100 * share)), 100),
    )
    progress(100, 100)
    return trained


def _identity(data: AnnotatedSlices, settings: TrainSettings, device: str, start: Checkpoint | None) -> str:
    """What must be the same for a killed training to go on: data, settings, device, and the weights it began with."""
    begun = None if start is None else start.sha256
    return sha256(json.dumps([settings.to_json(), data.sha256(), device, begun]).encode()).hexdigest()


def _unfinished_state(settings: TrainSettings, out: Path, identity: str, reporter: Reporter) -> State | None:
    """The state in which an earlier run left this training."""
    if settings.fresh:
        _state(out).unlink(missing_ok=True)
    start = load_state(_state(out), identity)
    if start is not None:
        reporter.note(f"going on with the training of {out} after {start.facts['step']} steps")
    return start


def _unfinished(out: Path) -> Path:
    return out.with_name(f"{out.stem}.unfinished{out.suffix}")


def _state(out: Path) -> Path:
    return out.with_name(f"{out.stem}.training")


def _finished(out: Path, checkpoint: Checkpoint, data: AnnotatedSlices, *, stopped: bool) -> Fitted:
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


def _save(path: Path, checkpoint: Checkpoint) -> None:
    note = "unfinished: saved during the training, go on with --from"
    save_checkpoint(path, checkpoint.card.model_copy(update={"notes": note}), checkpoint.weights)
