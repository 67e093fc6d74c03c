"""Scores of labels against truth, as values and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from keramos.core import Finding
from keramos.core.errors import FormatError, LabelError
from keramos.core.notebook_html import findings_html, table_html
from keramos.scoring.bootstrap import Bootstrap, Interval
from keramos.scoring.calibration import Calibration
from keramos.scoring.microstructure import MicrostructureScores
from keramos.scoring.outlines import ToleranceScores
from keramos.scoring.regions import RegionScore


@dataclass(frozen=True)
class PhaseScores:
    """Scores of one phase, None where undefined (0 / 0); `interval` holds 95 % confidence intervals by name."""

    name: str
    precision: float | None
    recall: float | None
    iou: float | None
    dice: float | None
    iou_without_boundary: float | None
    interval: dict[str, Interval | None]


@dataclass(frozen=True, slots=True)
class BoundaryBand:
    """Voxels and errors in the band of 1 pixel on both sides of the true boundary, in the slice."""

    voxels: int
    errors: int
    share_of_voxels: float | None
    share_of_errors: float | None
    width_pixels: int = 1


@dataclass(frozen=True, slots=True)
class SliceFraction:
    """Fraction of the positive phase in one slice.

    Attributes:
        z: number of the slice.
        annotated_voxels: their number.
        truth, predicted_where_annotated: over the annotated voxels; None without any.
        predicted: over all voxels with a prediction; None if the slice was not measured.
    """

    z: int
    annotated_voxels: int
    truth: float | None
    predicted_where_annotated: float | None
    predicted: float | None


@dataclass(frozen=True)
class Evaluation:
    """All scores of one prediction.

    Attributes:
        phases: scores of each phase.
        positive: name of the phase of interest.
        mean_iou: mean over the phases.
        accuracy: share of annotated voxels that are right.
        confusion: numbers of voxels, truth along rows and prediction along columns.
        voxels: number of annotated voxels.
        boundary_band: errors near the true boundary.
        bootstrap: how the intervals were computed.
        per_slice: phase fractions, slice by slice.
        regions: scores of hard regions, if a map of them was given.
        calibration: calibration of the scores, if they were stored beside the labels.
        findings: what is probably wrong, as `keramos.evaluate` finds it.
        tolerance: scores inside a tolerance, and centreline Dice; None without a voxel size.
        microstructure: how far the microstructure is off; None without a voxel size, or where it was not asked for.
        second: scores of a second annotation against the truth: what a prediction can reach at most.
    """

    phases: tuple[PhaseScores, ...]
    positive: str
    mean_iou: float | None
    accuracy: float | None
    confusion: tuple[tuple[int, ...], ...]
    voxels: int
    boundary_band: BoundaryBand
    bootstrap: Bootstrap
    per_slice: tuple[SliceFraction, ...]
    regions: tuple[RegionScore, ...] = ()
    calibration: Calibration | None = None
    findings: tuple[Finding, ...] = ()
    tolerance: ToleranceScores | None = None
    microstructure: MicrostructureScores | None = None
    second: Evaluation | None = None

    def phase(self, name: str) -> PhaseScores:
        """Scores of the phase called `name`; LabelError if there is none."""
        for scores in self.phases:
            if scores.name == name:
                return scores
        names = " or ".join(scores.name for scores in self.phases)
        raise LabelError(f"expected a phase named {names}, found '{name}'")

    def _repr_html_(self) -> str:
        shown = ("precision", "recall", "iou", "dice")
        rows = [
            (
                each.name,
                *("" if (score := getattr(each, name)) is None else f"{score:.4f}" for name in shown),
                " to ".join(f"{end:.4f}" for end in each.interval.get("iou") or ()),
            )
            for each in self.phases
        ]
        head = ("phase", "precision", "recall", "IoU", "Dice", "95 % interval of the IoU")
        return table_html(head, rows) + f"<p>{self.voxels:,} annotated voxels</p>" + findings_html(self.findings)

    @property
    def positive_scores(self) -> PhaseScores:
        """Scores of the phase of interest."""
        return self.phase(self.positive)

    def to_json(self) -> dict[str, Any]:
        """All scores as JSON values; undefined numbers are None."""
        phases = {}
        for scores in self.phases:
            fields = asdict(scores)
            fields["interval"] = {name: None if i is None else list(i) for name, i in scores.interval.items()}
            phases[fields.pop("name")] = fields
        bootstrap = asdict(self.bootstrap)
        bootstrap["block_edge_voxels"] = list(self.bootstrap.block_edge_voxels)
        bootstrap["correlation_length_voxels"] = list(self.bootstrap.correlation_length_voxels)
        return {
            "phases": phases,
            "positive": self.positive,
            "mean_iou": self.mean_iou,
            "accuracy": self.accuracy,
            "confusion": [list(row) for row in self.confusion],
            "voxels": self.voxels,
            "boundary_band": asdict(self.boundary_band),
            "bootstrap": bootstrap,
            "per_slice": [asdict(row) for row in self.per_slice],
            "regions": [asdict(row) for row in self.regions],
            "calibration": None if self.calibration is None else self.calibration.to_json(),
            "findings": [finding.to_json() for finding in self.findings],
            "tolerance": None if self.tolerance is None else self.tolerance.to_json(),
            "microstructure": None if self.microstructure is None else self.microstructure.to_json(),
            "second": None if self.second is None else self.second.to_json(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Evaluation:
        """The inverse of `to_json`.

        Raises:
            FormatError: the data are not an evaluation; the message says what is missing or unknown.
        """
        try:
            return _from_json(data)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise FormatError(f"this is not the JSON of an evaluation ({error}); evaluate again") from error


def _from_json(data: dict[str, Any]) -> Evaluation:
    phases = []
    for name, row in data["phases"].items():
        interval = {key: None if i is None else (float(i[0]), float(i[1])) for key, i in row["interval"].items()}
        phases.append(PhaseScores(**{**row, "name": name, "interval": interval}))
    z, y, x = data["bootstrap"]["block_edge_voxels"]
    length_y, length_x = data["bootstrap"]["correlation_length_voxels"]
    bootstrap = Bootstrap(
        **{**data["bootstrap"], "block_edge_voxels": (z, y, x), "correlation_length_voxels": (length_y, length_x)}
    )
    return Evaluation(
        phases=tuple(phases),
        positive=data["positive"],
        mean_iou=data["mean_iou"],
        accuracy=data["accuracy"],
        confusion=tuple(tuple(int(n) for n in row) for row in data["confusion"]),
        voxels=data["voxels"],
        boundary_band=BoundaryBand(**data["boundary_band"]),
        bootstrap=bootstrap,
        per_slice=tuple(SliceFraction(**row) for row in data["per_slice"]),
        regions=tuple(RegionScore(**row) for row in data.get("regions", ())),
        calibration=Calibration.from_json(data["calibration"]) if data.get("calibration") else None,
        findings=tuple(Finding.from_json(row) for row in data.get("findings", ())),
        tolerance=ToleranceScores.from_json(data["tolerance"]) if data.get("tolerance") else None,
        microstructure=MicrostructureScores.from_json(data["microstructure"]) if data.get("microstructure") else None,
        second=_from_json(data["second"]) if data.get("second") else None,
    )
