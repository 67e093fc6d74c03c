"""A voxel size that is not known, or one that hardly any FIB-SEM stack has."""

from __future__ import annotations

from keramos.core import Finding
from keramos.inspection.check import Check
from keramos.inspection.stack_survey import StackSurvey

_LEAST_NM, _MOST_NM = 1.0, 200.0


def find_voxel_size(survey: StackSurvey) -> list[Finding]:
    """A note where the voxel size is unknown, or beyond the usual, unless the file has a doubt about it already."""
    size = survey.volume.voxel_size
    if any(one.kind == "voxel-size" for one in survey.volume.findings):
        return []
    if size is None:
        said = "the voxel size is not known"
        effect = "nothing can be measured in nm, and whether the pitch of the slices suits the structure cannot be seen"
        advice = "give it (--voxel-size Z Y X, in nm)"
    elif min(size.zyx) < _LEAST_NM or max(size.zyx) > _MOST_NM:
        said = f"a voxel size of {size} is beyond the {_LEAST_NM:g} to {_MOST_NM:g} nm of most FIB-SEM stacks"
        effect = "all lengths, surfaces and volumes follow from it"
        advice = "compare with the scale bar; the order is Z Y X, the unit nm (--voxel-size)"
    else:
        return []
    return [Finding("voxel-size", said, effect, advice, severity="note")]


VOXEL_SIZE = Check("voxel-size", "stack", find_voxel_size)
