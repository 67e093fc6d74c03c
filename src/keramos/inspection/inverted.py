"""Are void and solid exchanged?

In FIB-SEM of porous solids void is the darker phase, and the bundled weights know it by sight.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import NOT_ANNOTATED, Box, Finding, Volume
from keramos.inspection.amounts import percent
from keramos.inspection.check import Check
from keramos.inspection.outlines import choose_slices, smooth_slice
from keramos.learning import AnnotatedSlices
from keramos.segmenters import decide, load_segmenter

VOIDS = frozenset({"void", "voids", "pore", "pores", "porosity", "hole", "holes", "air", "gas", "empty"})
"""Names of a phase that is void."""
_BRIGHTER = 0.75
"""The share of pairs of a void and a solid pixel in which void is brighter, from which void counts as bright. On slices
of porous solids, real and simulated, it is 0.13 at most."""
_OPPOSITE = -0.5
"""The correlation of what the bundled weights call void with the labels, below which they say the opposite. On right
labels of porous solids, real and simulated, it is above 0.7; on micrographs of other materials above -0.3."""
_WEIGHTS = "porous-solid"
_EDGE = 512
_FEWEST = 200
_SAMPLE = 4096


def check_brightness(data: AnnotatedSlices, volumes: Sequence[Volume]) -> list[Finding]:  # noqa: ARG001
    """A finding where the phase that is called void is the bright one: a warning where the bundled weights say the
    opposite of the labels, else a note."""
    code = next((code for code, name in enumerate(data.phases.names) if name.lower() in VOIDS), None)
    if code is None:
        return []
    void, solid = _grey_values(data, code)
    if min(len(void), len(solid)) < _FEWEST or _share_brighter(void, solid) < _BRIGHTER:
        return []
    seen, labelled = _segment_some(data, code)
    means = f"mean grey value {void.mean():.4g} against {solid.mean():.4g}"
    if _correlation(seen, labelled) > _OPPOSITE:
        return [_report_bright_void(data.phases.names[code], means)]
    return [_report_inverted(data.phases.names[code], means, float(np.mean(seen != labelled)))]


def _grey_values(data: AnnotatedSlices, code: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Smoothed grey values of the phase, and of all others, on a few slices."""
    void, solid = [], []
    for item in (data.slices[index] for index in choose_slices(data)):
        grey = smooth_slice(item.grey)
        void.append(grey[item.codes == code])
        solid.append(grey[(item.codes != code) & (item.codes != NOT_ANNOTATED)])
    return np.concatenate(void), np.concatenate(solid)


def _share_brighter(void: NDArray[np.float32], solid: NDArray[np.float32]) -> float:
    """The share of pairs of a void and a solid pixel in which the void's is brighter."""
    some, others = (np.sort(values[:: max(1, len(values) // _SAMPLE)]) for values in (void, solid))
    return float(np.searchsorted(others, some).mean() / len(others))


def _segment_some(data: AnnotatedSlices, code: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Masks of the annotated pixels in the middle of a slice that the bundled weights, and the labels, call void."""
    item = max(data.slices, key=lambda one: _smaller_part(one.codes, code))
    window = tuple(slice(max((n - _EDGE) // 2, 0), max((n - _EDGE) // 2, 0) + min(n, _EDGE)) for n in item.codes.shape)
    codes, volume = item.codes[window], Volume.from_array(item.grey[window][None])
    whole = Box.whole(volume.shape)
    weights = load_segmenter(_WEIGHTS, volume)
    segmenter = weights.fit_to(volume, lambda *_: None)
    decided = decide(segmenter.scores(volume.read(), Block(0, whole, whole)))[0]
    annotated = codes != NOT_ANNOTATED
    return (decided == weights.phases.code("void"))[annotated], (codes == code)[annotated]


def _smaller_part(codes: NDArray[np.uint8], code: int) -> int:
    """The number of pixels of the phase, or of all others, whichever are fewer."""
    void = int(np.count_nonzero(codes == code))
    return min(void, int(np.count_nonzero(codes != NOT_ANNOTATED)) - void)


def _correlation(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """The correlation of two masks (Matthews); 0 where one is all the same."""
    if len(one) == 0 or one.all() or other.all() or not one.any() or not other.any():
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _report_inverted(void: str, means: str, differing: float) -> Finding:
    return Finding(
        "inverted-labels",
        f"the labels are probably inverted: {void} is the bright phase ({means}), and the bundled weights "
        f"{_WEIGHTS} disagree with {percent(differing)} of the annotated voxels",
        f"the segmentation will call solid what is {void}, and every number of one phase will be the other's",
        f"exchange the values of {void} and the other phase in --phases; if the images show {void} bright, all is well",
    )


def _report_bright_void(void: str, means: str) -> Finding:
    return Finding(
        "inverted-contrast",
        f"{void} is the bright phase ({means})",
        "most detectors show it dark; if this one does not, all is well",
        f"else exchange the values of {void} and the other phase in --phases",
        "note",
    )


BRIGHTNESS = Check("brightness of void", "labels", check_brightness)
