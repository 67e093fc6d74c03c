"""The estimates that `keramos reconcile` wrote, for a page."""

from __future__ import annotations

import json
from pathlib import Path

from keramos.core.errors import FormatError, MissingFileError
from keramos.estimators import Reconciliation
from keramos.estimators.cells import list_bodies, list_tables
from keramos.reports import Estimates

ESTIMATES = "estimates.json"
"""The file in a recipe's results."""


def read_estimates(path: Path) -> Estimates:
    """The estimates in a JSON file. MissingFileError or FormatError where it is none of `keramos reconcile`."""
    if not path.is_file():
        raise MissingFileError(f"expected the JSON file of `keramos reconcile`, found none at {path}; check the path")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        found = Reconciliation.from_json(data)
        # Nothing else looks into values, groups and radii before the page is drawn.
        list(list_tables(found)), list_bodies(found)
        return Estimates(str(data["labels"]), str(data["box"]), found)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise FormatError(
            f"expected estimates in {path}, found something else; give what `keramos reconcile --json` wrote"
        ) from None
