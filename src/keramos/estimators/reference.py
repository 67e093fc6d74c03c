"""Markdown tables of all estimators, for the documentation."""

from __future__ import annotations

from keramos.estimators.estimator import GROUPS
from keramos.estimators.registry import all_in_order


def estimator_reference() -> str:
    """A table of all estimators, group by group.

    Example:
        >>> estimator_reference().splitlines()[2][:60]
        '| **surface per volume** | | | |'
    """
    lines = ["| estimator | id | definition | of a ball of diameter 1 |", "| --- | --- | --- | --- |"]
    group = ""
    for one in all_in_order():
        if one.group != group:
            group = one.group
            lines.append(f"| **{GROUPS[group]}** | | | |")
        ball = "" if one.of_ball is None else f" {one.of_ball:.3g}"
        lines.append(f"| {one.title} | `{one.name}` | {one.definition} |{ball} |")
    return "\n".join(lines)


def program_reference() -> str:
    """A table of the programs that print them: run beside Keramos, or by their manuals only."""
    lines = ["| program | by default | estimator | checked |", "| --- | --- | --- | --- |"]
    rows = [
        (one.program, one.call if one.times == 1 else f"{one.call} (x {one.times:g})", f"`{each.name}`", one.evidence)
        for each in all_in_order()
        for one in each.printed
        if not one.is_own
    ]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in sorted(rows))])
