"""Facts about a stack that its files state: each edge of a voxel and where it comes from, and the information bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from keramos.acquisition import Fact, check_facts, read_facts
from keramos.core import Box, Finding, LabelVolume, Volume, VoxelSize
from keramos.io.format import Opened
from keramos.io.units import AXES, whole_size
from keramos.io.voxel_size_doubts import doubt_given, doubt_size, drop_impossible, report_part

_SAME = 0.005


def calibrate(opened: Opened, name: str) -> Opened:
    """The opened file with all that its metadata state: the format's own, else the microscope's in the first slice."""
    facts, doubts = _read_tags(opened.tags)
    edges = {axis: facts[key] for axis in AXES if (key := f"voxel_size_{axis}_nm") in facts} | dict(opened.edges)
    if opened.voxel_size is not None:
        stated = f"voxel size in the {opened.format or 'file'}"
        whole = {axis: Fact(edge, stated) for axis, edge in zip(AXES, opened.voxel_size.zyx, strict=True)}
        edges = {**whole, **opened.edges}
    possible, impossible = drop_impossible(edges, name)
    size = None if impossible else whole_size(possible)
    others = {key: fact for key, fact in facts.items() if not key.startswith("voxel_size_")}
    findings = (*opened.findings, *impossible, *doubts)
    return replace(opened, voxel_size=size, edges=possible, stated=others, findings=findings)


def doubts_of(opened: Opened, given: VoxelSize | None, region: Box, name: str) -> tuple[Finding, ...]:
    """The findings about the part of a file in a box: the file's own, about the voxel size in use, and about an
    information bar that the box takes in."""
    findings = list(
        doubts_of_size(opened.findings, given or opened.voxel_size, opened.edges, name, is_given=bool(given))
    )
    bar = opened.stated.get("information_bar_rows")
    rows = opened.source.shape[1]
    if bar is not None and rows - bar.value < region.stop[1]:
        findings.append(_report_bar(bar, region, rows, name))
    return tuple(findings)


def doubts_of_given(volume: Volume | LabelVolume, given: VoxelSize) -> tuple[Finding, ...]:
    """The findings of an open volume once it gets a voxel size other than its own."""
    own = volume.voxel_size
    edges = {} if own is None else {axis: Fact(edge, volume.name) for axis, edge in zip(AXES, own.zyx, strict=True)}
    return doubts_of_size(volume.findings, given, edges, volume.name, is_given=True)


def doubts_of_size(
    findings: Sequence[Finding],
    size: VoxelSize | None,
    edges: Mapping[str, Fact],
    name: str,
    *,
    is_given: bool,
) -> tuple[Finding, ...]:
    """Findings about a file with those about the voxel size in use. One that is given puts an end to doubts about that
    in the file, which states `edges` (nm, by axis)."""
    others = [one for one in findings if not (is_given and one.kind == "voxel-size")]
    if size is None:
        is_doubted = any(one.kind == "voxel-size" and one.severity == "warning" for one in others)
        part = None if is_doubted else report_part(edges, name)
        return (*others, part) if part else tuple(others)
    doubts = [doubt_size(size, name, is_given=is_given), doubt_given(size, edges, name) if is_given else None]
    return (*others, *(doubt for doubt in doubts if doubt is not None))


def _read_tags(tags: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Fact], list[Finding]]:
    """The facts in the first slice's tags, and findings about these and where another slice states another pixel."""
    if not tags:
        return {}, []
    facts = read_facts(tags[0])
    findings = list(check_facts(tags[0]))
    for z in sorted({len(tags) // 2, len(tags) - 1} - {0}) if facts else []:
        other = read_facts(tags[z])
        for key in ("voxel_size_y_nm", "voxel_size_x_nm"):
            if key in facts and key in other and abs(other[key].value / facts[key].value - 1) > _SAME:
                return facts, [*findings, _report_change(key, facts[key], other[key], z)]
    return facts, findings


def _report_change(key: str, first: Fact, other: Fact, z: int) -> Finding:
    return Finding(
        "voxel-size",
        f"pixels are {first.value:g} nm long along {key[11]} in the first slice and {other.value:g} nm in slice {z} "
        f"({first.source})",
        "one voxel size is used for all slices, so that some of them are too large or too small",
        "use slices of one magnification (--box, or a pattern)",
        slices=(0, z),
    )


def _report_bar(bar: Fact, region: Box, rows: int, name: str) -> Finding:
    kept = ",".join(
        f"{a}:{b}" for a, b in zip(region.start, (region.stop[0], rows - bar.value, region.stop[2]), strict=True)
    )
    return Finding(
        "information-bar",
        f"the lowest {bar.value} of {rows} rows of {name} are the information bar ({bar.source})",
        "its text and ground are segmented and measured as if they were the sample",
        f"leave it out (--box {kept})",
    )
