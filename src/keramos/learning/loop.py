"""The training loop on ever new, augmented crops, top to bottom.

crops -> network -> cross-entropy + Dice, and skeleton recall of thin phases -> AdamW or Muon, learning rate on a cosine
over the budget
at the end: BatchNorm's statistics once more, from crops without augmentation
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import cos, pi
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from keramos.core import NOT_ANNOTATED
from keramos.core.errors import PixelError
from keramos.learning import clock
from keramos.learning.crops import Batch, CropSampler
from keramos.learning.loss import cross_entropy_dice
from keramos.learning.optimiser import make_optimiser
from keramos.learning.rounds import Round
from keramos.learning.settings import TrainSettings
from keramos.learning.shared_batch import gather, share_statistics
from keramos.learning.state import State, pack, unpack
from keramos.learning.thin_phases import skeleton_recall
from keramos.networks import channels_last, last

if TYPE_CHECKING:
    from lightning_fabric import Fabric

_WARM_UP = 0.02  # share of the training in which the learning rate rises
_CURVE_POINTS = 100
_STATISTICS_BATCHES = 10


@dataclass
class Curve:
    """Loss and IoU of the positive phase on the training crops (augmented), averaged over stretches of steps.

    Sums stay on the device until a row is closed, so that no step waits for them.
    """

    rows: list[dict[str, float]] = field(default_factory=list)
    _sums: Tensor | None = None
    _steps: int = 0

    def add(self, loss: Tensor, logits: Tensor, codes: Tensor, positive: int) -> None:
        known = codes != NOT_ANNOTATED
        predicted, true = (logits.argmax(dim=1) == positive) & known, (codes == positive) & known
        both, either = (predicted & true).sum(), (predicted | true).sum()
        sums = torch.stack([loss.float(), both.float(), either.float()])
        self._sums = sums if self._sums is None else self._sums + sums
        self._steps += 1

    def close_row(self, step: int, seconds: float, learning_rate: float) -> None:
        if self._sums is None:
            return
        loss, both, either = self._sums.tolist()
        self.rows.append(
            {
                "step": step,
                "seconds": round(seconds, 2),
                "loss": loss / self._steps,
                "iou": both / max(either, 1),
                "learning_rate": learning_rate,
            }
        )
        self._sums, self._steps = None, 0


@dataclass(frozen=True)
class LoopResult:
    """Steps, seconds and curve of a training loop; `stopped` says that Ctrl-C ended it, `rounds` the scores on held-out
    annotation where it went in rounds, the one before the training first."""

    steps: int
    seconds: float
    curve: list[dict[str, float]]
    stopped: bool = False
    rounds: tuple[Round, ...] = ()


@dataclass(frozen=True)
class Stage:
    """A part of a training, between two shares of it, with a rise and a fall of the learning rate of its own.

    Attributes:
        start, end: shares of the whole training.
        rate: factor on the learning rate.
        before: what the stages before have done; None for the first.
        number: from 0.
    """

    start: float = 0.0
    end: float = 1.0
    rate: float = 1.0
    before: LoopResult | None = None
    number: int = 0


_WHOLE = Stage()


def fit(
    network: nn.Module,
    sampler: CropSampler,
    settings: TrainSettings,
    *,
    fabric: Fabric,
    report: Callable[[float, LoopResult], None],
    start: State | None = None,
    keep: Callable[[State], None] = lambda _: None,
    stage: Stage = _WHOLE,
) -> LoopResult:
    """Train `network` in place, for one `stage` or the whole training. `report` gets the share done (0 ... 1) and what
    there is so far, about 100 times; `keep` gets the state then, and `start` is such a state to resume from exactly.

    Ctrl-C ends the training as if the budget were spent. The budget holds what `report` takes, too. Of several
    processes each gets its part of every batch; the first one's clock says what is done, and it alone reports.
    """
    channels_last(network.to(fabric.device)).train()
    optimiser = make_optimiser(network, settings)
    before = stage.before or LoopResult(0, 0.0, [])
    curve, step, spent, stopped = Curve(list(before.curve)), before.steps, before.seconds, False
    if start is not None:
        unpack(start.tensors, network, optimiser)
        sampler.restore(start.facts["sampler"])
        curve, step, spent = Curve(start.facts["curve"]), start.facts["step"], start.facts["seconds"]
    model, stepper = fabric.setup(network, optimiser)
    began, shown = clock.now() - spent, share_done(settings, step, spent)
    batches = sampler.batches(fabric.global_rank, fabric.world_size)
    try:
        for batch in batches:
            share = fabric.broadcast(share_done(settings, step, clock.now() - began))
            if share >= stage.end:
                break
            rate = settings.rate * stage.rate * _schedule((share - stage.start) / (stage.end - stage.start))
            with share_statistics(network):
                loss, logits, codes = _step(fabric, model, stepper, batch.to(fabric.device), sampler.thin, rate)
            step += 1
            if not fabric.is_global_zero:
                continue
            curve.add(loss, logits, codes, sampler.positive)
            if share - shown >= 1 / _CURVE_POINTS or step == before.steps + 1:
                _refuse_diverged(loss, settings, step)
                seconds, shown = clock.now() - began, share
                curve.close_row(step, seconds, rate)
                report(share, LoopResult(step, seconds, curve.rows, rounds=before.rounds))
                facts = {"curve": curve.rows, "step": step, "seconds": seconds, "sampler": sampler.state()}
                facts |= {"stage": stage.number, "rounds": before.rounds, "threads": torch.get_num_threads()}
                keep(State(pack(network, optimiser, {}), facts))
    except KeyboardInterrupt:
        stopped = True
    if not fabric.is_global_zero:
        return LoopResult(step, 0.0, [])
    refresh_statistics(network, sampler.plain_batches(), fabric.device)
    _refuse_diverged(sum(weights.sum() for weights in network.parameters()), settings, step)
    return LoopResult(step, clock.now() - began, curve.rows, stopped, before.rounds)


def share_done(settings: TrainSettings, step: int, seconds: float) -> float:
    """The share of the training that is done, 0 ... 1."""
    return step / settings.steps if settings.steps is not None else seconds / (settings.budget_s or 1)


def _refuse_diverged(number: Any, settings: TrainSettings, step: int) -> None:
    """PixelError where a loss, or a sum of weights, is no number any more: nothing that follows would be one."""
    if not torch.isfinite(torch.as_tensor(number)):
        raise PixelError(
            f"the training of {settings.model} diverged: its weights are no numbers after {step} steps at a learning "
            f"rate of {settings.rate:g}; lower the learning rate"
        )


def _schedule(share: float) -> float:
    """Factor on the learning rate: a short linear rise, then half a cosine down to zero."""
    return min(1.0, (share + 1e-3) / _WARM_UP) * 0.5 * (1 + cos(pi * share))


def _step(
    fabric: Fabric, model: nn.Module, stepper: torch.optim.Optimizer, batch: Batch, thin: Sequence[int], rate: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Loss, logits and codes of the whole batch, of which `batch` is the part of this process."""
    for group in stepper.param_groups:
        group["lr"] = rate
    logits, codes = gather(model(last(batch.grey))), gather(batch.codes)
    loss = cross_entropy_dice(logits, codes)
    if batch.tubes is not None:
        loss = loss + skeleton_recall(logits, gather(batch.tubes), thin)
    stepper.zero_grad(set_to_none=True)
    fabric.backward(loss)
    fabric.clip_gradients(model, stepper, max_norm=5.0)
    stepper.step()
    return loss.detach(), logits.detach(), codes


@torch.no_grad()
def refresh_statistics(network: nn.Module, batches: Iterator[Batch], device: str | torch.device) -> None:
    """Replace BatchNorm's running statistics, which saw noisier and flatter crops than the images that will come."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d | nn.BatchNorm3d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain average over the batches
    network.train()
    for grey, *_ in islice(batches, _STATISTICS_BATCHES):
        network(grey.to(device))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    network.eval()
