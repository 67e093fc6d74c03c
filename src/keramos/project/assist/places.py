"""The place of the model in use, for those who only need its path: nothing heavy is imported."""

from __future__ import annotations

import json
from pathlib import Path

BUNDLED_WEIGHTS = 0
"""The number that stands for the bundled weights, `settings.bundled.POROUS_SOLID`."""
CURRENT = "current.json"


def model_file(models: Path, number: int) -> Path:
    """The model of that number in a project's folder of models."""
    return models / f"{number:04d}.keramos"


def read_current(models: Path) -> int:
    """The number of the model in use; that of the bundled weights where none is."""
    try:
        number = json.loads((models / CURRENT).read_text("utf-8"))["model"]
    except (OSError, ValueError, KeyError, TypeError):
        return BUNDLED_WEIGHTS
    known = isinstance(number, int) and model_file(models, number).is_file()
    return number if known else BUNDLED_WEIGHTS


def find_current_model(models: Path) -> Path | None:
    """The file of the model in use; None for the bundled weights."""
    number = read_current(models)
    return None if number == BUNDLED_WEIGHTS else model_file(models, number)
