"""The acquisition of a whole stack: what the microscope wrote, joined from its slices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from keramos.acquisition.vendor import Fact
from keramos.core import Finding, VoxelSize

Pair = tuple[float, float]


@dataclass(frozen=True)
class Acquisition:
    """The way in which a stack was acquired, as far as its files say so.

    Attributes:
        facts: by the names of `FACT_NAMES`, each with what states it. What is not written is not there.
        slices: how many slices there are.
        slice_z_nm: the position of each slice, in its order; None unless all state one.
        slice_corrections_px: by how much the microscope shifted the field of view for each slice, as rows of y and x in
            pixels, in the maker's sign. The images have it in them: it tells how the field moved, and is no shift that
            is still to be undone. None unless all slices state it.
        followed: whether the field of view followed the face as slices were cut, with what shows it; None where
            nothing does.
        times: when each slice was imaged (ISO); None unless all say so.
        findings: where slices differ, or statements contradict each other.
    """

    facts: Mapping[str, Fact] = field(default_factory=dict)
    slices: int = 0
    slice_z_nm: tuple[float, ...] | None = None
    slice_corrections_px: tuple[Pair, ...] | None = None
    followed: Fact | None = None
    times: tuple[str, ...] | None = None
    findings: tuple[Finding, ...] = ()

    def value(self, name: str) -> Any:
        """The value of a fact; None where it is not written.

        Example:
            >>> Acquisition({"detector": Fact("ETD", "tag 34682 Detectors.Name")}).value("detector")
            'ETD'
        """
        return self.facts[name].value if name in self.facts else None

    @property
    def voxel_size(self) -> VoxelSize | None:
        """The voxel size; None unless all three edges are written."""
        edges = [self.value(f"voxel_size_{axis}_nm") for axis in "zyx"]
        return None if None in edges else VoxelSize.of(edges)

    def to_json(self) -> dict[str, Any]:
        """JSON values: the facts with their sources, the positions of slices, and the shifts of the field of view."""
        rows = {name: {"value": fact.value, "source": fact.source} for name, fact in self.facts.items()}
        shifts = self.slice_corrections_px
        return {
            "facts": rows,
            "slice_z_nm": None if self.slice_z_nm is None else list(self.slice_z_nm),
            "slice_corrections_px": None if shifts is None else [list(row) for row in shifts],
        }
