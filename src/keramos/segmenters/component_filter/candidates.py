"""The components of one block that may be small, called candidates: those with few voxels in it.

A candidate that does not reach another block is small for good. Of the others (unresolved), the planes on the block's
faces are kept. Each voxel of a plane holds a candidate's number, LARGE, or, outside the selected phases, the code of
its phase as a number below LARGE. Neighbouring blocks are joined by these planes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cc3d
import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, Triple
from keramos.core.files import translate_os_errors, write_bytes
from keramos.segmenters.component_filter.removal import Removal

UNCHANGED = NOT_ANNOTATED
"""The new code of a component that stays as it is."""
LARGE = -1
"""The number of a component that is too large to be a candidate."""
Face = tuple[int, int]
"""An axis, and 0 for the block's first plane along it or 1 for its last."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """The candidates of one block.

    Attributes:
        voxels: all their voxels (N, indices into the core, ravelled).
        component: the candidate's number of each of these voxels (N).
        new_code: by candidate its new code; UNCHANGED for those that stay and those that are unresolved.
        unresolved: the numbers of the unresolved candidates.
        size: their voxels in this block.
        votes: the faces that they share with each phase in this block (unresolved, phases).
        changes: how many components and how many voxels change for good.
        faces: the planes on the faces to other blocks, with numbers among the unresolved candidates.
        components: the number of all components of the block, small or not.
    """

    voxels: NDArray[np.uint32]
    component: NDArray[np.uint32]
    new_code: NDArray[np.uint8]
    unresolved: NDArray[np.uint32]
    size: NDArray[np.int64]
    votes: NDArray[np.int64]
    changes: NDArray[np.int64]
    faces: dict[Face, NDArray[np.int32]]
    components: int

    def save(self, path: Path) -> None:
        """Write them to a file, whole or not at all. StorageError if that cannot be."""
        arrays = {name: value for name, value in self.__dict__.items() if name not in ("faces", "components")}
        save_arrays(path, **arrays, **{_plane_name(face): plane for face, plane in self.faces.items()})


def find_candidates(codes: NDArray[np.uint8], removal: Removal, core: Box, shape: Triple) -> Candidates:
    """Find the candidates in the codes (Z Y X) of a block's core, in a volume of `shape`."""
    selected = removal.select(codes)
    labels, count = cc3d.connected_components(
        np.ascontiguousarray(selected), connectivity=6, return_N=True, binary_image=True
    )
    sizes = np.zeros(count + 1, np.int64)
    for plane in labels:  # counting widens every voxel to eight bytes
        sizes += np.bincount(plane.ravel(), minlength=count + 1)
    small = sizes < removal.fewer
    small[0] = False
    candidates = int(small.sum())
    number = np.full(count + 1, LARGE, np.int32)
    number[small] = np.arange(candidates)
    voxels = np.flatnonzero(small[labels])
    component = number[labels.ravel()[voxels]]
    votes = _count_shared_faces(codes, selected, voxels, component, (candidates, len(removal.phases)))
    faces = {
        (axis, end): np.where(
            np.take(selected, -end, axis), number[np.take(labels, -end, axis)], encode_codes(np.take(codes, -end, axis))
        ).astype(np.int32)
        for axis, end in _inner_faces(core, shape)
    }
    return _resolve_inner(voxels, component, sizes[small], votes, faces, int(count))


def choose_codes(votes: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The new codes of small components: the phase with which each shares most faces (components, phases), the lowest
    code on a tie. One without neighbours fills the whole volume and is UNCHANGED."""
    return np.where(votes.any(axis=1), votes.argmax(axis=1), UNCHANGED).astype(np.uint8)


def encode_codes(codes: NDArray[Any]) -> NDArray[Any]:
    """Codes of phases as numbers below LARGE, which no candidate has; applied again, the codes."""
    return -2 - codes.astype(np.int32)


def replace_codes(codes: NDArray[np.uint8], candidates: Path, new_codes: Path) -> None:
    """Give the voxels of a block's small components, which are in these two files, their new codes, in place."""
    with candidates.open("rb") as content, np.load(content) as file:
        voxels, component = file["voxels"], file["component"]
    with new_codes.open("rb") as content:
        new = np.load(content)[component]
    codes.reshape(-1)[voxels[new != UNCHANGED]] = new[new != UNCHANGED]


def save_arrays(path: Path, **arrays: NDArray[Any]) -> None:
    """Write arrays by name, whole or not at all. StorageError if that cannot be."""
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]
    write_bytes(path, content.getvalue())


def save_array(path: Path, array: NDArray[Any]) -> None:
    """Write one array, whole or not at all. StorageError if that cannot be."""
    content = io.BytesIO()
    np.save(content, array)
    write_bytes(path, content.getvalue())


def read_array(path: Path, name: str) -> NDArray[Any]:
    """Read one of the arrays that were saved by name. StorageError if it cannot be read."""
    with translate_os_errors(path), path.open("rb") as content, np.load(content) as file:
        return np.asarray(file[name])


def read_face(path: Path, face: Face) -> NDArray[np.int32]:
    """Read one of the planes that were saved."""
    return read_array(path, _plane_name(face))


def _plane_name(face: Face) -> str:
    return f"{'zyx'[face[0]]}{face[1]}"


def _inner_faces(core: Box, shape: Triple) -> Iterator[Face]:
    """The faces of a core that another block touches."""
    for axis in range(3):
        if core.start[axis] > 0:
            yield axis, 0
        if core.stop[axis] < shape[axis]:
            yield axis, 1


def _count_shared_faces(
    codes: NDArray[np.uint8],
    selected: NDArray[np.bool_],
    voxels: NDArray[np.int64],
    component: NDArray[np.int32],
    shape: tuple[int, int],
) -> NDArray[np.int64]:
    """The number of faces that each candidate shares with each phase inside the block (`shape`: candidates, phases)."""
    votes = np.zeros(shape, np.int64)
    flat, is_selected = codes.reshape(-1), selected.reshape(-1)
    for axis, step in enumerate((codes.shape[1] * codes.shape[2], codes.shape[2], 1)):
        place = voxels // step % codes.shape[axis]
        for neighbour, inside in ((voxels - step, place > 0), (voxels + step, place < codes.shape[axis] - 1)):
            beside, candidate = neighbour[inside], component[inside]
            outside = ~is_selected[beside]
            np.add.at(votes, (candidate[outside], flat[beside[outside]]), 1)
    return votes


def _resolve_inner(
    voxels: NDArray[np.int64],
    component: NDArray[np.int32],
    sizes: NDArray[np.int64],
    votes: NDArray[np.int64],
    faces: dict[Face, NDArray[np.int32]],
    components: int,
) -> Candidates:
    """Choose the codes of candidates that reach no other block; the planes then hold numbers among the unresolved."""
    is_unresolved = np.zeros(len(sizes), bool)
    for plane in faces.values():
        is_unresolved[plane[plane >= 0]] = True
    new_code = np.where(is_unresolved, UNCHANGED, choose_codes(votes)).astype(np.uint8)
    rank = np.cumsum(is_unresolved, dtype=np.int32) - 1
    for plane in faces.values():
        plane[plane >= 0] = rank[plane[plane >= 0]]
    changed = new_code != UNCHANGED
    return Candidates(
        voxels.astype(np.uint32),
        component.astype(np.uint32),
        new_code,
        np.flatnonzero(is_unresolved).astype(np.uint32),
        sizes[is_unresolved],
        votes[is_unresolved],
        np.array([changed.sum(), sizes[changed].sum()], np.int64),
        faces,
        components,
    )
