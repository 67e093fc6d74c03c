"""The estimates that `keramos reconcile` wrote, for a page."""

from __future__ import annotations

import json
from pathlib import Path

from keramos.core.errors import FormatError, MissingFileError
from keramos.estimators import Reconciliation
from keramos.reports import Estimates

ESTIMATES = "estimates.json"
"""The file in a recipe's results."""


def read_estimates(path: Path) -> Estimates:
    """The estimates in a JSON file. MissingFileError or FormatError where it is none of `keramos reconcile`."""
    if not path.is_file():
        raise MissingFileError(f"expected the JSON file of `keramos reconcile`, found none at {path}; check the path")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Estimates(str(data["labels"]), str(data["box"]), Reconciliation.from_json(data))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise FormatError(
            f"expected estimates in {path}, found something else; give what `keramos reconcile --json` wrote"
        ) from None
