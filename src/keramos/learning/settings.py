"""Settings of a training."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from keramos.core.errors import SettingsError
from keramos.core.options import option
from keramos.learning.augmentation import usual_ranges
from keramos.learning.crop_set import CROPS
from keramos.learning.one_slice_first import name_of_one_slice
from keramos.networks import ARCHITECTURES, TrainingRecipe
from keramos.segmenters import planes_of
from keramos.settings.train import TrainingOptions

CROPS_PER_EPOCH = CROPS  # as in the paper, whose training set is 1,000 crops


@dataclass(frozen=True, kw_only=True)
class TrainSettings(TrainingOptions):
    """Options of a training, with what they mean for the network that is trained.

    Raises:
        SettingsError: crops, batches or a hold-out that the network cannot be trained with.
    """

    model: str = option("compact", help="The network, or the method, by name.")

    def __post_init__(self) -> None:
        super().__post_init__()
        unit = self.recipe.crop_multiple
        if self.edge % unit or self.edge < 32 or self.crops < self.batch_size:
            raise SettingsError(
                f"expected crops of 32 pixels or more, a multiple of {unit}, and at least one batch, found crops of "
                f"{self.edge}, batches of {self.batch_size} and {self.crops} crops"
            )
        if self.devices > 1 and self.follows_paper:
            raise SettingsError(f"expected a compact network for several devices, found {self.model}")
        if self.hold_out and self.follows_paper:
            raise SettingsError(f"expected a compact network for a hold-out, found {self.model}")
        if self.optimiser and self.follows_paper:
            raise SettingsError(f"expected a compact network for an optimiser, found {self.model}")
        if self.layers and self.follows_paper:
            raise SettingsError(f"expected a compact network for images with layers, found {self.model}")
        if self.one_slice_share and name_of_one_slice(self.model) is None:
            raise SettingsError(f"expected a network of several slices to learn from single ones first: {self.model}")

    @property
    def network_settings(self) -> dict[str, Any]:
        """Settings of the network: its size or width, its backbone, and what else was asked for."""
        size = ARCHITECTURES.find(self.model).size(self.size) if self.size is not None else {}
        chosen = {"width": self.width, "backbone": self.backbone, "bias": True if self.pretrained else None}
        return {**self.network, **size, **{name: value for name, value in chosen.items() if value is not None}}

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
        return self.batch or (self.recipe.muon_batch if self.optimiser == "muon" else self.recipe.batch)

    @property
    def rate(self) -> float:
        """The learning rate to begin with."""
        usual = self.recipe.muon_learning_rate if self.optimiser == "muon" else self.recipe.learning_rate
        return self.learning_rate or usual

    @property
    def steps(self) -> int | None:
        """The number of steps, where that is known before the training."""
        return None if self.epochs is None else max(1, round(self.epochs * CROPS_PER_EPOCH / self.batch_size))

    @property
    def recipe(self) -> TrainingRecipe:
        """The recipe of the architecture."""
        return ARCHITECTURES[self.model].recipe if self.model in ARCHITECTURES else TrainingRecipe()

    def to_json(self) -> dict[str, Any]:
        """Everything that affects the result, as JSON values, with the values that defaults stand for."""
        ranges = self.augmentation or usual_ranges(planes_of(self.model))
        resolved = {"crop": self.edge, "batch": self.batch_size, "learning_rate": self.rate, "budget": self.budget_s}
        return {**self.identity(), **resolved, "network": self.network_settings, "augmentation": asdict(ranges)}
