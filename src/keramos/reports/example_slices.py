"""The slices that the report shows as still pictures."""

from __future__ import annotations

from keramos.reports.content import ReportContent


def example_slices(content: ReportContent) -> tuple[int, ...]:
    """The slice farthest from any annotated one, where errors have had most room to grow, then the one nearest the
    middle; without annotated slices, one a quarter of the way in and one in the middle.

    Only slices that can be scored and nobody annotated for training, if there are any; else any that nobody
    annotated; else any.
    """
    depth = content.volume.shape[0]
    annotated = [z for z in content.annotated_slices if 0 <= z < depth]
    fresh = [z for z in range(depth) if z not in annotated]
    choices = [z for z in list_scored_slices(content) if z not in annotated] or fresh or list(range(depth))
    if annotated:
        first = max(choices, key=lambda z: distance_to(z, annotated))
    else:
        first = min(choices, key=lambda z: abs(z - depth // 4))
    others = [z for z in choices if z != first]
    return (first, min(others, key=lambda z: abs(z - depth // 2))) if others else (first,)


def list_scored_slices(content: ReportContent) -> list[int]:
    """The slices in which some method has scored voxels."""
    rows = [row for m in content.methods if m.evaluation is not None for row in m.evaluation.per_slice]
    return sorted({row.z for row in rows if row.annotated_voxels and row.z < content.volume.shape[0]})


def distance_to(z: int, annotated: list[int]) -> int:
    """Slices to the nearest annotated one."""
    return min(abs(z - a) for a in annotated)
