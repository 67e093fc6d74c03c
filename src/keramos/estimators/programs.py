"""Markdown tables of what other programs print, by quantity, from the specifications of quantities and estimators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from keramos.estimators.estimator import GROUPS, Estimator
from keramos.estimators.registry import all_in_order, estimators_of
from keramos.measurements import curve_specs, quantity_specs
from keramos.measurements.printed import PROGRAMS, Printed

_RUN, _READ = "run", "read"


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """A quantity, a curve or an estimator, and the other programs that print it; `own` is how Keramos calls it."""

    title: str
    own: str
    printed: tuple[Printed, ...]
    is_quantity: bool = True

    def of(self, program: str) -> list[Printed]:
        return [one for one in self.printed if one.program == program]


def list_printed() -> list[PrintedRow]:
    """A row for each quantity and curve in the order of tables, that of a group of estimators followed by the other
    estimators of the group.

    Example:
        >>> row = list_printed()[0]
        >>> row.title, [one.program for one in row.printed][:2]
        ('phase fraction', ['PoreSpy 3.2', 'TauFactor 1.2.1'])
    """
    return list(_quantities()) + [
        PrintedRow(spec.name, f"`{spec.id}`", spec.printed) for spec in curve_specs().values() if spec.printed
    ]


def program_matrix() -> str:
    """A table of all quantities, by program: `run` where a benchmark ran it beside Keramos, `read` where its manual or
    its source says that it prints one."""
    names = [program.name for program in PROGRAMS]
    lines = [f"| quantity | Keramos | {' | '.join(names)} |", f"|{' --- |' * (len(names) + 2)}"]
    for row in list_printed():
        if not row.printed:
            continue
        cells = [_mark(row.of(name)) for name in names]
        lines.append(f"| {row.title} | {row.own} | {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |"))
    return "\n".join(lines)


def unmatched_reference() -> str:
    """The quantities that no other program was found to print, by none of our estimators of them either."""
    rows = list(_quantities())
    own = [number for number, row in enumerate(rows) if row.is_quantity]
    spans = zip(own, [*own[1:], len(rows)], strict=True)
    names = [rows[first].title for first, last in spans if not any(row.printed for row in rows[first:last])]
    return "; ".join(names) + "."


def printed_reference() -> str:
    """A table of the names under which other programs print each quantity, and how that is known."""
    lines = ["| quantity | program | under the name of | checked |", "| --- | --- | --- | --- |"]
    for row in list_printed():
        for program in PROGRAMS:
            for one in row.of(program.name):
                call = one.call if one.times == 1 else f"{one.call} (x {one.times:g})"
                lines.append(f"| {row.title} | {one.program} | {call} | {one.evidence} |")
    return "\n".join(lines)


def _quantities() -> Iterator[PrintedRow]:
    by_quantity = {one.quantity: one for one in all_in_order() if one.quantity}
    for spec in quantity_specs().values():
        stands = by_quantity.get(spec.id)
        others = () if stands is None else tuple(_of_its_quantity(stands))
        yield PrintedRow(spec.name, f"`{spec.id}`", spec.printed + others)
        if stands is not None and stands.rank == 0:
            yield from (_of_estimator(one) for one in estimators_of(stands.group) if not one.quantity)


def _of_estimator(one: Estimator) -> PrintedRow:
    return PrintedRow(f"{GROUPS[one.group]}: {one.title}", f"`reconcile`: `{one.name}`", one.printed, is_quantity=False)


def _of_its_quantity(one: Estimator) -> Iterator[Printed]:
    """The numbers of programs for an estimator, each `times` over the quantity, which may be the estimator's half."""
    own = next(printed.times for printed in one.printed if printed.is_own)
    return (replace(printed, times=printed.times / own) for printed in one.printed if not printed.is_own)


def _mark(printed: list[Printed]) -> str:
    if not printed:
        return ""
    return _RUN if any(one.benchmark for one in printed) else _READ
