"""The paper's training (Hirabayashi et al. 2024): Adam on BCE-Dice over a fixed set of crops, the best loss kept.

crop set, in a new order each epoch -> network -> BCE-Dice -> Adam, learning rate of Eq. (1)
after each epoch: a row of the curve; the weights if the loss is the lowest so far; the state, to resume from
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from keramos.core import NOT_ANNOTATED
from keramos.learning import clock
from keramos.learning.crop_set import CropSet
from keramos.learning.loop import LoopResult
from keramos.learning.loss import bce_dice
from keramos.learning.settings import TrainSettings
from keramos.learning.state import State, pack, unpack

GAMMA, STEP_EPOCHS, EPOCHS = 0.5, 20, 120
_KERAS_ADAM_EPSILON = 1e-7
_ROWS_OF_A_BUDGET = 40
_SUMS = ("loss", "cross_entropy", "dice_loss")


@dataclass
class _Row:
    """Sums over the steps since the last row: losses, and voxels of the positive phase."""

    steps: int = 0
    losses: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_SUMS, 0.0))
    both: int = 0
    predicted: int = 0
    true: int = 0

    def add(self, losses: tuple[float, float, float], logits: Tensor, codes: Tensor, positive: int) -> None:
        self.steps += 1
        for name, loss in zip(_SUMS, losses, strict=True):
            self.losses[name] += loss
        known = codes != NOT_ANNOTATED
        predicted, true = (logits.argmax(dim=1) == positive) & known, (codes == positive) & known
        self.both += int((predicted & true).sum())
        self.predicted += int(predicted.sum())
        self.true += int(true.sum())

    def close(self, epoch: float, step: int, seconds: float, rate: float) -> dict[str, float]:
        either = self.predicted + self.true - self.both
        return {
            "epoch": epoch,
            "step": step,
            "seconds": round(seconds, 2),
            **{name: total / self.steps for name, total in self.losses.items()},
            "precision": self.both / max(self.predicted, 1),
            "recall": self.both / max(self.true, 1),
            "iou": self.both / max(either, 1),
            "learning_rate": rate,
        }


def fit_paper(
    network: nn.Module,
    crops: CropSet,
    settings: TrainSettings,
    *,
    constants: tuple[float, float],
    device: str,
    start: State | None,
    keep: Callable[[State], None],
    report: Callable[[float], None],
) -> LoopResult:
    """Train `network` in place and leave it with the weights of the lowest loss.

    `constants` are the mean and deviation that grey values are normalised by. `start` is the state to resume from;
    `keep` gets one after each row of the curve. With a time budget the learning rate falls over the budget as it would
    over 120 epochs. Ctrl-C ends the training as if its time were up.
    """
    network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.Adam(network.parameters(), settings.rate, eps=_KERAS_ADAM_EPSILON)
    best, curve, step, spent = dict(network.state_dict()), [], 0, 0.0
    positive = crops.data.phases.positive
    if start is not None:
        best = unpack(start.tensors, network, optimiser)
        curve, step, spent = start.facts["curve"], start.facts["step"], start.facts["seconds"]
    batches, began, row, stopped = len(crops) // settings.batch_size, clock.now() - spent, _Row(), False
    network.train()
    try:
        while (share := _share(settings, step, batches, clock.now() - began)) < 1:
            rate = _learning_rate(settings, step, batches, share)
            grey, codes = _batch(crops, settings, step, batches, constants)
            target = codes.to(device)
            losses, logits = _step(network, optimiser, grey.to(device), target, rate, positive, settings, step)
            row.add(losses, logits, target, positive)
            step += 1
            report(share)
            if _row_ends(settings, step, batches, len(curve), clock.now() - began):
                curve.append(row.close(step / batches, step, clock.now() - began, rate))
                if curve[-1]["loss"] <= min(r["loss"] for r in curve):
                    best = {name: tensor.detach().cpu().clone() for name, tensor in network.state_dict().items()}
                row = _Row()
                facts = {"curve": curve, "step": step, "seconds": clock.now() - began}
                keep(State(pack(network, optimiser, best), {**facts, "threads": torch.get_num_threads()}))
    except KeyboardInterrupt:
        stopped = True
    network.load_state_dict(best)
    network.eval()
    return LoopResult(step, clock.now() - began, curve, stopped)


def _share(settings: TrainSettings, step: int, batches: int, seconds: float) -> float:
    """The share of the training that is done, 0 ... 1."""
    if settings.epochs is not None:
        return step / (settings.epochs * batches)
    return seconds / (settings.budget_s or 1)


def _learning_rate(settings: TrainSettings, step: int, batches: int, share: float) -> float:
    """Eq. (1): initial x gamma^(epoch / step size), constant over an epoch, its exponent not rounded."""
    epoch = step // batches if settings.epochs is not None else share * EPOCHS
    return float(settings.rate * GAMMA ** (epoch / STEP_EPOCHS))


def _row_ends(settings: TrainSettings, step: int, batches: int, rows: int, seconds: float) -> bool:
    if settings.epochs is not None:
        return step % batches == 0
    return seconds >= (rows + 1) / _ROWS_OF_A_BUDGET * (settings.budget_s or 1)


def _batch(
    crops: CropSet, settings: TrainSettings, step: int, batches: int, constants: tuple[float, float]
) -> tuple[Tensor, Tensor]:
    """The batch of a step; the order of an epoch depends on the seed and the epoch alone."""
    epoch, number = divmod(step, batches)
    order = np.random.default_rng(np.random.SeedSequence([settings.seed, 2, epoch])).permutation(len(crops))
    grey, codes = crops.crops(order[number * settings.batch_size : (number + 1) * settings.batch_size])
    mean, std = constants
    normalised = (grey.astype(np.float32) - np.float32(mean)) / np.float32(std)
    return torch.from_numpy(normalised)[:, None], torch.from_numpy(codes.astype(np.int64))


def _step(
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    grey: Tensor,
    codes: Tensor,
    rate: float,
    positive: int,
    settings: TrainSettings,
    number: int,
) -> tuple[tuple[float, float, float], Tensor]:
    for group in optimiser.param_groups:
        group["lr"] = rate
    torch.manual_seed(1_000_003 * settings.seed + number)  # dropout's: a resumed training draws the same
    logits = network(grey.contiguous(memory_format=torch.channels_last))
    loss = bce_dice(logits, codes, positive, settings.dice)
    optimiser.zero_grad(set_to_none=True)
    loss.total.backward()  # type: ignore[no-untyped-call]
    optimiser.step()
    parts = (float(part.detach()) for part in (loss.total, loss.cross_entropy, loss.dice))
    total, entropy, dice = parts
    return (total, entropy, dice), logits.detach()
