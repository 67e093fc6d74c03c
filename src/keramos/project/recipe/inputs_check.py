"""Files and models that the steps of a recipe name, looked for before any step is done."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keramos.core import did_you_mean
from keramos.core.errors import KeramosError, MissingFileError, SettingsError
from keramos.core.object_path import as_path
from keramos.io import split_channels
from keramos.networks import BUNDLED
from keramos.project.recipe.step import Step
from keramos.segmenters import SEGMENTERS, refuse_unknown_model
from keramos.settings.train import TrainSettings


def refuse_missing_inputs(steps: Sequence[Step]) -> None:
    """Look for every file, pattern and model that the steps read and that none of them makes.

    Raises:
        MissingFileError: there is no such file.
        SettingsError: there is no network or method of that name.
    """
    made: list[Path] = []
    for step in steps:
        try:
            for option, values in step.inputs.items():
                for part in (part for value in values for part in _parts(value)):
                    _refuse_missing(option, part, made)
            if isinstance(step.settings, TrainSettings) and step.settings.model is not None:
                refuse_unknown_model(step.settings.model)
        except MissingFileError as error:
            raise MissingFileError(f"[{step.name.split()[0]}]: {error}") from None
        except KeramosError as error:
            raise SettingsError(f"[{step.name.split()[0]}]: {error}") from None
        made += step.outputs


def _parts(value: Any) -> Sequence[Any]:
    """The paths of several images of the same slices; any other value as it is."""
    return split_channels(value) if isinstance(value, str | Path) else (value,)


def _refuse_missing(option: str, value: Any, made: Sequence[Path]) -> None:
    if not isinstance(value, str | Path) or str(value) in SEGMENTERS or str(value) in BUNDLED:
        return
    path = as_path(value)
    is_made = any(path == output or output in path.parents or path in output.parents for output in made)
    if is_made or path.exists() or (glob.has_magic(str(path)) and glob.glob(str(path))):  # noqa: PTH207 (absolute)
        return
    names = [*SEGMENTERS, *BUNDLED] if option in ("model", "from") else []
    names += [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
    raise MissingFileError(f"expected a file for {option}, found nothing at {path}{did_you_mean(path.name, names)}")
