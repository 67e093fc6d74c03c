"""Options of a job as a page gives them, checked before they reach a worker; and those that a form begins with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from keramos.apps.studio.beside import Beside
from keramos.apps.studio.studio import Studio
from keramos.apps.studio.workers.catalogue import Row
from keramos.apps.studio.workers.run_folder import write_seen_from
from keramos.core.errors import KeramosError, SettingsError
from keramos.core.object_path import as_path
from keramos.core.options import plain
from keramos.project.assist import find_current_model
from keramos.settings.bundled import POROUS_SOLID
from keramos.settings.train import AUTO, FRESH

_READS_STACK = {"check": "images", "prepare": "raw", "train": "images", "segment": "images", "report": "images"}
"""By verb the option that is the stack."""
_READS_LABELS = {"quantify": "labels", "report": "runs", "export": "path"}
"""By verb the option that is a segmentation."""
_LONGEST = 4096


def check_options(
    rows: list[Row], given: Any, models: list[str], find: Callable[[Any], Path], here: Path
) -> dict[str, Any]:
    """Options by their names, with the paths that are read as they are seen from the folder `here`.

    `find` gives the path of a file that a page may have read; names of `models` are no paths. Outputs have names
    without a folder: they lie in the folder of the run.

    Raises:
        SettingsError: an option that the verb does not have, a value that is none, a path that may not be read, or an
            option that is needed and not given.
    """
    if not isinstance(given, dict):
        raise SettingsError("options are an object: names with values")
    known, checked = {row["name"]: row for row in rows}, {}
    for name, value in given.items():
        if name not in known:
            raise SettingsError(f"there is no option {str(name)[:80]!r}; there are {', '.join(known)}")
        if value is None or value == "":
            continue
        checked[name] = _check(known[name], value, models, find, here)
    missing = [row["label"] for row in rows if row["required"] and not row["writes"] and row["name"] not in checked]
    if missing:
        raise SettingsError(f"{' and '.join(missing)}: needed, and not given; fill it in")
    return checked


def _check(row: Row, value: Any, models: list[str], find: Callable[[Any], Path], here: Path) -> Any:
    _refuse_odd(row["label"], value)
    if row["writes"]:
        return _check_name(row["label"], value)
    if not row["reads"]:
        return value
    names = [*models, AUTO, FRESH] if row["name"] == "from" else models
    paths = [path if path in names else write_seen_from(find(path), here) for path in _items(value)]
    return paths if row["kind"] == "list" else paths[0]


def _refuse_odd(name: str, value: Any) -> None:
    items = list(value) if isinstance(value, list) else [value]
    fine = all(isinstance(item, str | int | float | bool) and len(str(item)) <= _LONGEST for item in items)
    if not fine or len(items) > _LONGEST or any("\0" in str(item) for item in items):
        raise SettingsError(f"{name} is a number, a text, or a list of these")


def _check_name(name: str, value: Any) -> Any:
    """The name of an output in the folder of a run; True leaves it as usual."""
    if isinstance(value, bool):
        return value
    text = str(value)
    if Path(text).name != text or text.startswith(".") or "\\" in text or not text.isprintable():
        raise SettingsError(f"{name} is the name of a file without a folder: it will lie in the folder of the run")
    return text


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def begin_options(studio: Studio, beside: Beside, verb: str) -> dict[str, Any]:
    """Values that the form of a verb begins with: the stack and how it is read, the model in use, and the last
    segmentation."""
    here, workspace = studio.started_in, studio.workspace
    begun: dict[str, Any] = {}
    if verb in _READS_STACK:
        try:
            table = workspace.read_stack_table()
            begun |= {name: value for name, value in plain_options(table.options).items() if value is not None}
            begun[_READS_STACK[verb]] = write_seen_from(as_path(table.find_images(workspace.folder)), here)
        except KeramosError:
            begun = {}
    model = find_current_model(workspace.models)
    if verb == "segment":
        begun |= {"model": write_seen_from(model, here) if model else POROUS_SOLID, "uncertainty": True}
        begun["resample"] = studio.images.voxel_size is not None
    if verb == "train":
        begun |= {"from": write_seen_from(model, here) if model else POROUS_SOLID}
        begun |= {"labels": [write_seen_from(workspace.labels, here)]} if workspace.labels.is_dir() else {}
        begun["images"] = [begun["images"]] if "images" in begun else []
    if verb in _READS_LABELS:
        begun |= _find_segmentation(beside, verb)
    return begun


def _find_segmentation(beside: Beside, verb: str) -> dict[str, Any]:
    """The segmentation that was made last."""
    done = [job for job in beside.runs.list_jobs() if job.verb == "segment" and job.state == "done"]
    if not done:
        return {}
    path = done[-1].options.get("out")
    return {_READS_LABELS[verb]: path if verb == "quantify" else [path]}


def plain_options(options: Any) -> Mapping[str, Any]:
    """Options of reading as JSON values by their names."""
    return {name: plain(value) for name, value in options.to_json().items()}
