"""Facts about a stack that its files state: each edge of a voxel and where it comes from, and the information bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from keramos.acquisition import Acquisition, Fact, check_facts, join_slices, maker_of, read_facts
from keramos.core import Box, Finding, LabelVolume, View, Volume, VoxelSize
from keramos.io.format import Opened
from keramos.io.slice_names import is_named, positions_of
from keramos.io.units import AXES, whole_size
from keramos.io.voxel_size_doubts import doubt_given, doubt_size, drop_impossible, report_part


def calibrate(opened: Opened, name: str, project: Mapping[str, Fact] | None = None) -> Opened:
    """The opened file with all that is known of how it was acquired: what its format states, then what the microscope
    wrote into its slices, then the names of its files, then a file that describes the whole stack (`project`)."""
    edges = dict(opened.edges)
    if opened.voxel_size is not None:
        stated = f"voxel size in the {opened.format or 'file'}"
        whole = {axis: Fact(edge, stated) for axis, edge in zip(AXES, opened.voxel_size.zyx, strict=True)}
        edges = {**whole, **opened.edges}
    acquisition = _join(opened, edges, project or {})
    known = {axis: acquisition.facts[key] for axis in AXES if (key := f"voxel_size_{axis}_nm") in acquisition.facts}
    possible, impossible = drop_impossible(known, name)
    size = None if impossible else whole_size(possible)
    findings = (*_leave_out_told(opened.findings, acquisition), *impossible)
    view = opened.view or _view_of(acquisition)
    return replace(opened, voxel_size=size, edges=possible, acquisition=acquisition, view=view, findings=findings)


def _leave_out_told(findings: Sequence[Finding], acquisition: Acquisition) -> list[Finding]:
    """Findings about the names of files and about what the slices state, each once: gaps in the numbers of names are
    those in the positions, too, and uneven positions are told as the slices state them."""
    gaps = {z for finding in findings if finding.kind == "missing-slice" for z in finding.slices}
    is_placed = acquisition.slice_z_nm is not None
    named = [one for one in findings if not (is_placed and one.kind == "slice-thickness")]
    placed = [one for one in acquisition.findings if one.kind != "missing-slice" or not gaps.issuperset(one.slices)]
    return [*named, *placed]


def _join(opened: Opened, edges: Mapping[str, Fact], project: Mapping[str, Fact]) -> Acquisition:
    """The acquisition of the slices. They are all looked at if the first, the middle or the last one says anything."""
    count = len(opened.tags)
    first = next((z for z in sorted({0, count // 2, count - 1}) if 0 <= z < count and read_facts(opened.tags[z])), None)
    tags = () if first is None else opened.tags
    rows = [read_facts(one) for one in tags]
    given = {
        **({} if first is None else maker_of(tags[first])),
        **{f"voxel_size_{axis}_nm": fact for axis, fact in edges.items()},
    }
    named = given.pop("voxel_size_z_nm") if is_named(edges.get("z")) else None
    files = getattr(opened.source, "files", ())
    joined = join_slices(
        rows,
        given=given,
        named=named,
        project=project,
        findings=() if first is None else check_facts(tags[first]),
        named_z_nm=positions_of(files) if rows and len(rows) == len(files) else None,
        columns=opened.source.shape[2],
    )
    return replace(joined, slices=opened.source.shape[0])


def _view_of(acquisition: Acquisition) -> View | None:
    """The geometry of the view; None unless both its tilt and the order of cutting are known."""
    tilt, order = acquisition.value("tilt_deg"), acquisition.value("cutting_order")
    if tilt is None or order is None or not 0 <= tilt < 90:
        return None
    frame: Literal["section", "sheared"] = "sheared" if acquisition.value("followed") is False else "section"
    return View(tilt, order, frame, acquisition.value("scan_rotation_deg"))


def doubts_of(opened: Opened, given: VoxelSize | None, region: Box, name: str) -> tuple[Finding, ...]:
    """The findings about the part of a file in a box: the file's own, about the voxel size in use, and about an
    information bar that the box takes in."""
    findings = list(
        doubts_of_size(opened.findings, given or opened.voxel_size, opened.edges, name, is_given=bool(given))
    )
    bar = opened.acquisition.facts.get("information_bar_rows")
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
