"""Options of `keramos train`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from keramos.core import LabelVolume, Volume
from keramos.core.errors import OptionError, SettingsError
from keramos.core.options import Settings, option
from keramos.settings.kinds import input_path, input_paths, output_path, slice_numbers
from keramos.settings.reading import ReadOptions
from keramos.settings.resources import DeviceOptions

Dice = Literal["batch", "pixel"]
Precision = Literal["auto", "fp32", "bf16", "fp16"]
Size = Literal["S", "M", "L"]
Optimiser = Literal["adamw", "muon"]
Layers = Literal["none", "horizontal", "vertical"]
OutlinePlace = Literal["image", "drawn"]
DEFAULT_BUDGET_S = 120.0
A_YEAR_S = 366 * 86_400
MOST_EPOCHS = 1_000_000
AUTO, FRESH = "auto", "none"
"""What `--from` takes beside a model: the bundled weights where they fit, and fresh weights."""


@dataclass(frozen=True, kw_only=True)
class TrainingOptions(DeviceOptions, Settings):
    """Options of training a network, or of choosing the parameters of a threshold.

    Either `budget` (seconds of wall time, fewer where the training stops early) or `epochs` (of 1,000 crops) ends the
    training; with `epochs` the same seed gives the same weights on the same machine with the same number of threads.
    The architecture's own recipe says what is None.
    """

    model: str | None = option(
        None, help="A network or method of `keramos models`; default: compact, or that of --from.", metavar="NAME"
    )
    size: Size | None = option(
        None,
        help="Size of a compact network; default: S; without --model what suits device and budget.",
    )
    width: int | None = option(None, help="Channels of the network's first level.", low=1, high=8192, metavar="N")
    backbone: str | None = option(None, help="Backbone of an FCN.", metavar="vgg16|alexnet|resnet50")
    pretrained: str | None = option(None, help="VGG-16 weights for an FCN to start from.", metavar="FILE", reads=True)
    budget: float | None = option(
        None,
        help="Training time in seconds; default: 120, unless --epochs is given.",
        unit="s",
        high=A_YEAR_S,
        metavar="SECONDS",
    )
    full_budget: bool = option(
        False,
        help="Use the whole budget; otherwise a training of 450 s or more on one device that begins with weights that "
        "know the material stops early when a round mends less than 2 % of what is wrong on held-out annotation.",
    )
    epochs: int | None = option(
        None, help="Train N times 1,000 crops, instead of --budget.", high=MOST_EPOCHS, metavar="N"
    )
    crop: int | None = option(
        None, help="Edge of training crops; default: the network's own.", unit="px", low=1, high=8192, metavar="N"
    )
    batch: int | None = option(
        None, help="Crops in a batch; default: the network's own.", low=2, high=4096, metavar="N"
    )
    learning_rate: float | None = option(
        None, help="Initial learning rate; default: the network's own.", low=1e-12, high=100, metavar="RATE"
    )
    optimiser: Optimiser | None = option(
        None, help="Optimiser of a compact network; default: muon for fresh weights on a processor, otherwise adamw."
    )
    one_slice_share: float = option(
        0.0,
        help="Share of the training in which a fresh network of several slices learns from single ones first.",
        low=0,
        high=0.95,
        metavar="FRACTION",
    )
    layers: Layers | None = option(
        None,
        help="How layers lie in the images, if there are any: crops are large and stay upright, and a fresh compact "
        "network sees farther; default: as fully annotated slices show, for fresh weights, otherwise none.",
    )
    weight_decay: float = option(1e-2, help="Weight decay, for compact networks.", low=0, high=100)
    dice: Dice = option("batch", help="Dice loss over the batch (the paper's code) or per pixel (its Eq. 2).")
    hold_out: float = option(
        0.0,
        help="Fraction of annotated voxels held out for validation, and for calibration unless the training begins "
        "with weights that know the material; 0: 0.15 where it begins with bundled weights, to choose between them and "
        "what was learnt, otherwise none.",
        low=0,
        high=0.5,
        metavar="FRACTION",
    )
    precision: Precision = option("auto", help="Numerical precision of training a compact network.")
    devices: int = option(
        1,
        help="GPUs of this machine that train together, each on its part of every batch; on a processor, processes.",
        low=1,
        high=64,
        group="Resources",
        affects_result=False,
        metavar="N",
    )
    seed: int = option(0, help="Random seed of the first weights and the crops.", low=0, high=2**63 - 1)
    network: Mapping[str, Any] = option(
        factory=lambda: MappingProxyType({}), help="Further settings of the network.", internal=True
    )
    crops: int = option(1000, help="Crops in a training set of the paper.", low=1, internal=True)
    augmentation: Any = option(None, help="How much crops are changed; default: as usual.", internal=True)
    adapts: bool | None = option(
        None,
        help="Whether each stack is normalised by its own grey values; default: where the images differ in grey level.",
        internal=True,
    )
    skeleton_recall: bool | None = option(
        None,
        help="Whether thin, rare phases are not to be missed along their middle; default: by fresh weights.",
        internal=True,
    )
    scored_slices: int = option(
        16, help="Most annotated slices that the model is scored on.", low=0, internal=True, affects_result=False
    )
    fresh: bool = option(
        False,
        help="Discard an unfinished training of OUT and start over.",
        group="Output",
        affects_result=False,
        wired=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.budget is not None and self.epochs is not None:
            raise SettingsError("expected either a time budget or a number of epochs, found both")
        for name, length in (("budget", self.budget), ("epochs", self.epochs)):
            if length is not None and not length > 0:
                raise OptionError(name, f"expected a positive number, found {length:g}")

    @property
    def budget_s(self) -> float | None:
        """Seconds after which the training ends; None where epochs end it."""
        return DEFAULT_BUDGET_S if self.budget is None and self.epochs is None else self.budget


def _read_start(value: str | Path) -> str | Path | None:
    return None if value == FRESH else value


@dataclass(frozen=True, kw_only=True)
class TrainSettings(TrainingOptions, ReadOptions):
    """Train a network on annotated slices, or choose a threshold's parameters on them.

    Images and labels pair up in order. A label stack may leave most slices not annotated (255); labels of a single
    slice are those of the slice `slices[0]`. Ctrl-C ends the training early and keeps the model. A killed training
    leaves OUT.unfinished.keramos, and the same command goes on from there.
    """

    images: tuple[str | Path | Volume, ...] = input_paths(
        help="Images or stacks; a+b: two detectors.", leading=True, wired=True
    )
    labels: tuple[str | Path | LabelVolume, ...] = input_paths(help="Their labels, in the same order.", leading=True)
    out: Path = output_path("model", help="The model file to write.", metavar="FILE.keramos", wired=True)
    slices: tuple[int, ...] | None = slice_numbers(None, help="Use these annotated slices only.", group="Files")
    from_: str | Path | None = input_path(
        AUTO,
        help="Weights to begin with: a model file or a bundled model; none for fresh ones; auto: the bundled ones if "
        "they fit the voxels and know the labels' phases, unless --model, --size, --width or --epochs is given.",
        group="Method",
        metavar="auto|none|FILE|NAME",
        convert=_read_start,
        given=str,
    )
    outlines: OutlinePlace = option(
        "image",
        help="Where outlines are learnt that are all drawn half a pixel or more to one side of those in the images, as "
        "the bundled weights and the grey values have them: moved onto the image's, or as drawn.",
        group="Method",
    )
    keep_stopped: bool = option(
        True, help="Whether Ctrl-C ends the training early and keeps the model.", internal=True, affects_result=False
    )

    @property
    def leaves_network_open(self) -> bool:
        """Whether nothing is said of the network, and time ends its training."""
        said = (self.model, self.size, self.width, self.backbone, self.pretrained, self.epochs)
        return all(value is None for value in said) and not self.network

    def inputs(self) -> dict[str, tuple[Any, ...]]:
        inputs = super().inputs()
        if self.from_ == AUTO:
            del inputs["from"]
        return inputs

    def identity(self) -> dict[str, Any]:
        return {**super().identity(), **({"from": AUTO} if self.from_ == AUTO else {})}
