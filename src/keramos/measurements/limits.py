"""Findings about a volume that is too thin, too small or too uniform to tell something of its material."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from keramos.core import Finding
from keramos.measurements.results import AXES, Measurements
from keramos.measurements.spec import QuantitySpec
from keramos.measurements.volume import MeasuredVolume

_FEW = 3.0
"""Mean intercept lengths along an axis below which a volume counts as thin there."""


def report_limits(
    volume: MeasuredVolume, results: Measurements, specs: Mapping[str, QuantitySpec]
) -> tuple[Finding, ...]:
    """Findings about what these results of a volume do not say of its material; `specs` by the ids of quantities."""
    fractions = {row.phase: row.quantity.value for row in results.quantities if row.id == "phase-fraction"}
    findings = [*_report_uniform(fractions), *_report_thin(volume, results)]
    varying = [row for row in results.quantities if fractions.get(row.phase) not in (0.0, 1.0)]
    missing = [
        row
        for row in varying
        if row.id in specs and specs[row.id].has_interval and row.quantity.interval is None and row.quantity.value
    ]
    if missing:
        names = ", ".join(dict.fromkeys(row.name for row in missing))
        phases = _join(dict.fromkeys(row.phase for row in missing if row.phase))
        findings.append(
            Finding(
                "no-interval",
                f"there is no interval for {names}" + (f" of {phases}" if phases else ""),
                "the volume holds too few independent regions to tell how far its values are from the material's",
                "measure a larger volume",
                "note",
            )
        )
    return tuple(findings)


def _report_uniform(fractions: Mapping[str, float]) -> list[Finding]:
    """About phases that are everywhere or nowhere."""
    everywhere = [phase for phase, fraction in fractions.items() if fraction == 1]
    if everywhere:
        return [
            Finding(
                "one-phase",
                f"every annotated voxel is {everywhere[0]}",
                "the volume cannot tell how the phase fraction varies: it has no interval and no representative volume",
                "look at the labels if there should be another phase",
            )
        ]
    nowhere = [phase for phase, fraction in fractions.items() if fraction == 0]
    if not nowhere:
        return []
    effect = "its fraction is 0 here, without an interval; the material may hold some"
    return [Finding("absent-phase", f"no annotated voxel is {_join(nowhere, 'or')}", effect, severity="note")]


def _report_thin(volume: MeasuredVolume, results: Measurements) -> list[Finding]:
    """About axes along which the volume holds only few structures; a single slice has methods of its own."""
    intercepts = [row for row in results.quantities if row.id == "mean-intercept-length"]
    thin: dict[str, tuple[float, str]] = {}
    for axis, name in enumerate(AXES):
        across = [row for row in intercepts if row.axis != name]
        if volume.shape[axis] == 1 or not across:
            continue
        longest = max(across, key=lambda row: row.quantity.value)
        nm = volume.shape[axis] * volume.voxel_size.zyx[axis]
        times = nm / longest.quantity.value
        if times < _FEW:
            where = (
                f"{volume.shape[axis]} voxels ({nm:.4g} nm) along {name}, {times:.2g} times the mean intercept length"
            )
            thin[name] = times, f"{where} of {longest.phase} along {longest.axis}"
    if not thin:
        return []
    axes = _join(thin)
    return [
        Finding(
            "thin-volume",
            f"the volume is only {' and '.join(text for _, text in thin.values())}",
            f"percolation, tortuosity and sizes along {axes} are those of this piece, not of the material",
            f"measure a volume that is longer along {axes}",
            "warning" if min(times for times, _ in thin.values()) < 1 else "note",
        )
    ]


def _join(names: Iterable[str], last: str = "and") -> str:
    *first, end = [*names] or [""]
    return f"{', '.join(first)} {last} {end}" if first else end
