"""The training loop, top to bottom.

crops -> network -> cross-entropy + Dice -> AdamW, learning rate on a cosine over the budget
at the end: BatchNorm's statistics once more, from crops without augmentation
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from math import cos, pi

import torch
from torch import Tensor, nn

from keramos.data import CropSampler
from keramos.train.loss import cross_entropy_dice
from keramos.train.settings import TrainSettings
from keramos.volume import NOT_ANNOTATED

_WARM_UP = 0.02  # share of the training in which the learning rate rises
_CURVE_POINTS = 100
_STATISTICS_BATCHES = 10


@dataclass
class Curve:
    """Loss and IoU of the positive phase on the training crops (augmented), averaged over stretches of steps."""

    rows: list[dict[str, float]] = field(default_factory=list)
    _losses: list[float] = field(default_factory=list)
    _counts: Tensor = field(default_factory=lambda: torch.zeros(2))

    def add(self, loss: float, logits: Tensor, codes: Tensor, positive: int) -> None:
        known = codes != NOT_ANNOTATED
        predicted, true = (logits.argmax(dim=1) == positive) & known, (codes == positive) & known
        self._losses.append(loss)
        self._counts += torch.stack([(predicted & true).sum(), (predicted | true).sum()]).cpu()

    def close_row(self, step: int, seconds: float, learning_rate: float) -> None:
        both, either = self._counts.tolist()
        loss = sum(self._losses) / len(self._losses)
        self.rows.append(
            {
                "step": step,
                "seconds": round(seconds, 2),
                "loss": loss,
                "iou": both / max(either, 1),
                "learning_rate": learning_rate,
            }
        )
        self._losses, self._counts = [], torch.zeros(2)


@dataclass(frozen=True)
class Trained:
    """What the loop has reached; `stopped` says that Ctrl-C ended it."""

    steps: int
    seconds: float
    curve: list[dict[str, float]]
    stopped: bool = False


def fit(
    network: nn.Module,
    sampler: CropSampler,
    settings: TrainSettings,
    *,
    positive: int,
    device: str,
    report: Callable[[float, Trained], None],
) -> Trained:
    """Train `network` in place. `report` gets the share done (0 ... 1) and what there is so far, about 100 times.

    Ctrl-C ends the training as if the budget were spent. The budget holds what `report` takes, too.
    """
    network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    network.train()
    optimiser = torch.optim.AdamW(network.parameters(), settings.rate, weight_decay=settings.weight_decay)
    curve, started, shown, step, stopped = Curve(), time.monotonic(), 0.0, 0, False
    try:
        for grey, codes in sampler.batches():
            share = _share_done(settings, step, time.monotonic() - started)
            if share >= 1:
                break
            rate = settings.rate * _schedule(share)
            target = codes.to(device)
            loss, logits = _step(network, optimiser, grey.to(device), target, rate)
            step += 1
            curve.add(loss, logits, target, positive)
            if share - shown >= 1 / _CURVE_POINTS or step == 1:
                seconds = time.monotonic() - started
                curve.close_row(step, seconds, rate)
                shown = share
                report(share, Trained(step, seconds, curve.rows))
    except KeyboardInterrupt:
        stopped = True
    refresh_statistics(network, sampler.plain_batches(), device)
    return Trained(step, time.monotonic() - started, curve.rows, stopped)


def _share_done(settings: TrainSettings, step: int, seconds: float) -> float:
    return step / settings.steps if settings.steps is not None else seconds / (settings.budget_s or 1)


def _schedule(share: float) -> float:
    """Factor on the learning rate: a short linear rise, then half a cosine down to zero."""
    return min(1.0, (share + 1e-3) / _WARM_UP) * 0.5 * (1 + cos(pi * share))


def _step(
    network: nn.Module, optimiser: torch.optim.Optimizer, grey: Tensor, codes: Tensor, rate: float
) -> tuple[float, Tensor]:
    for group in optimiser.param_groups:
        group["lr"] = rate
    logits = network(grey.contiguous(memory_format=torch.channels_last))
    loss = cross_entropy_dice(logits, codes)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(network.parameters(), 5.0)
    optimiser.step()
    return float(loss.detach()), logits.detach()


@torch.no_grad()
def refresh_statistics(network: nn.Module, batches: Iterator[tuple[Tensor, Tensor]], device: str) -> None:
    """Replace BatchNorm's running statistics, which saw noisier and flatter crops than the images that will come."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain average over the batches
    network.train()
    for grey, _ in islice(batches, _STATISTICS_BATCHES):
        network(grey.to(device))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    network.eval()
