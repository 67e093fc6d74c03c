"""The components of one block that may be small: those with few voxels in it.

A component that does not reach another block is small for good. Of the others (open), the planes on the block's faces
are kept, in which each voxel is a candidate's number, LARGE, or, where it is not of what is looked for, the code of its
phase, told apart by its sign. Neighbouring blocks are joined by these planes.
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

KEPT = NOT_ANNOTATED
"""The verdict on a component that stays what it is."""
LARGE = -1
Face = tuple[int, int]
"""An axis, and 0 for the block's first plane along it or 1 for its last."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """Of one block: `voxels` of all candidates (N, indices into the core, ravelled) and the candidate `of` each; the
    `verdict` on each that is not open (KEPT or its new code); of the open ones their numbers (`open_`), voxels here
    (`size`) and faces shared here with each phase (`votes`); how many components and voxels change for good
    (`changes`)."""

    voxels: NDArray[np.uint32]
    of: NDArray[np.uint32]
    verdict: NDArray[np.uint8]
    open_: NDArray[np.uint32]
    size: NDArray[np.int64]
    votes: NDArray[np.int64]
    changes: NDArray[np.int64]
    faces: dict[Face, NDArray[np.int32]]

    def save(self, path: Path) -> None:
        arrays = {name: value for name, value in self.__dict__.items() if name != "faces"}
        save_arrays(path, **arrays, **{_plane(face): plane for face, plane in self.faces.items()})


def find_candidates(codes: NDArray[np.uint8], removal: Removal, core: Box, shape: Triple) -> Candidates:
    """Those of the codes (Z Y X) of a block's core, in a volume of `shape`."""
    wanted = removal.wanted(codes)
    labels, count = cc3d.connected_components(
        np.ascontiguousarray(wanted), connectivity=6, return_N=True, binary_image=True
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
    of = number[labels.ravel()[voxels]]
    votes = _votes(codes, wanted, voxels, of, (candidates, len(removal.phases)))
    faces = {
        (axis, end): np.where(
            np.take(wanted, -end, axis), number[np.take(labels, -end, axis)], encoded(np.take(codes, -end, axis))
        ).astype(np.int32)
        for axis, end in _inner_faces(core, shape)
    }
    return _sorted_out(voxels, of, sizes[small], votes, faces)


def verdicts(votes: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The new codes of small components by the faces that they share with each phase (components, phases). One without
    neighbours is all that there is, and stays."""
    return np.where(votes.any(axis=1), votes.argmax(axis=1), KEPT).astype(np.uint8)


def encoded(codes: NDArray[Any]) -> NDArray[Any]:
    """Codes of phases, so that they differ from candidates and LARGE; and back."""
    return -2 - codes.astype(np.int32)


def rewrite(codes: NDArray[np.uint8], found: Path, verdict: Path) -> None:
    """Give the voxels of a block's small components (found and judged in these files) their new codes, in place."""
    with np.load(found) as file:
        voxels, of = file["voxels"], file["of"]
    new = np.load(verdict)[of]
    codes.reshape(-1)[voxels[new != KEPT]] = new[new != KEPT]


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
    """One of the arrays that were saved by name."""
    with translate_os_errors(path), np.load(path) as file:
        return np.asarray(file[name])


def read_face(path: Path, face: Face) -> NDArray[np.int32]:
    """One of the planes that were saved."""
    return read_array(path, _plane(face))


def _plane(face: Face) -> str:
    return f"{'zyx'[face[0]]}{face[1]}"


def _inner_faces(core: Box, shape: Triple) -> Iterator[Face]:
    """Those on which another block lies."""
    for axis in range(3):
        if core.start[axis] > 0:
            yield axis, 0
        if core.stop[axis] < shape[axis]:
            yield axis, 1


def _votes(
    codes: NDArray[np.uint8], wanted: NDArray[np.bool_], voxels: NDArray[np.int64], of: NDArray[np.int32], shape: Any
) -> NDArray[np.int64]:
    """How many faces each candidate shares with each phase (candidates, phases) inside the block."""
    votes = np.zeros(shape, np.int64)
    flat, is_wanted = codes.reshape(-1), wanted.reshape(-1)
    for axis, step in enumerate((codes.shape[1] * codes.shape[2], codes.shape[2], 1)):
        place = voxels // step % codes.shape[axis]
        for there, inside in ((voxels - step, place > 0), (voxels + step, place < codes.shape[axis] - 1)):
            beside, mine = there[inside], of[inside]
            other = ~is_wanted[beside]
            np.add.at(votes, (mine[other], flat[beside[other]]), 1)
    return votes


def _sorted_out(
    voxels: NDArray[np.int64],
    of: NDArray[np.int32],
    sizes: NDArray[np.int64],
    votes: NDArray[np.int64],
    faces: dict[Face, NDArray[np.int32]],
) -> Candidates:
    """Judge the candidates that reach no other block; the planes then hold numbers among the open ones."""
    is_open = np.zeros(len(sizes), bool)
    for plane in faces.values():
        is_open[plane[plane >= 0]] = True
    verdict = np.where(is_open, KEPT, verdicts(votes)).astype(np.uint8)
    rank = np.cumsum(is_open, dtype=np.int32) - 1
    for plane in faces.values():
        plane[plane >= 0] = rank[plane[plane >= 0]]
    changed = verdict != KEPT
    return Candidates(
        voxels.astype(np.uint32),
        of.astype(np.uint32),
        verdict,
        np.flatnonzero(is_open).astype(np.uint32),
        sizes[is_open],
        votes[is_open],
        np.array([changed.sum(), sizes[changed].sum()], np.int64),
        faces,
    )
