"""The steps that made a result as a chain of boxes, each with the command that does it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keramos.core.options import Settings, list_options
from keramos.settings.command_line import describe_rows, write_command
from keramos.settings.phantom import PhantomSettings
from keramos.settings.prepare import PrepareSettings
from keramos.settings.quantify import QuantifySettings
from keramos.settings.segment import SegmentSettings
from keramos.settings.train import TrainSettings

_VERBS: dict[str, tuple[type[Settings], str, str]] = {
    "phantom": (PhantomSettings, "Simulate", "phantom"),
    "prepare": (PrepareSettings, "Prepare", "prepared.ome.zarr"),
    "train": (TrainSettings, "Train", "model.keramos"),
    "segment": (SegmentSettings, "Segment", "segmentation.ome.zarr"),
    "quantify": (QuantifySettings, "Measure", "quantities"),
}
"""The settings, the title and the usual output of the verbs that steps name."""

_SAID = {
    "phantom": ("preset", "severity", "seed"),
    "prepare": ("raw",),
    "train": ("network", "annotated", "began with", "outcome", "steps", "seed"),
    "segment": ("images", "predictor"),
    "quantify": ("labels", "domain"),
}
"""The parameters that a box says."""


@dataclass(frozen=True, slots=True)
class Link:
    """A step: its title, what it says, and its command (empty for what is part of the step before, and where options
    that it needs are not known)."""

    title: str
    facts: tuple[tuple[str, str], ...]
    command: str


def chain_links(steps: Sequence[Mapping[str, Any]]) -> tuple[Link, ...]:
    """A link for each step as `Provenance.to_json` gives it, first to last."""
    return tuple(_link(str(step.get("verb", "")), step.get("parameters") or {}) for step in steps)


def _link(verb: str, parameters: Mapping[str, Any]) -> Link:
    if verb not in _VERBS:
        facts = tuple((name.replace("_", " "), str(value)) for name, value in list(parameters.items())[:3])
        return Link(verb[:1].upper() + verb[1:], facts, "")
    settings, title, out = _VERBS[verb]
    told = [(name, parameters[name]) for name in _SAID[verb] if parameters.get(name) not in (None, "", [], {})]
    facts = tuple((name.replace("_", " "), _shorten(value)) for name, value in told)
    given = {name: _flatten(value) for name, value in parameters.items() if value not in ([], {})}
    if verb == "phantom":  # of others the images state it
        given["voxel_size"] = parameters.get("voxel_size_nm")
    given["out"] = out
    is_known = all(row.name in given for row in list_options(settings) if row.required)
    return Link(title, facts, write_command(verb, describe_rows(settings), given) if is_known else "")


def _flatten(value: Any) -> Any:
    """A mapping as its pairs, as commands take it; any other value as it is."""
    return [f"{name}={item}" for name, item in value.items()] if isinstance(value, Mapping) else value


def _shorten(value: object) -> str:
    """A path by its last part, a list with commas."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
