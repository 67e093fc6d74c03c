"""Methods and protocols of a comparison: the paper's own, or one for a laptop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from keramos.core.errors import OptionError, SettingsError
from keramos.learning import CROPS, TrainSettings
from keramos.networks import ARCHITECTURES, Architecture
from keramos.networks.backbones import BACKBONES
from keramos.segmenters import SEGMENTERS, Segmenter, planes_of
from keramos.settings.compare import ComparisonOptions, OtsuScope

Member = Segmenter | Architecture
_MEMBERS: tuple[Member, ...] = (*SEGMENTERS.values(), *ARCHITECTURES.values())
METHODS = tuple(member.name for member in _MEMBERS if member.paper)
"""The methods of the paper, in the order of its tables."""


def list_methods() -> dict[str, Member]:
    """Every method, and every network that reads single slices, the paper's first."""
    members: dict[str, Member] = {}
    members.update(SEGMENTERS)
    members.update(ARCHITECTURES)
    return {name: members[name] for name in (*METHODS, *members) if name in SEGMENTERS or planes_of(name) == 1}


def title_of(method: str) -> str:
    """The name of a method in tables."""
    return list_methods()[method].title or method


OTSU_SCOPES: tuple[OtsuScope, ...] = ("crop", "slice", "stack")


@dataclass(frozen=True, slots=True)
class Preset:
    """A protocol: how networks are trained, how large crops are (pixels), and how many are tested.

    `networks` are the settings of those that are narrower than the paper's. Either `budget_s` or `epochs` holds.
    """

    name: str
    budget_s: float | None
    epochs: int | None
    crop: int
    test_crop: int
    sets: int
    crops_per_set: int
    networks: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))
    train_crops: int = CROPS


_NARROW_FCN = {"width": 8, "head": 128}
PRESETS = {
    "paper": Preset("paper", None, 120, 256, 256, 10, 1000),
    "laptop": Preset(
        "laptop",
        240.0,
        None,
        128,
        256,
        10,
        100,
        {"unet": {"width": 8}, "fcn32s": _NARROW_FCN, "fcn16s": _NARROW_FCN, "fcn8s": _NARROW_FCN},
    ),
}
"""Widths of the laptop's were measured: within four minutes on two cores, wider networks learn less."""


@dataclass(frozen=True, kw_only=True)
class Protocol(ComparisonOptions):
    """Options of a comparison, with what they mean for each method; the preset says what is None.

    Raises:
        SettingsError: an unknown method, a method named twice, numbers that make no sense.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.methods:
            object.__setattr__(self, "methods", METHODS)
        unknown = [name for name in self.methods if name not in list_methods()]
        if unknown or len(set(self.methods)) != len(self.methods):
            raise SettingsError(
                f"expected methods among {','.join(list_methods())}, each once, found {','.join(self.methods)}"
            )
        for option in ("backbone", "pretrained"):
            if getattr(self, option) is not None and not self.fcns:
                found = ", ".join(self.methods)
                raise OptionError(option, f"expected an FCN among the methods, found {found}; add one, or leave it out")
        if self.backbone is not None and self.backbone not in BACKBONES:
            raise OptionError("backbone", f"expected {', '.join(BACKBONES)}, found '{self.backbone[:80]}'")
        if self.pretrained is not None and self.backbone not in (None, "vgg16"):
            raise OptionError(
                "pretrained", f"expected the backbone vgg16 for weights of VGG-16, found {self.backbone}; leave one out"
            )
        for network in self.networks:
            self.training(network)

    @property
    def protocol(self) -> Preset:
        """The preset, with what was asked for instead."""
        preset = PRESETS[self.preset]
        if self.budget is not None or self.epochs is not None:
            preset = replace(preset, budget_s=self.budget, epochs=self.epochs)
        return preset if self.crop is None else replace(preset, crop=self.crop, test_crop=self.crop)

    @property
    def networks(self) -> tuple[str, ...]:
        return tuple(name for name in self.methods if name in ARCHITECTURES)

    @property
    def fcns(self) -> tuple[str, ...]:
        """The networks with a backbone to choose."""
        return tuple(name for name in self.networks if "backbone" in ARCHITECTURES[name].options)

    @property
    def planes(self) -> int:
        """The most slices that any of the methods reads."""
        return max(planes_of(name) for name in self.methods)

    def training(self, network: str, number: int = 0) -> TrainSettings:
        """Settings of the `number`-th training of a network. Pretrained weights say how wide it is, not the preset."""
        preset = self.protocol
        is_fcn, narrowed = network in self.fcns, dict(preset.networks.get(network, {}))
        if is_fcn and self.pretrained is not None:
            narrowed.pop("width", None)
        return TrainSettings(
            model=network,
            budget=preset.budget_s,
            epochs=preset.epochs,
            crop=preset.crop,
            seed=self.seed + number,
            crops=preset.train_crops,
            device=self.device,
            network=narrowed,
            backbone=self.backbone if is_fcn else None,
            pretrained=self.pretrained if is_fcn else None,
            dice=self.dice,
        )

    def trainings_of(self, method: str) -> int:
        """Thresholds have no seed: they are fitted once."""
        return 1 if method in SEGMENTERS else self.trainings

    @property
    def changed(self) -> bool:
        """Whether something of the preset was asked for otherwise."""
        return self.protocol != PRESETS[self.preset]

    def describe_training(self) -> str:
        """A part of a sentence on how networks are trained: `240 s each, narrower than the paper's`."""
        preset = self.protocol
        length = f"{preset.epochs} epochs each" if preset.budget_s is None else f"{preset.budget_s:g} s each"
        width = "narrower than the paper's" if preset.networks else "as wide as the paper's"
        return f"{length} on crops of {preset.crop} pixels, {width}" + (", changed by the user" if self.changed else "")

    def summarise(self) -> str:
        """One sentence: how many trainings there are, and about how long they take."""
        preset, count = self.protocol, self.trainings * len(self.networks)
        epochs = f"{preset.epochs} epochs of {preset.train_crops:,} crops"
        length = epochs if preset.budget_s is None else f"{preset.budget_s:g} s"
        minutes = "" if preset.budget_s is None else f", about {max(1, round(count * preset.budget_s / 60))} min in all"
        return (
            f"preset {preset.name}: {count} training(s) of {length}{minutes}; then {preset.sets} sets of "
            f"{preset.crops_per_set} test crops of {preset.test_crop} pixels, test slices and stack for each method"
        )
