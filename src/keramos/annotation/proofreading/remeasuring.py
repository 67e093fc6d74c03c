"""The numbers of a segmentation before and after corrections, with what each kind of correction did to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from keramos.annotation.proofreading.corrections import correct_labels, count_decisions
from keramos.annotation.proofreading.decisions import Decision
from keramos.annotation.proofreading.kind import KINDS
from keramos.annotation.proofreading.place import Change
from keramos.core import LabelVolume
from keramos.core.progress import Reporter
from keramos.measurements import Measurements, quantify_with
from keramos.settings.quantify import MeasurementOptions

_MEASURED = ("phase-fraction", "interface", "components")
_REPORTED = ("phase-fraction", "specific-surface-area", "largest-component", "percolating-fraction")
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Remeasured:
    """The numbers before and after corrections.

    Attributes:
        changes: each quantity before and after all corrections.
        units: of the quantities, by id.
        by_kind: by the kind of place (the last one `drawn`, where places were drawn again) what its corrections changed
            when they were made after those of the kinds before it; they add up to the whole difference.
        decisions: how many places were decided on and how many voxels flipped.
    """

    changes: tuple[Change, ...]
    units: Mapping[str, str]
    by_kind: Mapping[str, tuple[Change, ...]]
    decisions: Mapping[str, Any]

    def find(self, id: str, phase: str, axis: str = "") -> Change:
        """The change of a quantity. KeyError where it was not measured."""
        for change in self.changes:
            if (change.id, change.phase, change.axis) == (id, phase, axis):
                return change
        raise KeyError(f"no {id} of '{phase}' along '{axis}'")

    def to_json(self) -> dict[str, Any]:
        """JSON values by the names of the attributes."""
        return {
            "changes": [change.to_json() for change in self.changes],
            "units": dict(self.units),
            "by_kind": {kind: [change.to_json() for change in rows] for kind, rows in self.by_kind.items()},
            "decisions": dict(self.decisions),
        }


def remeasure(
    labels: LabelVolume,
    decisions: Iterable[Decision],
    drawn: LabelVolume | None = None,
    *,
    settings: MeasurementOptions | None = None,
    reporter: Reporter | None = None,
) -> Remeasured:
    """Fractions, surface, largest components and percolating fractions before and after corrections, and how the
    difference arose: the corrections of one kind after the other, each measured.

    Args:
        labels: the segmentation without its corrections, with a voxel size.
        decisions: those that hold.
        drawn: labels drawn by hand, for places that were drawn again.
        settings: of the measurements.
        reporter: receives the progress.

    Raises:
        VoxelSizeError: the voxel size is not known.
    """
    made, reporter = tuple(decisions), reporter or Reporter()
    stages = [numbers := _measure(labels, settings, reporter)]
    by_kind: dict[str, tuple[Change, ...]] = {}
    for kind, chosen, layer in _list_stages(made, drawn):
        stages.append(_measure(correct_labels(labels, chosen, layer), settings, reporter))
        by_kind[kind] = _compare(stages[-2], stages[-1])
    units = {row.id: row.quantity.unit for row in numbers.quantities if row.id in _REPORTED}
    return Remeasured(_compare(numbers, stages[-1]), units, by_kind, count_decisions(made))


def _list_stages(
    made: tuple[Decision, ...], drawn: LabelVolume | None
) -> Iterable[tuple[str, tuple[Decision, ...], LabelVolume | None]]:
    """The decisions that count after each kind, and the drawn labels at the end."""
    so_far: list[Decision] = []
    for kind in [*KINDS, *sorted({row.place.kind for row in made} - set(KINDS))]:
        flips = [row for row in made if row.place.kind == kind and row.choice == "flip"]
        if flips:
            so_far = [row for row in made if row in so_far or row in flips]
            yield kind, tuple(so_far), None
    redrawn = [row for row in made if row.choice == "redraw"]
    if redrawn and drawn is not None:
        yield "drawn", made, drawn


def _measure(labels: LabelVolume, settings: MeasurementOptions | None, reporter: Reporter) -> Measurements:
    return quantify_with(_MEASURED, labels, settings, reporter)


def _compare(before: Measurements, after: Measurements) -> tuple[Change, ...]:
    one, two = _values(before), _values(after)
    # A phase that is gone has no largest component and nothing that percolates.
    keys = dict.fromkeys([*one, *two])
    return tuple(Change(*key, one.get(key, 0.0), two.get(key, 0.0)) for key in keys)


def _values(measured: Measurements) -> dict[Key, float]:
    return {(row.id, row.phase, row.axis): row.quantity.value for row in measured.quantities if row.id in _REPORTED}
