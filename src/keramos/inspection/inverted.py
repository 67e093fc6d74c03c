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
from keramos.inspection.outlines import pick_some_slices, smooth_slice
from keramos.learning import AnnotatedSlices
from keramos.segmenters import decide, load_segmenter
from keramos.settings.bundled import POROUS_SOLID

VOIDS = frozenset({"void", "voids", "pore", "pores", "porosity", "hole", "holes", "air", "gas", "empty"})
"""Names of a phase that is void."""
_BRIGHTER = 0.75
"""The share of pairs of a void and a solid pixel in which void is brighter, from which void counts as bright. On slices
of porous solids, real and simulated, it is 0.13 at most."""
_ALIKE, _UNLIKE = 0.5, 0.2
"""The correlation of what the bundled weights call void with a phase above which it looks like void to them, and below
which it does not. For void of porous solids, real and simulated, it is above 0.7; for any phase of micrographs of other
materials below 0.3."""
_EDGE = 512
_FEWEST = 200
_SAMPLE = 4096


def check_brightness(data: AnnotatedSlices, volumes: Sequence[Volume]) -> list[Finding]:  # noqa: ARG001
    """A finding where a phase is darker than the one that is called void: a warning where the bundled weights take that
    phase for void, and not the one that is called so; else a note, if all others are darker."""
    names = data.phases.names
    void = next((code for code, name in enumerate(names) if name.lower() in VOIDS), None)
    if void is None:
        return []
    greys = _grey_values(data)
    darker = [code for code in range(len(names)) if code != void and _is_darker(greys[code], greys[void])]
    if not darker:
        return []
    seen, codes = _segment_some(data, void)
    match = {code: _correlation(seen, codes == code) for code in (void, *darker)}
    dark = max(darker, key=lambda code: match[code])
    means = f"mean grey value {greys[void].mean():.4g}, that of {names[dark]} {greys[dark].mean():.4g}"
    if match[dark] > _ALIKE and match[void] < _UNLIKE:
        return [_report_inverted(names[void], names[dark], means, float(np.mean(seen != (codes == void))))]
    return [_report_bright_void(names[void], means)] if len(darker) == len(names) - 1 else []


def _grey_values(data: AnnotatedSlices) -> list[NDArray[np.float32]]:
    """Smoothed grey values of each phase on a few slices."""
    items = [data.slices[index] for index in pick_some_slices(data)]
    greys = [smooth_slice(item.grey) for item in items]
    return [
        np.concatenate([grey[item.codes == code] for grey, item in zip(greys, items, strict=True)])
        for code in range(len(data.phases))
    ]


def _is_darker(one: NDArray[np.float32], void: NDArray[np.float32]) -> bool:
    return min(len(one), len(void)) >= _FEWEST and _share_brighter(void, one) >= _BRIGHTER


def _share_brighter(void: NDArray[np.float32], solid: NDArray[np.float32]) -> float:
    """The share of pairs of a void and a solid pixel in which the void's is brighter."""
    some, others = (np.sort(values[:: max(1, len(values) // _SAMPLE)]) for values in (void, solid))
    return float(np.searchsorted(others, some).mean() / len(others))


def _segment_some(data: AnnotatedSlices, code: int) -> tuple[NDArray[np.bool_], NDArray[np.uint8]]:
    """The annotated pixels in the middle of a slice: whether the bundled weights call them void, and their codes."""
    item = max(data.slices, key=lambda one: _smaller_part(one.codes, code))
    window = tuple(slice(max((n - _EDGE) // 2, 0), max((n - _EDGE) // 2, 0) + min(n, _EDGE)) for n in item.codes.shape)
    codes, volume = item.codes[window], Volume.from_array(item.grey[window][None])
    whole = Box.whole(volume.shape)
    weights = load_segmenter(POROUS_SOLID, volume)
    segmenter = weights.fit_to(volume, lambda *_: None)
    decided = decide(segmenter.scores(volume.read(), Block(0, whole, whole)))[0]
    annotated = codes != NOT_ANNOTATED
    return (decided == weights.phases.code("void"))[annotated], codes[annotated]


def _smaller_part(codes: NDArray[np.uint8], code: int) -> int:
    """The number of pixels of the phase, or of all others, whichever are fewer."""
    void = int(np.count_nonzero(codes == code))
    return min(void, int(np.count_nonzero(codes != NOT_ANNOTATED)) - void)


def _correlation(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """The correlation of two masks (Matthews); 0 where one is all the same."""
    if len(one) == 0 or one.all() or other.all() or not one.any() or not other.any():
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _report_inverted(void: str, dark: str, means: str, differing: float) -> Finding:
    return Finding(
        "inverted-labels",
        f"the labels are probably inverted: {void} is the bright phase ({means}), and the bundled weights "
        f"{POROUS_SOLID} take {dark} for void: they disagree with {percent(differing)} of the annotated voxels",
        f"the segmentation will call solid what is {void}, and every number of one phase will be the other's",
        f"exchange the values of {void} and {dark} in --phases; if the images show {void} bright, all is well",
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
