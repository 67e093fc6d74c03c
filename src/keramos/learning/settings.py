"""Settings of a training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from keramos.core.errors import SettingsError
from keramos.core.options import option
from keramos.learning.augmentation import Ranges, usual_ranges
from keramos.learning.crop_set import CROPS
from keramos.learning.loss import Dice
from keramos.networks import ARCHITECTURES, TrainingRecipe
from keramos.segmenters import planes_of

Device = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["auto", "fp32", "bf16", "fp16"]
CROPS_PER_EPOCH = CROPS  # as in the paper, whose training set is 1,000 crops


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """Either `budget_s` (seconds of wall time) or `epochs` (of 1,000 crops) ends the training; with `epochs` the same
    seed gives the same weights on the same machine.

    Attributes:
        crop: edge of the crops in pixels; the recipe's if None, as are `batch` (crops) and `learning_rate`.
        weight_decay: of AdamW, for compact networks; the paper has none.
        crops: how many crops the paper's training set has.
        dice: the paper's Dice loss, of the whole batch (as its code) or of each pixel (as its Eq. 2).
        network: settings of the network, such as its width.
        pretrained: a file of VGG-16 weights for an FCN to start from.
        fresh: whether an unfinished training of the same output is discarded.
        precision: of the convolutions of compact networks; bfloat16 where the machine multiplies it natively if "auto".
        adapts: whether grey values are normalised by each stack's own mean and deviation, for a model that is to serve
            stacks of any brightness; else by those of the training images.
        augmentation: how much crops of compact networks are changed; the usual if None.
        hold_out: share of the annotated voxels that is kept apart, to score the network and calibrate its scores on.

    Raises:
        SettingsError: neither or both of budget and epochs, or a number that makes no sense.
    """

    model: str = "compact"
    budget_s: float | None = 120.0
    epochs: int | None = None
    crop: int | None = None
    batch: int | None = None
    learning_rate: float | None = None
    weight_decay: float = 1e-2
    seed: int = 0
    device: Device = "auto"
    crops: int = CROPS
    dice: Dice = "batch"
    network: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    pretrained: str | None = None
    fresh: bool = option(False, help="Discard an unfinished training.", affects_result=False)
    precision: Precision = "auto"
    augmentation: Ranges | None = None
    hold_out: float = 0.0
    adapts: bool = False

    def __post_init__(self) -> None:
        if (self.budget_s is None) == (self.epochs is None):
            raise SettingsError("expected either a time budget or a number of epochs, found both or none")
        length = self.budget_s if self.epochs is None else self.epochs
        if length is None or not length > 0:
            raise SettingsError(f"expected a positive --budget or --epochs, found {length:g}")
        unit = self.recipe.crop_multiple
        if self.edge % unit or self.edge < 32 or self.batch_size < 2 or self.crops < self.batch_size:
            raise SettingsError(
                f"expected crops of 32 pixels or more, a multiple of {unit}, batches of 2 or more and at least one "
                f"batch, found crops of {self.edge}, batches of {self.batch_size} and {self.crops} crops"
            )
        if not 0 <= self.hold_out <= 0.5 or (self.hold_out and self.follows_paper):
            raise SettingsError(
                f"expected a compact network and a --hold-out from 0 to 0.5, found {self.model} and {self.hold_out:g}"
            )
        if self.seed < 0:
            raise SettingsError(f"expected a seed of 0 or more, found {self.seed}")
        if self.precision not in ("auto", "fp32", "bf16", "fp16"):
            raise SettingsError(f"expected a precision auto, fp32, bf16 or fp16, found '{self.precision}'")
        if self.dice not in ("batch", "pixel"):
            raise SettingsError(f"expected the Dice loss of the batch or of each pixel, found '{self.dice}'")

    @property
    def follows_paper(self) -> bool:
        """Whether the network is trained as the paper's were."""
        return self.recipe.loop == "paper"

    @property
    def edge(self) -> int:
        """Edge of a crop, in pixels."""
        return self.crop or self.recipe.crop

    @property
    def batch_size(self) -> int:
        return self.batch or self.recipe.batch

    @property
    def rate(self) -> float:
        """The learning rate to begin with."""
        return self.learning_rate or self.recipe.learning_rate

    @property
    def steps(self) -> int | None:
        """The number of steps, where that is known before the training."""
        return None if self.epochs is None else max(1, round(self.epochs * CROPS_PER_EPOCH / self.batch_size))

    @property
    def recipe(self) -> TrainingRecipe:
        """The recipe of the architecture."""
        return ARCHITECTURES[self.model].recipe if self.model in ARCHITECTURES else TrainingRecipe()

    def to_json(self) -> dict[str, Any]:
        """Everything that decides the result, as JSON values."""
        return {
            "model": self.model,
            "budget_s": self.budget_s,
            "epochs": self.epochs,
            "crop": self.edge,
            "batch": self.batch_size,
            "learning_rate": self.rate,
            "seed": self.seed,
            "network": dict(self.network),
            "pretrained": self.pretrained,
            "precision": self.precision,
            **({"crops": self.crops, "dice": self.dice} if self.follows_paper else self._augmented_to_json()),
        }

    def _augmented_to_json(self) -> dict[str, Any]:
        ranges = self.augmentation or usual_ranges(planes_of(self.model))
        return {
            "weight_decay": self.weight_decay,
            "augmentation": asdict(ranges),
            "adapts": self.adapts,
            **({"hold_out": self.hold_out} if self.hold_out else {}),
        }


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
