"""A remedy has the name of the defect that it undoes."""

from __future__ import annotations

from keramos.preparation import REMEDIES
from keramos.simulation import DEFECTS


def test_every_remedy_is_the_sibling_of_a_defect() -> None:
    assert set(REMEDIES) <= set(DEFECTS)
