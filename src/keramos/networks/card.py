"""The card of a trained model: everything needed to use it, judge it and cite it. Lives in the checkpoint's header."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from keramos.core import CuttingOrder, Phase, PhaseTable, VoxelSize


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PhaseRow(_Strict):
    name: str
    colour: str = Field(pattern=r"^#[0-9a-fA-F]{6}$")


class Normalisation(_Strict):
    """Grey values are mapped to (grey - mean) / std before the network sees them: never by a tile's own values, which
    would leave seams. The constants are `fixed`, those of the training data; or those of each `stack` that is
    segmented, computed in a first pass, so that one model serves stacks of any brightness and bit depth. `others` are
    the mean and the deviation of each further channel."""

    mean: float
    std: float = Field(gt=0)
    scope: Literal["fixed", "stack"] = "fixed"
    others: tuple[tuple[float, Annotated[float, Field(gt=0)]], ...] = ()

    @property
    def means(self) -> tuple[float, ...]:
        """The mean of each channel."""
        return (self.mean, *(mean for mean, _ in self.others))

    @property
    def stds(self) -> tuple[float, ...]:
        """The standard deviation of each channel."""
        return (self.std, *(std for _, std in self.others))

    def with_constants(self, constants: Sequence[tuple[float, float]]) -> Normalisation:
        """The same with other means and deviations, of each channel."""
        (mean, std), *others = constants
        return self.model_copy(update={"mean": mean, "std": std, "others": tuple(others)})


class ChannelRow(_Strict):
    """A further image of each slice that a network reads: the name of its detector or file, and its grey values in the
    training as those of the first are in `Training`."""

    name: str
    grey_dtype: str | None = None
    grey_range: tuple[float, float] | None = None


class WeightsRow(_Strict):
    """The origin of weights: fresh ones, or a bundled model or a file by its name, with the `sha256` of the file."""

    source: Literal["fresh", "bundled", "file"]
    name: str = ""
    sha256: str = ""


class Training(_Strict):
    """The training record. `data_sha256` identifies the images and labels by their pixels.

    `annotated_slices` of each of the `images` are numbered as in its file, whose fingerprint is in `sources`.
    `phase_voxels` are the annotated voxels of each phase that were learnt, in the order of the codes (empty in older
    model cards).
    `threads` of the processor have trained it (None in older cards): another number adds in another order, so that the
    same seed gives other weights.
    `grey_dtype` and `grey_range` (the 1st and 99th percentiles) are those of the annotated slices.

    A row of `curve` holds step, seconds, loss and IoU on the (augmented) training crops, and the learning rate.
    `rounds` are the seconds and the IoU on annotation that was not learnt at the ends of the rounds of a long training
    but the last that its budget allows, the first of the network as it was before (empty where there were none).
    `candidates` are the scores, on annotation that was not learnt, of the models among which this one was chosen, and
    `choice` says in words which was kept, and why (empty in older cards, and where there was nothing to choose);
    `decisions` and `decision` do so for how its scores are decided on.
    `findings` are doubts about the images, the labels and the training (`Finding.to_json`).

    What follows is unknown (None or empty) in older cards. `options` are those that `keramos train` was given, by name.
    The training began with the weights `start`; a `rival`, where there is one, was kept if they learnt nothing better.
    `kept_share` is how far the kept weights lie on the way from these (0) to the trained ones (1). As drawn, before any
    of it was held out, moved or resampled, the annotation had `drawn_voxels` of each phase on `drawn_slices`;
    `held_out_share` of what was to be learnt was held out, and its outlines were moved by `outlines_moved_px`, so that
    bright phases grew, or shrank where it is negative.
    """

    images: tuple[str, ...]
    annotated_slices: tuple[tuple[int, ...], ...]
    annotated_voxels: int
    phase_voxels: tuple[int, ...] = ()
    data_sha256: str
    sources: tuple[str, ...] = ()
    grey_dtype: str | None = None
    grey_range: tuple[float, float] | None = None
    seed: int
    steps: int
    seconds: float
    device: str
    threads: int | None = None
    settings: dict[str, Any]
    curve: tuple[dict[str, float], ...] = ()
    rounds: tuple[dict[str, float], ...] = ()
    candidates: tuple[dict[str, Any], ...] = ()
    choice: str = ""
    decisions: tuple[dict[str, Any], ...] = ()
    decision: str = ""
    findings: tuple[dict[str, Any], ...] = ()
    options: dict[str, Any] | None = None
    start: WeightsRow | None = None
    rival: WeightsRow | None = None
    kept_share: float | None = Field(default=None, ge=0, le=1)
    drawn_voxels: tuple[int, ...] = ()
    drawn_slices: tuple[tuple[int, ...], ...] = ()
    held_out_share: float | None = Field(default=None, ge=0, le=1)
    outlines_moved_px: float | None = None

    @property
    def stopped_early(self) -> bool:
        """Whether it ended with a round that gained hardly anything: the last of all is not scored."""
        return bool(self.rounds) and abs(self.rounds[-1]["seconds"] - self.seconds) < 0.01


class ModelCard(_Strict):
    """Everything that a checkpoint says, apart from its weights.

    `z_offsets_nm` are the planes that the network reads, seen from the one that it decides, in slices whose numbers
    grow or fall with the order of cutting, as `cutting_order` says. It reads `further_channels` beside the image of the
    detector named `channel`; both are empty for a network of one. Its logits are divided by
    `temperature`, so that its scores are calibrated: they say how often it is right (Guo et al. 2017).
    `removes_flicker` says that stacks gain where unsure voxels that flicker are decided by the slices beside them;
    with a `threshold` a voxel is of the positive one of two phases where its score is at least that, not where it is
    the likelier one; pieces of fewer voxels than `specks`, of the positive phase and of the rest, are removed. All
    three are what `segment` does where nothing else is asked for.
    """

    format: Literal["keramos-model-1"] = "keramos-model-1"
    architecture: str
    architecture_settings: dict[str, Any]
    phases: tuple[PhaseRow, ...]
    positive: int
    normalisation: Normalisation | None
    voxel_size_nm: tuple[float, float, float] | None
    z_offsets_nm: tuple[float, ...] = (0.0,)
    cutting_order: CuttingOrder = "increasing"
    channel: str = ""
    further_channels: tuple[ChannelRow, ...] = ()
    temperature: float = Field(default=1.0, gt=0)
    removes_flicker: bool = False
    threshold: float | None = Field(default=None, gt=0, lt=1)
    specks: int = Field(default=0, ge=0)
    training: Training
    scores: dict[str, float]
    versions: dict[str, str]
    licence: str = "the licence of the training data's owner; no other is implied"
    notes: str = ""

    @property
    def phase_table(self) -> PhaseTable:
        return PhaseTable(tuple(Phase(row.name, row.colour) for row in self.phases), self.positive)

    @property
    def channel_names(self) -> tuple[str, ...]:
        """The names of several channels; none of a single one."""
        return (self.channel, *(row.name for row in self.further_channels)) if self.further_channels else ()

    @property
    def voxel_size(self) -> VoxelSize | None:
        return None if self.voxel_size_nm is None else VoxelSize.of(self.voxel_size_nm)


def phase_rows(phases: PhaseTable) -> tuple[PhaseRow, ...]:
    """The rows of a card for a table of phases."""
    return tuple(PhaseRow(name=phase.name, colour=phase.colour) for phase in phases)
