"""Doubts about what the values of a label file mean, as findings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any

from numpy.typing import NDArray

from keramos.core import VOID_SOLID, Finding
from keramos.core.errors import FindingError
from keramos.io.display import INVERTED, Display
from keramos.io.format import LabelValue
from keramos.io.label_codes import Claim, CodeMap
from keramos.io.label_guess import looks_grey, top_of, without_mark
from keramos.io.label_scan import LabelScan, Surroundings, measure_surroundings

BACKGROUND = "background"
"""The name of the value 0 of a label image that describes others alone."""
SMALL = 32
"""Values below this are codes, not grey values."""
MANY = 8
"""More phases than this have an inside somewhere, or they are grey values."""
_LEAST_INSIDE = 0.02
"""A phase has at least this share of its voxels inside; two phases that were mixed have none inside the mixture."""
_MOSTLY = 0.7
_FEW = 6
_LEAST_PURE = 0.3


def refuse_mixed_values(
    name: str, scan: LabelScan, read: Callable[[int], NDArray[Any]], left_out: Collection[int], display: Display
) -> None:
    """Refuse values of which most only lie along the outlines between those of phases, as resizing, smoothing and JPEG
    leave them, and many values that all lie scattered, as in grey images; `read` gives the slice z.

    Raises:
        FindingError: mixtures along outlines.
        LabelError: grey values.
    """
    values = without_mark(scan.values)
    if len(values) < 3 or values[0] < 0 or (values[-1] < SMALL and len(values) <= MANY):
        return
    mark = {*scan.values} - {*values}
    around = measure_surroundings((read(z) for _, z in scan.varied), {*left_out, *mark})
    if len(values) > MANY and around and not any(how.inside >= _LEAST_INSIDE for how in around.values()):
        raise looks_grey(len(values), name)
    pure = find_pure_values(around, scan.counts)
    if pure:
        counts = {value: scan.counts[value] for value in values}
        raise FindingError(_report_mixed_values(name, pure, counts, swapped=display.swaps(pure[0], pure[-1])))


def find_pure_values(around: Mapping[int, Surroundings], counts: Mapping[int, int]) -> list[int]:
    """The values of phases, where all others are mixtures of two of them; none where that is not so.

    The values of phases have voxels inside; mixtures have next to none, and lie between a smaller and a larger value.
    """
    pure = sorted(value for value, how in around.items() if how.inside >= _LEAST_INSIDE)
    mixed = [value for value in around if value not in pure]
    total = sum(counts[value] for value in around)
    among = sum(counts[value] for value in mixed)
    between = sum(counts[value] * around[value].between for value in mixed)
    if len(pure) < 2 or not mixed or between < _MOSTLY * among or total - among < _LEAST_PURE * total:
        return []
    return pure


def _report_mixed_values(name: str, pure: Sequence[int], counts: Mapping[int, int], *, swapped: bool) -> Finding:
    mixed = [value for value in counts if value not in pure]
    number = sum(counts[value] for value in mixed)
    phases = f"{', '.join(map(str, pure[:-1]))} and {pure[-1]}"
    return Finding(
        "antialiased-labels",
        f"{name} holds {len(counts)} values, of which {len(mixed)} ({number:,} voxels) lie only along the outlines "
        f"between {phases}",
        "they are mixtures of two phases, as resizing, smoothing, or JPEG leaves them, and would be learnt as phases",
        "export the labels again without any of these (nearest neighbour; PNG or TIFF), or say --phases "
        f"{ranges_between(pure, top_of(max(counts)), swapped=swapped)}{_as_they_are(sorted(counts))}",
        "fatal",
    )


def _as_they_are(values: Sequence[int]) -> str:
    """The option by which a few values are phases after all, such as a coating one pixel thin."""
    if len(values) > _FEW:
        return ""
    return f", or, if all are phases, --phases {','.join(f'phase-{value}={value}' for value in values)}"


def ranges_between(values: Sequence[int], top: int, *, swapped: bool = False) -> str:
    """Ranges that meet halfway between the values of phases, as `--phases` takes them.

    Example:
        >>> ranges_between([0, 255], 255)
        'void=0-127,solid=128-255'
        >>> ranges_between([0, 255], 255, swapped=True)
        'void=128-255,solid=0-127'
    """
    ends = [(a + b) // 2 for a, b in pairwise(values)]
    ranges = [f"{low}-{high}" for low, high in zip([0, *(end + 1 for end in ends)], [*ends, top], strict=True)]
    if len(values) != 2:
        return ",".join(f"phase-{value}={text}" for value, text in zip(values, ranges, strict=True))
    void, solid = reversed(ranges) if swapped else ranges
    return f"void={void},solid={solid}"


def find_doubts(name: str, scan: LabelScan, codes: CodeMap) -> list[Finding]:
    """Doubts about codes that were guessed from the values: what is taken as shown, and 0 that may mean unlabelled."""
    doubts = _doubt_zero(name, scan, codes)
    both = {claim.code for claim in codes.claims} >= {0, 1}  # unless one of the values is to be ignored
    if both and codes.phases.names == VOID_SOLID.names and _first_of(codes, "solid").low < _first_of(codes, "void").low:
        return [_report_display(name, codes), *doubts]
    return doubts


def _first_of(codes: CodeMap, phase: str) -> Claim:
    """The claim with the smallest values of a phase."""
    return next(claim for claim in codes.claims if claim.code == codes.phases.code(phase))


def _report_display(name: str, codes: CodeMap) -> Finding:
    void, solid = (_text(_first_of(codes, phase)) for phase in VOID_SOLID.names)
    return Finding(
        INVERTED,
        f"{name} shows small values white and large ones black (an inverted lookup table, or WhiteIsZero)",
        f"void and solid are read as shown: {solid}, shown white, is solid, {void}, shown black, is void",
        f"if it is the other way round, say --phases void={solid},solid={void}",
    )


def find_shown_otherwise(name: str, codes: CodeMap, display: Display) -> list[Finding]:
    """A note where void is shown white and solid black, the phases being those that somebody said."""
    if not {*VOID_SOLID.names} <= {*codes.phases.names}:
        return []
    void, solid = (_first_of(codes, phase) for phase in VOID_SOLID.names)
    if void.low >= solid.low or not display.swaps(void.low, solid.high):
        return []
    return [
        Finding(
            INVERTED,
            f"{name} shows {_text(void)} white and {_text(solid)} black (an inverted lookup table, or WhiteIsZero)",
            "void and solid are read as --phases says, the other way round than they are shown",
            f"if they are meant as shown, say --phases void={_text(solid)},solid={_text(void)}",
            "note",
        )
    ]


def _doubt_zero(name: str, scan: LabelScan, codes: CodeMap) -> list[Finding]:
    """The finding that 0 beside two or more small codes may be where nobody annotated; a file that marks such places
    with 255 has no such doubt."""
    values = without_mark(scan.values)
    if values != scan.values or len(values) < 3 or values[0] != 0 or values[-1] >= SMALL or len(codes.phases) < 3:
        return []
    others, number = values[1:], scan.counts[0]
    share = number / scan.counts.total()
    named = f"void={others[0]},solid={others[1]}" if len(others) == 2 else f"NAME={others[0]},..."
    listed = ", ".join(map(str, others[:5])) + (", ..." if len(others) > 5 else "")
    return [
        Finding(
            "unlabelled-value",
            f"the value 0 ({number:,} voxels, {100 * share:.1f} %) stands beside {listed} in {name}",
            "it is read as a phase of its own, phase-0, but ilastik, napari and Labkit write 0 where nobody annotated",
            f"if 0 means not annotated, say --ignore 0, and --phases {named} to name the others",
            "warning" if share >= 0.5 or scan.alone[0] else "note",
        )
    ]


def doubt_background(name: str, phases: Sequence[str], described: Sequence[LabelValue]) -> list[Finding]:
    """The note that 0 beside two or more values which a label image describes may be where nobody annotated."""
    if len(phases) < 3 or phases[0] != BACKGROUND or any(row.value == 0 and row.name for row in described):
        return []
    return [
        Finding(
            "unlabelled-value",
            f"{name} does not name the value 0, which stands beside {', '.join(phases[1:6])}",
            f"it is read as a phase of its own, {BACKGROUND}, but many write 0 where nobody annotated",
            "if 0 means not annotated, say --ignore 0",
            "note",
        )
    ]


def _text(claim: Claim) -> str:
    return str(claim.low) if claim.low == claim.high else f"{claim.low}-{claim.high}"
