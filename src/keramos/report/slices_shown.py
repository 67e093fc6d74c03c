"""Which slices the report shows."""

from __future__ import annotations

from keramos.report.content import ReportContent


def slices_shown(content: ReportContent) -> tuple[int, ...]:
    """First the slice farthest from any annotated one, where errors have had most room to grow, then the middle.

    Slices that can be scored go before those that cannot, and slices nobody annotated for training before those
    somebody did. Without annotated slices, a quarter of the way in and the middle.
    """
    depth = content.volume.shape[0]
    middle = depth // 2
    scored = scored_slices(content)
    annotated = [z for z in content.annotated_slices if 0 <= z < depth]
    choices = [z for z in scored if z not in annotated] or [z for z in range(depth) if z not in annotated]
    if not annotated:
        far = min(choices, key=lambda z: abs(z - depth // 4))
    elif choices:
        far = max(choices, key=lambda z: distance_to(z, annotated))
    else:
        far = middle
    return (far,) if far == middle else (far, middle)


def scored_slices(content: ReportContent) -> list[int]:
    """The slices in which some method has scored voxels."""
    rows = [row for m in content.methods if m.evaluation is not None for row in m.evaluation.per_slice]
    return sorted({row.z for row in rows if row.annotated_voxels and row.z < content.volume.shape[0]})


def distance_to(z: int, annotated: list[int]) -> int:
    """Slices to the nearest annotated one."""
    return min(abs(z - a) for a in annotated)
