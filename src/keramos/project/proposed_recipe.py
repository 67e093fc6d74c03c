"""A recipe proposed for a stack, as text with comments."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from glob import has_magic
from pathlib import Path
from typing import Any

from keramos.core.object_path import as_path
from keramos.settings.bundled import POROUS_SOLID
from keramos.settings.start import StartSettings

RECIPE_MARK = "# A recipe proposed by keramos start"
NEEDS_PREPARATION = frozenset({"information-bar", "drift", "brightness-jump", "shading", "curtains", "blank-slice"})
"""Kinds of findings that `keramos prepare` remedies."""


@dataclass(frozen=True)
class Proposal:
    """The basis of a proposed recipe.

    Attributes:
        settings: the options of `keramos start`.
        edges: the voxel size in nm along z y x, as far as it is known.
        prepares: whether the slices are raw, and prepared first.
        slice_to_annotate: z of the slice to annotate, where there are no labels.
    """

    settings: StartSettings
    edges: tuple[float | None, float | None, float | None]
    prepares: bool
    slice_to_annotate: int

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps of the recipe, in their order."""
        before = ["prepare"] if self.prepares else []
        learnt = ["train"] if self.settings.labels is not None else []
        return (*before, *learnt, "segment", "quantify", "report")

    def to_toml(self) -> str:
        """The recipe."""
        tables = (self._stack(), self._prepare(), self._train(), self._segment(), "[quantify]\n", "[report]\n")
        head = (
            f"{RECIPE_MARK}. Paths are relative to this file; keys are the options of the commands.\n"
            '# All that it makes goes into the folder run beside it (another one: out = "DIR" in this line\'s place).\n'
        )
        return "\n".join([head, *(table for table in tables if table)])

    def _path(self, path: str | Path) -> str:
        """A path as the recipe names it: relative to the recipe where it was given so."""
        text = str(path)
        if self.settings.out is None or as_path(text).is_absolute():
            return text
        name = os.path.relpath(text, self.settings.out.parent)
        return name if has_magic(text) else Path(name).as_posix()

    def _stack(self) -> str:
        rows: dict[str, Any] = {"images": self._path(self.settings.images)}
        for name in ("box", "detector"):
            if getattr(self.settings, name) is not None:
                rows[name] = str(getattr(self.settings, name))
        notes = []
        if self.settings.voxel_size is not None:
            rows["voxel_size"] = list(self.settings.voxel_size.zyx)
        elif None in self.edges and not (self.prepares and None not in self.edges[1:]):
            notes.append(
                f"# voxel_size = [{_numbers(self.edges)}]    # nm; missing in the file, nothing is measured in nm"
            )
        return _table("stack", rows, notes)

    def _prepare(self) -> str:
        if not self.prepares:
            return ""
        is_asked = self.edges[0] is None and None not in self.edges[1:]
        notes = [] if not is_asked else ["# slice_thickness = 20    # nm; missing in the files"]
        return _table("prepare", {"look": True, **self._labels()}, notes)

    def _train(self) -> str:
        if self.settings.labels is None:
            z = self.slice_to_annotate
            lines = (
                f"# [train]    # when slice {z} is annotated; then leave out the line model under [segment]",
                '# labels = "labels.tif"',
                f"# slices = [{z}]",
                '# phases = "void=0,solid=255"',
            )
            return "\n".join(lines) + "\n"
        # Labels of slices that are prepared lie on them as they are in the files.
        return _table("train", {**({} if self.prepares else self._labels()), "hold_out": 0.15})

    def _labels(self) -> dict[str, Any]:
        """The keys that say where the labels are and what they mean."""
        if self.settings.labels is None:
            return {}
        rows: dict[str, Any] = {"labels": self._path(self.settings.labels)}
        if self.settings.slices is not None:
            rows["slices"] = list(self.settings.slices)
        meaning = {name: getattr(self.settings, name) for name in ("phases", "positive", "ignore")}
        return rows | {name: value for name, value in meaning.items() if value is not None}

    def _segment(self) -> str:
        return _table("segment", {} if self.settings.labels is not None else {"model": POROUS_SOLID})


def _table(name: str, rows: Mapping[str, Any], notes: Iterable[str] = ()) -> str:
    """A table of TOML: strings, numbers, lists and truth values are written as JSON writes them."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in rows.items()]
    return "\n".join([f"[{name}]", *lines, *notes]) + "\n"


def _numbers(edges: Iterable[float | None]) -> str:
    return ", ".join(axis if edge is None else f"{edge:g}" for axis, edge in zip("ZYX", edges, strict=True))
