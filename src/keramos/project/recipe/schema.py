"""What a recipe may say: its tables and keys are the commands and their options."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class _Labelled(_Table):
    """How label files are to be read."""

    phases: str | None = None
    positive: str | None = None
    ignore: int | None = None


class StackTable(_Table):
    """The user's images; paths are relative to the recipe."""

    images: str
    voxel_size: tuple[float, float, float] | None = None
    box: str | None = None


class PhantomTable(_Table):
    """Images that are simulated, as `keramos phantom` does."""

    shape: tuple[int, int, int] = (96, 384, 384)
    voxel_size: tuple[float, float, float] | None = None
    preset: str = "ba122"
    severity: float = 0.5
    seed: int = 0
    solid_fraction: float | None = None
    structure: str | None = None
    hand_labels: tuple[int, ...] = ()
    defects: tuple[str, ...] = ()


class TrainTable(_Labelled):
    """`labels` may be left out with a phantom: its hand labels, or else its truth as imaged."""

    labels: str | None = None
    slices: tuple[int, ...] | None = None
    model: str | None = None
    size: Literal["S", "M", "L"] | None = None
    budget: float | None = None
    epochs: int | None = None
    start: str | None = Field(default=None, alias="from")
    hold_out: float = 0.0
    seed: int = 0


class SegmentTable(_Table):
    """`model` is a file or a name, unless the recipe trains one."""

    model: str | None = None
    scores: bool = False
    uncertainty: bool = False
    threshold: float | None = None
    remove_specks: int | str = 0
    fill_holes: int | str = 0
    average_views: bool = False
    resample: bool = False
    backend: str = "auto"
    memory: str = "2GiB"
    workers: int = 1
    scheduler: str | None = None


class EvaluateTable(_Labelled):
    """`truth` may be left out with a phantom. Slices that the recipe trains on are left out by themselves."""

    truth: str | None = None
    leave_out: tuple[int, ...] = ()
    overlay: bool = False


class QuantifyTable(_Table):
    """What to measure of the segmentation, as `keramos quantify` does."""

    phases: tuple[str, ...] = ()
    connectivity: Literal[6, 18, 26] = 6
    transport: bool = True
    thickness: bool = False
    conductivity: dict[str, float] = {}
    domain: int = Field(default=256, ge=8)
    memory: str = "2GiB"
    workers: int = 2


class ExportTable(_Table):
    """What to write for other software."""

    to: tuple[Literal["tiff", "onnx", "bioimageio"], ...] = ("tiff",)


class ReportTable(_Table):
    """One page on the segmentation."""


class Recipe(_Table):
    """A pipeline. `out` is the folder of all results, relative to the recipe."""

    out: str = "run"
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    stack: StackTable | None = None
    phantom: PhantomTable | None = None
    train: TrainTable | None = None
    segment: SegmentTable = SegmentTable()
    evaluate: EvaluateTable | None = None
    quantify: QuantifyTable | None = None
    export: ExportTable | None = None
    report: ReportTable | None = None

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if (self.stack is None) == (self.phantom is None):
            raise ValueError("give either a [stack] or a [phantom]")
        if (self.train is None) == (self.segment.model is None):
            raise ValueError("give either a [train] table or a model under [segment]")
        if self.phantom is None:
            if self.train is not None and self.train.labels is None:
                raise ValueError("give labels under [train]")
            if self.evaluate is not None and self.evaluate.truth is None:
                raise ValueError("give a truth under [evaluate]")
        if self.train is not None and self.train.budget is not None and self.train.epochs is not None:
            raise ValueError("give either a budget or epochs under [train]")
        return self
