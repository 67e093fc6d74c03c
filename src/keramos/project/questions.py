"""Questions that a raw stack leaves open, and the options that answer them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Question:
    """Something that the files do not state: what it is, what depends on it, and the options that give it."""

    what: str
    effect: str
    option: str


def list_questions(facts: Mapping[str, Any]) -> tuple[Question, ...]:
    """The questions that are left open by facts about an acquisition (values by the names of `FACT_NAMES`), the gravest
    first.

    Example:
        >>> [question.option for question in list_questions({"voxel_size_y_nm": 6.345, "voxel_size_x_nm": 5})][0]
        'keramos prepare --slice-thickness NM; elsewhere --voxel-size Z 6.345 5'
    """
    edges = [facts.get(f"voxel_size_{axis}_nm") for axis in "zyx"]
    size = " ".join("ZYX"[i] if edge is None else f"{edge:g}" for i, edge in enumerate(edges))
    questions = []
    if edges[1] is None or edges[2] is None:
        questions.append(Question("the size of a pixel", "nothing is measured in nm", f"--voxel-size {size}"))
    if edges[0] is None:
        options = f"keramos prepare --slice-thickness NM; elsewhere --voxel-size {size}"
        questions.append(Question("the distance of slices", "nothing is measured in nm", options))
    if facts.get("tilt_corrected") is False and edges[1] is not None:
        questions.append(_ask_stretch(facts, edges))
    if facts.get("tilt_deg") is None:
        effect = (
            "how far one sees into voids is unknown, and a field that stands still cannot be told from an inclination"
        )
        questions.append(Question("the tilt of the view", effect, "keramos prepare --tilt DEGREES"))
    if facts.get("cutting_order") is None:
        effect = "what shines through voids is looked for behind the slice, as if z grew with cutting"
        options = "keramos prepare --cutting-order increasing|decreasing"
        questions.append(Question("the order of cutting", effect, options))
    if facts.get("followed") is None:
        effect = "a shear of the volume by the geometry of the view may be left in it"
        options = "keramos prepare --frame section|sheared"
        questions.append(Question("whether the field of view followed the face", effect, options))
    if facts.get("information_bar_rows") is None:
        effect = "a bar is looked for in the images"
        questions.append(Question("the rows of an information bar", effect, "keramos prepare --bar ROWS"))
    return tuple(questions)


def _ask_stretch(facts: Mapping[str, Any], edges: list[Any]) -> Question:
    """The question whether images that were not corrected show a section at an angle."""
    columns = facts.get("columns_deg")
    angle, y = "θ", f"{edges[1]:g} / sin θ"
    if columns is not None:
        angle, y = f"{columns:g}°", f"{edges[1] / math.sin(math.radians(columns)):.6g}"
    effect = f"if they show a section cut by the ion beam at {angle} to the view, lengths along y are too short"
    z = "Z" if edges[0] is None else f"{edges[0]:g}"
    option = f"--voxel-size {z} Y {edges[2]:g} with Y = {y}"
    return Question("whether images that are not corrected are tilted", effect, option)
