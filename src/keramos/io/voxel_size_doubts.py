"""Doubts about a voxel size: one that no FIB-SEM stack has, one that contradicts the file, one that is half known."""

from __future__ import annotations

import math
from collections.abc import Mapping

from keramos.acquisition import Fact
from keramos.core import Finding, VoxelSize
from keramos.core.finding import UNKNOWN_EDGE
from keramos.io.units import AXES, whole_size

_LEAST_NM, _GREATEST_NM = 0.5, 1000.0
_LARGE = "an edge of 1 µm is more than FIB-SEM stacks have"
_IMPOSSIBLE_NM = (0.05, 1e5)
"""Edges outside of this are settings for printing, or mistakes: they are taken as not stated."""
_THINNEST, _THICKEST, _OBLONG = 0.1, 30.0, 1.9
"""Slices in pixels, and a pixel's longer over its shorter edge: serial block faces reach 25, a tilted view 1.7."""
_TOLERANCE = 0.2


def drop_impossible(edges: Mapping[str, Fact], name: str) -> tuple[dict[str, Fact], list[Finding]]:
    """The edges (nm, by axis) that a voxel can have, and a finding about the others."""
    low, high = _IMPOSSIBLE_NM
    kept = {axis: fact for axis, fact in edges.items() if low <= fact.value <= high}
    if len(kept) == len(edges):
        return kept, []
    dropped = " and ".join(f"{fact.value:g} nm along {axis}" for axis, fact in edges.items() if axis not in kept)
    finding = Finding(
        "voxel-size",
        f"{name} states a voxel of {dropped}, which cannot be: a resolution for printing, or a wrong unit",
        "the voxel size is taken as unknown, so that nothing is measured in nm",
        "give it (--voxel-size Z Y X, in nm)",
    )
    return kept, [finding]


def doubt_pitch(named: Fact | None, in_file: float | None, name: str, *, file_counts: bool) -> Finding | None:
    """A finding where the names of slices and the first of the files state different edges along z (nm); the one of the
    file is taken if `file_counts`."""
    if named is None or in_file is None or abs(named.value / in_file - 1) <= _TOLERANCE:
        return None
    taken, other = (in_file, named.value) if file_counts else (named.value, in_file)
    return Finding(
        "voxel-size",
        f"the slices of {name} are {named.value:g} nm apart by the names of the files, and {in_file:g} nm thick by "
        "what is written in the first of them",
        f"{taken:g} nm is taken; if {other:g} nm is right, lengths along z come out {taken / other:.3g} times as long",
        "give the right one (--voxel-size Z Y X, in nm)",
    )


def doubt_size(size: VoxelSize, name: str, *, is_given: bool) -> Finding | None:
    """A finding where a voxel size is none of a FIB-SEM stack; `is_given` by the user and not by the file."""
    reason = _name_oddity(size)
    if reason is None:
        return None
    hint = _guess_unit(size) or _guess_order(size)
    source = f"of {size} that is given" if is_given else f"of {size} that {name} states"
    return Finding(
        "voxel-size",
        f"the voxel size {source} is doubtful: {reason}",
        "all lengths, surfaces and volumes follow from it, and tortuosity and anisotropy from its ratios",
        (f"{hint}; " if hint else "") + "the order is Z Y X, the unit nm (--voxel-size Z Y X)",
        severity="note" if reason == _LARGE else "warning",
    )


def _name_oddity(size: VoxelSize) -> str | None:
    """The reason why a voxel size is none of a FIB-SEM stack; None if it may be one."""
    ratio, oblong = size.z_nm / math.sqrt(size.y_nm * size.x_nm), size.y_nm / size.x_nm
    if min(size.zyx) < _LEAST_NM:
        return f"{min(size.zyx):g} nm is less than an electron beam resolves"
    if not 1 / _OBLONG <= oblong <= _OBLONG:
        long, short = "yx" if oblong > 1 else "xy"
        return f"pixels are {max(oblong, 1 / oblong):.3g} times as long along {long} as along {short}"
    if not _THINNEST <= ratio <= _THICKEST:
        return f"slices are {ratio:.3g} times as thick as a pixel is wide"
    return _LARGE if max(size.zyx) >= _GREATEST_NM else None


def doubt_given(given: VoxelSize, edges: Mapping[str, Fact], name: str) -> Finding | None:
    """A finding where a voxel size that is given is not the one that the file states, as far as it does."""
    asked = dict(zip(AXES, given.zyx, strict=True))
    if all(abs(asked[axis] / fact.value - 1) <= _TOLERANCE for axis, fact in edges.items()):
        return None
    stated = whole_size(edges)
    text = str(stated) if stated else ", ".join(f"{fact.value:g} nm along {axis}" for axis, fact in edges.items())
    hint = "see which is right"
    if stated is not None and stated.agrees_with(VoxelSize.of(given.zyx[::-1])):
        hint = "the order is Z Y X, not X Y Z"
    elif all(abs(asked[axis] * 1000 / fact.value - 1) <= _TOLERANCE for axis, fact in edges.items()):
        hint = "the unit is nm, not µm"
    return Finding(
        "voxel-size",
        f"the voxel size {given} is given, but {name} states {text}",
        "the one that is given is used, and all lengths, surfaces and volumes follow from it",
        f"{hint}; without --voxel-size the file's is used" if stated else hint,
    )


def report_part(edges: Mapping[str, Fact], name: str) -> Finding | None:
    """A note about the edges that a file states where it does not state all; None where it states none or all."""
    if not edges or set(AXES) <= set(edges):
        return None
    known = ", ".join(f"{axis} = {fact.value:g} nm ({fact.source})" for axis, fact in edges.items())
    missing = " and ".join(axis for axis in AXES if axis not in edges)
    example = " ".join(f"{edges[axis].value:g}" if axis in edges else axis.upper() for axis in AXES)
    return Finding(
        "voxel-size",
        f"{name} states {known}, but not {'the thickness of a slice (z)' if missing == 'z' else missing}",
        "nothing can be measured in nm without it",
        f"give the voxel size (--voxel-size {example}, in nm)",
        severity="note",
        topic=UNKNOWN_EDGE,
    )


def _guess_unit(size: VoxelSize) -> str:
    """A hint where the size, or its edge along z alone, looks as if it were in another unit."""
    low, high = 1.0, 300.0
    if all(low <= edge * 1000 <= high for edge in size.zyx):
        return f"if it was meant in µm, it is {VoxelSize.of([edge * 1000 for edge in size.zyx])}"
    pixel = math.sqrt(size.y_nm * size.x_nm)
    if low <= pixel <= high and not _THINNEST <= size.z_nm / pixel <= _THICKEST:
        for factor, meant in ((1000.0, "in nm, not µm"), (10.0, "in Å, not nm"), (1e-3, "in µm, not nm")):
            if 0.5 <= size.z_nm / factor / pixel <= 10:
                return f"if z was meant {meant}, it is {size.z_nm / factor:g} nm"
    if size.z_nm == _GREATEST_NM:
        return "much software writes 1 µm where it does not know"
    return ""


def _guess_order(size: VoxelSize) -> str:
    turned = VoxelSize.of(size.zyx[::-1])
    return f"if it was meant as X Y Z, it is {turned}" if size.x_nm > size.y_nm == size.z_nm else ""
