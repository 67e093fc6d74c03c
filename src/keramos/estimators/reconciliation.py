"""One table of all estimators: value, definition, bias at this resolution, and what prints it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from keramos.core import VoxelSize
from keramos.core.progress import Reporter
from keramos.estimators.bodies import BallSize, Body, choose_ball, draw_balls, draw_whole_balls
from keramos.estimators.estimator import GROUPS, LINES, Estimator, Sample
from keramos.estimators.registry import estimators_of
from keramos.measurements.printed import Printed

_MATTERS = 0.05


@dataclass(frozen=True, kw_only=True)
class Row:
    """The values that one estimator gives for a phase.

    Attributes:
        group, name, title, unit, definition, printed: as of the estimator.
        phase: which it is; "" where all phases together are looked at.
        values: by axis, "" where there is none; None where there is no such number.
        bias: on balls with the phase's mean chord in the same voxels, relative; None where it is not known.
        of_ball: of sizes, what it is of balls whose diameter is one.
        report: whether it is the one to report.
    """

    group: str
    name: str
    title: str
    unit: str
    phase: str
    values: Mapping[str, float | None]
    definition: str
    bias: float | None
    of_ball: float | None
    printed: tuple[Printed, ...]
    report: bool

    @property
    def value(self) -> float | None:
        """The value, or its mean over axes."""
        known = [value for value in self.values.values() if value is not None]
        return sum(known) / len(known) if known else None

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "value": self.value}


@dataclass(frozen=True, slots=True)
class Advice:
    """A sentence on how far the estimates of a group lie apart for a phase, and on which of them to report."""

    group: str
    phase: str
    sentence: str


@dataclass(frozen=True)
class Reconciliation:
    """The rows of all phases, what to report, and by phase the balls that told the bias, and that of surfaces."""

    rows: tuple[Row, ...] = ()
    advice: tuple[Advice, ...] = ()
    balls: Mapping[str, tuple[BallSize, BallSize]] = field(default_factory=dict)

    def __add__(self, other: Reconciliation) -> Reconciliation:
        balls = {**self.balls, **other.balls}
        return Reconciliation(self.rows + other.rows, self.advice + other.advice, balls)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Reconciliation:
        """The reconciliation that `to_json` wrote. KeyError or TypeError for anything else."""
        rows = []
        for one in data["estimates"]:
            fields = {key: value for key, value in one.items() if key != "value"}
            rows.append(Row(**{**fields, "printed": tuple(Printed(**each) for each in one["printed"])}))
        advice = tuple(Advice(**one) for one in data["advice"])
        balls = {
            phase: (BallSize(**sizes["of_phase"]), BallSize(**sizes["of_surfaces"]))
            for phase, sizes in data.get("ball_radii", {}).items()  # earlier versions wrote one radius a phase
        }
        return cls(tuple(rows), advice, balls)

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "estimates": [row.to_json() for row in self.rows],
            "advice": [asdict(one) for one in self.advice],
            "ball_radii": {
                phase: {"of_phase": asdict(own), "of_surfaces": asdict(narrow)}
                for phase, (own, narrow) in self.balls.items()
            },
        }


@dataclass(frozen=True, eq=False)
class _Bodies:
    """The bodies of an `own` size, and of a `narrow` one for surfaces, each drawn when it is first asked for."""

    own: BallSize
    narrow: BallSize
    voxel_size: VoxelSize

    @cached_property
    def cut(self) -> Body:
        return draw_balls(self.narrow.drawn_nm, self.voxel_size)

    @cached_property
    def whole(self) -> Body:
        return draw_whole_balls(self.own.drawn_nm, self.voxel_size)

    def bias(self, estimator: Estimator) -> float | None:
        if estimator.group in ("size", LINES):
            return self.whole.bias(estimator)
        return self.cut.bias(estimator) if estimator.group == "surface" else None

    def fit(self, group: str) -> bool:
        """Whether balls as wide as the phase told the bias of this group."""
        return self.narrow.fits if group == "surface" else self.own.fits


def reconcile_phase(sample: Sample, groups: Sequence[str], reporter: Reporter) -> Reconciliation:
    """The estimators of these groups, for one phase. Their bias is that on balls whose mean chord is the phase's; of
    surfaces, that of the phase or of what lies between, whichever is narrower.

    Example:
        >>> import numpy as np
        >>> from keramos.core import PhaseTable
        >>> from keramos.settings.quantify import MeasurementOptions
        >>> codes = np.zeros((12, 12, 12), np.uint8)
        >>> codes[3:9, 3:9, 3:9] = 1
        >>> phases = PhaseTable.from_names(["void", "solid"])
        >>> sample = Sample(codes, 1, phases, VoxelSize(10, 10, 10), MeasurementOptions(transport=False), Reporter())
        >>> found = reconcile_phase(sample, ["surface"], Reporter())
        >>> {row.name: round(row.value, 1) for row in found.rows}["voxel-faces"]
        12.5
    """
    phase = sample.phases.names[sample.code]
    chosen = [one for group in groups for one in estimators_of(group) if one.applies(sample)]
    bodies = _choose_bodies(sample)
    progress = reporter.progress(f"estimate {phase}", "estimator")
    rows = []
    for number, one in enumerate(chosen, 1):
        rows.append(_row(one, "" if one.group == LINES else phase, sample, bodies))
        progress(number, len(chosen))
    balls = {} if bodies is None else {phase: (bodies.own, bodies.narrow)}
    return Reconciliation(tuple(rows), tuple(_advise(rows, chosen, bodies)), balls)


def _choose_bodies(sample: Sample) -> _Bodies | None:
    """Balls by the mean chords, four times a volume over the surface; None where there is no surface."""
    surface, share = sample.quantity("specific-surface-area"), float(sample.mask.mean())
    if not surface:
        return None
    own, narrow = (choose_ball(4e3 * part / surface, sample.voxel_size) for part in (share, min(share, 1 - share)))
    return _Bodies(own, narrow, sample.voxel_size)


def _row(one: Estimator, phase: str, sample: Sample, bodies: _Bodies | None) -> Row:
    return Row(
        group=one.group,
        name=one.name,
        title=one.title,
        unit=one.unit,
        phase=phase,
        values=one.measure(sample),
        definition=one.definition,
        bias=None if bodies is None else bodies.bias(one),
        of_ball=one.of_ball,
        printed=one.printed,
        report=one.rank == 0,
    )


def _advise(rows: Sequence[Row], estimators: Sequence[Estimator], bodies: _Bodies | None) -> Iterator[Advice]:
    for group, name in GROUPS.items():
        of_group = [row for row in rows if row.group == group]
        if not of_group:
            continue
        values = [row.value for row in of_group if row.value]
        best = next(one for one in estimators if one.group == group)
        apart = f"the estimates of the {name} {_apart(max(values) / min(values))}; " if values else ""
        warning = "" if bodies is None or not bodies.fit(group) else _warn(of_group[0].bias)
        sentence = f"{apart}report '{best.title}': {best.reason}{warning}"
        yield Advice(group, of_group[0].phase, sentence)


def _apart(factor: float) -> str:
    if factor >= 2:
        return f"lie a factor {factor:.2g} apart"
    return "agree" if factor < 1.005 else f"lie {100 * (factor - 1):.2g} % apart"


def _warn(bias: float | None) -> str:
    """A clause about a bias that matters."""
    if bias is None or abs(bias) < _MATTERS:
        return ""
    much = "large" if bias > 0 else "small"
    return f"; on balls as wide as this phase it is {100 * abs(bias):.0f} % too {much} in these voxels: say so"
