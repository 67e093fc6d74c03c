"""A mesh of voxels as an input file of Abaqus: .inp, with an element set for each phase."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from keramos.core import PhaseTable
from keramos.writers.mesh.voxels import VoxelMesh


def write_inp(mesh: VoxelMesh, elements: Mapping[int, int], out: Path) -> None:
    """Write nodes in nm and C3D8 elements, numbered from 1; those of a phase are a set of its name."""
    sets = set_names(mesh.domain.labels.phases)
    with out.open("w", encoding="ascii", newline="\n") as file:
        file.write("*HEADING\nvoxels by Keramos, lengths in nm\n*NODE\n")
        file.writelines(_lines(mesh.nodes(), 1, "%d, %.9g, %.9g, %.9g\n"))
        first = 1
        for code, count in elements.items():
            if count:
                file.write(f"*ELEMENT, TYPE=C3D8, ELSET={sets[code]}\n")
                file.writelines(_lines((nodes + 1 for nodes in mesh.elements(code)), first, "%d" + ", %d" * 8 + "\n"))
                first += count


def set_names(phases: PhaseTable) -> list[str]:
    """A name for each phase of letters, digits and _ that starts with a letter, as Abaqus wants it, and no name twice
    (it does not tell upper from lower case)."""
    names: list[str] = []
    for code, phase in enumerate(phases.names):
        name = re.sub(r"[^A-Za-z0-9_]", "_", phase)[:60]
        name = name if name[:1].isalpha() else f"PHASE_{name}"
        while name.lower() in [other.lower() for other in names]:
            name = f"{name}_{code}"
        names.append(name)
    return names


def _lines(pieces: Iterator[NDArray[Any]], first: int, form: str) -> Iterator[str]:
    """The rows of all pieces, numbered."""
    rows = chain.from_iterable(piece.tolist() for piece in pieces)
    return (form % (number, *row) for number, row in enumerate(rows, first))
