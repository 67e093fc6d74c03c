"""A pitch of the slices that contradicts the structure."""

from __future__ import annotations

from keramos.core import Finding
from keramos.inspection.check import Check
from keramos.inspection.stack_survey import StackSurvey

_LEAST, _MOST = 0.6, 1.8
"""Of the length of structures along z over that in the slices, beyond which it is said."""


def find_slice_pitch(survey: StackSurvey) -> list[Finding]:
    """A note where structures are far longer or shorter along z than in the slices, by the voxel size."""
    size, curves = survey.volume.voxel_size, survey.correlations
    measured = None if curves is None or survey.has_few_values else curves.lengths()
    if size is None or measured is None:
        return []
    lengths, level = measured
    z, y, x = (voxels * edge for voxels, edge in zip(lengths, size.zyx, strict=True))
    plane = (y * x) ** 0.5
    ratio = z / plane
    if _LEAST <= ratio <= _MOST:
        return []
    return [
        Finding(
            "slice-thickness",
            f"structures are {ratio:.2g} times as long along z as in the slices (their correlation is down to "
            f"{level:.2g} over {z:.3g} nm along z, {y:.3g} nm along y, {x:.3g} nm along x)",
            "either the material is anisotropic, or the pitch of the slices is not "
            f"{size.z_nm:g} nm: for a material that is not, it would be {size.z_nm / ratio:.3g} nm; volumes are "
            "proportional to it, and surface, chords and tortuosity along z change with it",
            "compare with the milling protocol; give the right voxel size with --voxel-size",
            severity="note",
        )
    ]


SLICE_PITCH = Check("slice-pitch", "stack", find_slice_pitch)
