"""How long and how a network is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from keramos.errors import SettingsError

Device = Literal["auto", "cpu", "cuda", "mps"]
CROPS_PER_EPOCH = 1000  # as in the paper, whose training set is 1,000 crops


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """Defaults are the prototype's that reached IoU 0.93 on the paper's patches after five minutes on two cores.

    Either `budget_s` (seconds of wall time) or `epochs` (of 1,000 crops) ends the training; with `epochs` the same
    seed gives the same weights on the same machine.
    """

    model: str = "compact"
    budget_s: float | None = 120.0
    epochs: int | None = None
    crop: int = 128
    batch: int = 16
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    seed: int = 0
    device: Device = "auto"

    def __post_init__(self) -> None:
        if (self.budget_s is None) == (self.epochs is None):
            raise SettingsError("expected either a time budget or a number of epochs, found both or none")
        length = self.budget_s if self.epochs is None else self.epochs
        if length is None or not length > 0:
            raise SettingsError(f"expected a positive --budget or --epochs, found {length:g}")
        if self.crop % 8 or self.crop < 32 or self.batch < 2:
            raise SettingsError(
                f"expected a crop of 32 or more, a multiple of 8, and a batch of 2 or more, found {self}"
            )

    @property
    def steps(self) -> int | None:
        """How many steps there will be, where that is known before the training."""
        return None if self.epochs is None else max(1, round(self.epochs * CROPS_PER_EPOCH / self.batch))


def pick_device(wanted: Device) -> str:
    """The torch device to use; `auto` prefers CUDA, then MPS, then the CPU.

    Raises:
        SettingsError: the device asked for is not there.
    """
    import torch

    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        return next(name for name in ("cuda", "mps", "cpu") if there[name])
    if not there.get(wanted, False):
        names = " or ".join(name for name, is_there in there.items() if is_there)
        raise SettingsError(f"expected a device that this machine has ({names}), found '{wanted}'")
    return wanted
