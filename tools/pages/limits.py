"""Known limits, with the numbers that the benchmarks have written into benchmarks/results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pages import page, table

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results"
_HEAD = """Where Keramos errs, and by how much. The numbers of this page are read from `benchmarks/results` when the
site is built; [benchmarks](benchmarks.md) says how each was measured. Unless a line says otherwise they are of one
machine and few seeds."""


def limits_page() -> str:
    """The page, a section for each kind of limit."""
    parts = [_bundled(), _shine_through(), _voxel_sizes(), _other_materials(), _intervals(), _checks(), _suggestions()]
    return page("Known limits", _HEAD, *parts, _not_measured())


def result(name: str) -> Mapping[str, Any]:
    """What a benchmark wrote."""
    data: Mapping[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return data


def _bundled() -> str:
    bundled = result("bundled")
    rows = []
    for name in ("sample_001", "sample_002"):
        row = bundled[f"zero-shot {name}"]
        rows.append((f"real ceramic, `{name}`", f"{row['iou']:.3f}", _interval(row["iou_interval"])))
    return _section(
        "Bundled weights without annotation",
        "The bundled weights have learnt from simulated stacks only. The real images they were tested on are two "
        "patches of one "
        "ceramic; the intervals are those of the patch, not of other materials.",
        table(("images", "IoU of solid", "95 % interval"), rows),
        "On other materials they may fail without any sign in the images. `train` measures them on your "
        "annotation, and "
        "begins with them only if they reach an IoU of 0.6.",
    )


def _shine_through() -> str:
    rows = []
    for body, ways in result("bundled")["phantoms"].items():
        one, seven = ways["one slice"], ways["seven slices"]
        rows.append(
            (
                body,
                *(f"{row['iou']:.3f}" for row in (one, seven)),
                *(f"{100 * row['regions'][name]:.0f} %" for name in ("valleys", "ridges") for row in (one, seven)),
            )
        )
    columns = (
        "body",
        "IoU, 1 slice",
        "7 slices",
        "valleys wrong, 1 slice",
        "7 slices",
        "ridges wrong, 1 slice",
        "7 slices",
    )
    return _section(
        "Floors that shine through",
        "Share of voxels that the bundled weights decide wrongly where the floor of a void is near: *valleys* are "
        "void with a "
        "floor nearer than 220 nm, *ridges* have a floor that stands out of a deeper one "
        "([definitions](phantom.md#hard-regions)). "
        "Bodies are of phantoms that the weights have not learnt from.",
        table(columns, rows),
    )


def _voxel_sizes() -> str:
    grouped: dict[str, list[tuple[float, float]]] = {}
    for name, row in result("voxel_sizes")["rows"].items():
        _, size = name.rsplit(", ", 1)
        grouped.setdefault(size, []).append(
            (row["stacks, default"]["iou"]["mean"], row["single images, default"]["iou"]["mean"])
        )
    rows = [
        (size, *(f"{min(values):.3f} to {max(values):.3f}" for values in zip(*each, strict=True)))
        for size, each in grouped.items()
    ]
    return _section(
        "Voxel sizes",
        "IoU of the bundled weights over the bodies of phantoms, at severity 0.8: the worst to the best body. "
        "Structures that are "
        "small in voxels, and those that fill the view, are segmented worse.",
        table(("pixel along x", "stacks", "single images"), rows),
    )


def _other_materials() -> str:
    lucchi, longer, nasa = result("lucchi"), result("lucchi_compact_900"), result("nasa")
    trained = lucchi["slices 32"]["compact"]["iou"]["mean"]
    many = longer["slices 0-63"]["compact"]["iou"]["mean"]
    rows = [
        ("mitochondria (Lucchi++), Otsu", f"{lucchi['otsu, slice 48']['iou']:.3f}"),
        (f"mitochondria, one slice annotated, {lucchi['budget_s']:.0f} s", f"{trained:.3f}"),
        (f"mitochondria, 64 slices annotated, {longer['budget_s']:.0f} s", f"{many:.3f}"),
        ("superalloy (Super1), rarest of three phases", f"{nasa['Super1']['tertiary']['mean']:.3f}"),
        ("barrier coating (EBC2), oxide", f"{nasa['EBC2']['oxide']['mean']:.3f}"),
        ("barrier coating (EBC2), cracks", f"{nasa['EBC2']['crack']['mean']:.3f}"),
        ("the same cracks, within 2 px of the outline", f"{nasa['EBC2']['crack_within_2_px']['mean']:.3f}"),
    ]
    return _section(
        "Other materials",
        "Fresh networks, trained and tested on real micrographs. Phases that are rare, thin or a matter of shape "
        "instead of grey "
        "value need more annotation; cracks a pixel or two wide are found, but not outlined.",
        table(("images", "IoU"), rows),
    )


def _intervals() -> str:
    coverage, segmentation = result("interval_coverage"), result("segmentation_interval")["totals"]
    rows = [
        (f"sampling, {name}, {kind}", f"{100 * row['share']:.1f} %", f"{row['held']} of {row['printed']}")
        for kind, each in coverage.items()
        if kind != "machine"
        for name, row in each["totals"].items()
    ]
    rows += [
        (f"segmentation, {name}", f"{100 * row['share']:.1f} %", f"{row['held']} of {row['of']}")
        for name, row in segmentation.items()
    ]
    return _section(
        "Intervals",
        "How often 95 % intervals held the truth, on phantoms. Intervals *by draws alone* are not printed by "
        "Keramos, for this "
        "reason. No interval includes a wrong voxel size or drift that nobody corrected. [What they "
        "mean](intervals.md)",
        table(("interval", "held", "cases"), rows),
    )


def _checks() -> str:
    stacks, labels = result("check_stacks"), result("check_labels")["phantoms"]
    rows = [
        (f"stack: {name}, {row['strength']}", f"{row['found']} of {row['planted']}")
        for name, row in stacks["planted"].items()
    ]
    rows += [(f"labels: {name}", f"{row['named']} of {row['planted']}") for name, row in labels["mistakes"].items()]
    return _section(
        "What `keramos check` finds",
        f"Of planted defects and mistakes. {len(labels['false_alarms'])} false alarms on {labels['right']} right "
        f"labels. Labels "
        "that are one pixel or one slice off are often not found.",
        table(("planted", "found"), rows),
    )


def _suggestions() -> str:
    gain = result("suggest")["paired_difference"]["suggest - random"]["mean_over_later_rounds"]
    return _section(
        "What to annotate next",
        f"Annotating what `keramos suggest` names gained {gain['mean']:.4f} in IoU over random regions of the "
        f"same size "
        f"(95 % interval {_interval(gain['interval'], 4)}, five phantoms): small, and not certainly more than "
        f"nothing.",
    )


def _not_measured() -> str:
    return _section(
        "Not measured",
        "- Windows and macOS: the code is written for them, but has been tried on Linux only.\n"
        "- The files of several makers of microscopes: read by the layout that public programs read "
        "([microscopes](microscopes.md), those marked ¹).\n"
        "- Real stacks of ceramics with a known truth in 3-D: none is public. All 3-D scores are of phantoms.\n"
        "- Intervals for the error of a segmentation on real stacks.",
    )


def _section(title: str, *parts: str) -> str:
    return "\n\n".join([f"## {title}", *parts])


def _interval(bounds: Any, digits: int = 3) -> str:
    return f"{bounds[0]:.{digits}f} to {bounds[1]:.{digits}f}"
