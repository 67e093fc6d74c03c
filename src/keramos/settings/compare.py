"""Options of `keramos compare`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from keramos.core import Box, LabelVolume, Volume
from keramos.core.errors import SettingsError
from keramos.core.options import Settings, option
from keramos.settings.conversions import Span, to_names, to_regions
from keramos.settings.kinds import input_path, input_paths, output_path, slice_numbers
from keramos.settings.reading import ReadOptions
from keramos.settings.resources import DeviceOptions, MemoryOptions
from keramos.settings.train import A_YEAR_S, MOST_EPOCHS, Dice

OtsuScope = Literal["crop", "slice", "stack"]


@dataclass(frozen=True, kw_only=True)
class ComparisonOptions(DeviceOptions, MemoryOptions, Settings):
    """Methods and protocol of a comparison; the preset says what is None.

    The paper does not say of which histogram its Otsu threshold is: its recall of 0.65 in Table 1 and its fraction of
    0.65 in Table 2 agree only with thresholds of whole slices. With `otsu_scope` crop, slices of the stack are
    thresholded by their own.
    """

    methods: tuple[str, ...] = option(
        (), help="Methods to compare; default: those of the paper.", convert=to_names, given=str, metavar="NAME,NAME..."
    )
    preset: Literal["paper", "laptop"] = option("laptop", help="The paper's full protocol, or one for two cores.")
    crop: int | None = option(None, help="Edge of all crops; default: the preset's.", unit="px", metavar="N")
    otsu_scope: OtsuScope = option("slice", help="Compute Otsu's threshold in Table 1 per crop, slice or stack.")
    trainings: int = option(1, help="Train each network N times, from different seeds.", low=1, high=1000, metavar="N")
    budget: float | None = option(
        None, help="Training time of each network; default: the preset's.", unit="s", high=A_YEAR_S, metavar="SECONDS"
    )
    epochs: int | None = option(
        None, help="Train each network N times 1,000 crops; default: the preset's.", high=MOST_EPOCHS, metavar="N"
    )
    backbone: str | None = option(None, help="Backbone of the FCNs; default: vgg16.", metavar="vgg16|alexnet|resnet50")
    pretrained: str | None = option(
        None,
        help="VGG-16 weights for the FCNs to start from; they are then as wide as these.",
        metavar="FILE",
        reads=True,
    )
    dice: Dice = option(
        "batch", help="Dice loss of the paper's networks over the batch (its code) or per pixel (its Eq. 2)."
    )
    seed: int = option(0, help="Random seed of first weights and crops.", low=0, high=2**63 - 1)
    region: Mapping[str, Span] = option(
        factory=lambda: MappingProxyType({}),
        help="Show these regions of the test slice.",
        affects_result=False,
        convert=to_regions,
        given=tuple[str, ...],
        metavar="NAME=y0:y1,x0:x1",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.budget is not None and self.epochs is not None:
            raise SettingsError("expected either a budget or epochs, found both")


@dataclass(frozen=True, kw_only=True)
class CompareSettings(ComparisonOptions, ReadOptions):
    """The tables and figures of Hirabayashi et al. 2024 on your data: six methods, one report.

    Killed or stopped, the same command resumes where it was.
    """

    images: tuple[str | Path | Volume, ...] = input_paths(help="Images to train on.", leading=True)
    labels: tuple[str | Path | LabelVolume, ...] = input_paths(help="Their labels, in the same order.", leading=True)
    test_images: tuple[str | Path | Volume, ...] = input_paths(help="Images to test on.", leading=True)
    test_labels: tuple[str | Path | LabelVolume, ...] = input_paths(
        help="Their labels, in the same order.", leading=True
    )
    out: Path = output_path("comparison", help="Folder for models, labels, figures and report.", metavar="DIR")
    stack: str | Path | Volume | None = input_path(None, help="The stack to segment (Table 2, Figs 5 and 6).")
    slices: tuple[int, ...] | None = slice_numbers(None, help="Train on these annotated slices only.", group="Files")
    test_slices: tuple[int, ...] | None = slice_numbers(None, help="Test on these slices only.", group="Files")
    train_z: tuple[int, ...] = slice_numbers((), help="z index of the training slices in the stack.", group="Files")
    test_z: tuple[int, ...] = slice_numbers((), help="z index of the test slices in the stack.", group="Files")
    test_box: Box | str | None = option(
        None, help="The region of the test images.", group="Reading", given=str, metavar="z0:z1,y0:y1,x0:x1"
    )
    stack_box: Box | str | None = option(
        None, help="The region of the stack.", group="Reading", given=str, metavar="z0:z1,y0:y1,x0:x1"
    )
    fresh: bool = option(
        False, help="Discard an earlier comparison in DIR and start over.", group="Output", affects_result=False
    )
