"""Tools as members of an open set, and the gestures that they turn into changes.

A module-level `Tool` in `keramos/annotation/tools/`, or behind an entry point of the group `keramos.tools` of another
package, registers one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.drawing.edit import Edit, Source
from keramos.annotation.drawing.patch import UNSURE, Codes, Mask, Patch, make_patches
from keramos.annotation.drawing.scene import Scene
from keramos.core import NOT_ANNOTATED
from keramos.core.errors import OptionError, SettingsError
from keramos.core.near_names import did_you_mean
from keramos.core.option_check import choices
from keramos.core.options import Settings, list_options, option
from keramos.core.registry import Registry

Points = NDArray[np.float64]
Pointer = Literal["stroke", "outline", "click", "slice"]
_MOST_POINTS = 20_000
_FARTHEST = 1e6


@dataclass(frozen=True, kw_only=True)
class PaintOptions(Settings):
    """Options of every tool that gives labels."""

    keep: bool = option(False, help="Leave voxels that have a label already as they are.")


@dataclass(frozen=True, eq=False)
class Gesture:
    """A movement of the pointer with a tool.

    Attributes:
        tool: name of the tool.
        z: number of the slice.
        phase: code of the phase to give; 254 is not sure, 255 not annotated.
        points: x, y and pressure of each point (N 3): voxels of the slice, the centre of the first voxel at (0, 0);
            pressure 0 to 1.
        options: the tool's own.
    """

    tool: str
    z: int
    phase: int
    points: Points
    options: Any

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Gesture:
        """A gesture from JSON: `tool`, `z`, `phase`, `points` ([x, y] or [x, y, pressure] each) and `options`.

        Raises:
            SettingsError: a tool that does not exist, an option that it does not have or a value that it does not
                take, or points that are no finite numbers or too many.

        Example:
            >>> row = {"tool": "brush", "z": 3, "phase": 1, "points": [[4, 5]], "options": {"radius": 2}}
            >>> Gesture.from_json(row).points.tolist()
            [[4.0, 5.0, 1.0]]
        """
        if not isinstance(row, Mapping):
            raise SettingsError("a gesture is an object with the keys tool, z, phase, points and options")
        tool = TOOLS.find(row.get("tool", ""))
        z, phase = row.get("z"), row.get("phase", NOT_ANNOTATED)
        for name, value in {"z": z, "phase": phase}.items():
            if isinstance(value, bool) or not isinstance(value, int):
                raise SettingsError(f"{name} of a gesture is a whole number, not {str(value)[:80]!r}")
        options = read_options(tool.options, row.get("options", {}))
        return cls(tool.name, int(z or 0), int(phase), _read_points(row.get("points", [])), options)


@dataclass(frozen=True)
class Tool:
    """A way to change labels.

    Attributes:
        name: in gestures and in the record of drawing.
        title: in menus.
        help: one line.
        pointer: what the points of a gesture are: the middle of a stroke, a closed outline, places to click, or nothing
            (the whole slice).
        options: class of its options.
        make_patches: the changes that a gesture makes; none if it changes nothing.
        source: where the labels that it gives come from.
        gives: which label it gives: the gesture's phase, several of its own, or none.
    """

    name: str
    title: str
    help: str
    pointer: Pointer
    options: type[Settings]
    make_patches: Callable[[Scene, Gesture], tuple[Patch, ...]]
    source: Source = "drawn"
    gives: Literal["phase", "several", "none"] = "phase"


TOOLS: Registry[Tool] = Registry("tools", Tool, "keramos.annotation.tools")


def make_edit(scene: Scene, gesture: Gesture | Mapping[str, Any], **details: Any) -> Edit:
    """The change that a gesture makes, for `Drawing.make`; without patches if it changes nothing. Its details are the
    options of the tool, and those given, such as the model whose proposal is accepted.

    Raises:
        SettingsError: the gesture makes no sense, or is of a slice or a phase that does not exist.
    """
    if not isinstance(gesture, Gesture):
        gesture = Gesture.from_json(gesture)
    tool = TOOLS.find(gesture.tool)
    if not 0 <= gesture.z < scene.shape[0]:
        raise SettingsError(f"the stack has slices 0 to {scene.shape[0] - 1}, not {gesture.z}")
    if not (0 <= gesture.phase < len(scene.phases) or gesture.phase in (UNSURE, NOT_ANNOTATED)):
        raise SettingsError(
            f"code {gesture.phase} belongs to none of the phases {', '.join(scene.phases.names)}; 254 is not sure, 255 "
            "not annotated"
        )
    phase = {"phase": gesture.phase, "several": None, "none": NOT_ANNOTATED}[tool.gives]
    patches = tool.make_patches(scene, gesture)
    return Edit(tool.name, patches, phase, tool.source, {**gesture.options.to_json(), **details})


def paint(
    scene: Scene, gesture: Gesture, mask: Mask, codes: Codes | int | None = None, corner: tuple[int, int] = (0, 0)
) -> tuple[Patch, ...]:
    """The patches that give the voxels of a mask (Y X, of the slice or of a window at `corner`) the gesture's phase, or
    other codes; labels that are to be kept are left out."""
    plane = scene.labels(gesture.z)
    if gesture.options.keep:
        y, x = corner
        mask = mask & (plane[y : y + mask.shape[0], x : x + mask.shape[1]] == NOT_ANNOTATED)
    return make_patches(gesture.z, plane, mask, gesture.phase if codes is None else codes, corner=corner)


def read_options(kind: type[Settings], row: Any) -> Settings:
    """Options of a tool from JSON. SettingsError for one that it does not have, or a value that it does not take."""
    names = [declared.field for declared in list_options(kind)]
    if not isinstance(row, Mapping):
        raise SettingsError("the options of a gesture are an object of names and values")
    for name in row:
        if name not in names:
            near = did_you_mean(str(name), names)
            raise OptionError(str(name)[:80], f"this tool has the options {', '.join(names)}{near}")
    return kind(**row)


def describe_tools() -> list[dict[str, Any]]:
    """The tools as JSON values, with their options, for forms and menus."""
    return [
        {
            "name": tool.name,
            "title": tool.title,
            "help": tool.help,
            "pointer": tool.pointer,
            "gives": tool.gives,
            "source": tool.source,
            "options": [_describe_option(row) for row in list_options(tool.options)],
        }
        for tool in TOOLS.values()
    ]


def _describe_option(row: Any) -> dict[str, Any]:
    allowed = choices(row.kind)
    kinds = {bool: "true or false", int: "whole number", float: "number", str: "text"}
    about = row.about
    return {
        "name": row.name,
        "help": about.help,
        "kind": "choice" if allowed else kinds.get(row.kind, "text"),
        "choices": list(allowed),
        "default": row.default,
        "low": about.low,
        "high": about.high,
        "unit": about.unit,
    }


def _read_points(rows: Any) -> Points:
    """Points (N 3) from lists of [x, y] or [x, y, pressure]. SettingsError."""
    if not isinstance(rows, list) or len(rows) > _MOST_POINTS:
        raise SettingsError(f"the points of a gesture are a list of at most {_MOST_POINTS:,} points")
    out = np.ones((len(rows), 3))
    for number, row in enumerate(rows):
        fine = isinstance(row, list | tuple) and len(row) in (2, 3) and all(_is_number(value) for value in row)
        if not fine:
            raise SettingsError(f"point {number} of a gesture is [x, y] or [x, y, pressure], not {str(row)[:80]}")
        out[number, : len(row)] = row
    out[:, 2] = np.clip(out[:, 2], 0, 1)
    return out


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _FARTHEST
