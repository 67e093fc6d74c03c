"""All estimators, those of other installed packages included."""

from __future__ import annotations

from keramos.core.registry import Registry
from keramos.estimators.estimator import GROUPS, Estimator

ESTIMATORS: Registry[Estimator] = Registry("estimators", Estimator, "keramos.estimators.members")
"""Members by name: values of class `Estimator` in the modules of `members`, and entry points `keramos.estimators`."""


def estimators_of(group: str) -> list[Estimator]:
    """The estimators of a group, in the order of tables: what to report first.

    Example:
        >>> estimators_of("surface")[0].name
        'crofton-extrapolated'
    """
    return sorted((one for one in ESTIMATORS.values() if one.group == group), key=lambda one: one.rank)


def all_in_order() -> list[Estimator]:
    """All estimators, group by group."""
    return [one for group in GROUPS for one in estimators_of(group)]
