"""Do labels lie where their slice shows outlines? If not: are they shifted, turned, mirrored, or of another slice?"""

from __future__ import annotations

from collections.abc import Sequence

from keramos.core import Finding, Volume, name_slices
from keramos.inspection.check import Check
from keramos.inspection.outlines import pick_some_slices
from keramos.inspection.shift import REACH, LabelShift, find_label_shift
from keramos.inspection.slice_fit import OtherSlice, find_other_slice
from keramos.inspection.turned import AS_THEY_ARE, Turn, find_turn
from keramos.io import source_fingerprint
from keramos.learning import AnnotatedSlice, AnnotatedSlices


def check_placing(data: AnnotatedSlices, volumes: Sequence[Volume]) -> list[Finding]:
    """Findings about labels that fit another place or another slice better than their own. Of many annotated slices
    a few are looked at."""
    turns: list[tuple[int, Turn]] = []
    others: list[OtherSlice] = []
    for item in (data.slices[index] for index in pick_some_slices(data)):
        turn, other = find_turn(item, len(data.phases)), _find_other(item, volumes, len(data.phases))
        if other is not None and (turn is None or other.jump_there >= turn.jump_there):
            others.append(other)
        elif turn is not None:
            turns.append((item.z, turn))
    shift = find_label_shift(data)
    if shift is not None and not _explains_more([*others, *(turn for _, turn in turns if not _is_near(turn))], shift):
        return [_report_shift(shift)]
    return [*_report_turns(turns), *([_report_other_slices(others)] if others else [])]


def _find_other(item: AnnotatedSlice, volumes: Sequence[Volume], phases: int) -> OtherSlice | None:
    for volume in volumes:
        if volume.name == item.image and source_fingerprint(volume) == item.source:
            return find_other_slice(item, volume, phases)
    return None


def _is_near(turn: Turn) -> bool:
    """Whether labels are shifted by no more than a few pixels."""
    return turn.orientation == AS_THEY_ARE and max(abs(turn.rows), abs(turn.columns)) <= REACH


def _explains_more(others: Sequence[Turn | OtherSlice], shift: LabelShift) -> bool:
    """Whether labels gain more elsewhere than by a small shift."""
    gains = [other.jump_there / max(other.jump_here, 1e-9) for other in others]
    return any(gain > shift.jump_there / max(shift.jump_here, 1e-9) for gain in gains)


def _report_shift(shift: LabelShift) -> Finding:
    return Finding(
        "misplaced-labels",
        "the labels are probably shifted against the image (moved "
        f"{'at least ' if shift.at_least else ''}{_describe_moves(shift.rows, shift.columns)} they "
        f"fit better, grey values jump by {shift.jump_there:.3g} across their outlines there, by "
        f"{shift.jump_here:.3g} where they are)",
        "every outline of the segmentation will be shifted alike",
        "see how they were exported or registered",
    )


def _report_turns(turns: Sequence[tuple[int, Turn]]) -> list[Finding]:
    """A finding for each way in which labels must be turned, with the slices that it is about."""
    findings = []
    for orientation, rows, columns in dict.fromkeys((t.orientation, t.rows, t.columns) for _, t in turns):
        alike = [(z, t) for z, t in turns if (t.orientation, t.rows, t.columns) == (orientation, rows, columns)]
        slices, first = tuple(z for z, _ in alike), alike[0][1]
        moves = _describe_moves(rows, columns)
        moved = f"moved {moves}" if moves else ""
        done = moved if orientation == AS_THEY_ARE else " and ".join(filter(None, (orientation, moved)))
        findings.append(
            Finding(
                "misplaced-labels",
                f"the labels of {name_slices(slices)} do not fit the image where they lie; {done} they do (grey values "
                f"jump by {first.jump_there:.2f} of their standard deviation across their outlines there, by "
                f"{first.jump_here:.2f} where they are)",
                "what is learnt from them means nothing",
                "turn or move them back, or export them again with the rows, columns and origin of the stack",
                slices=slices,
            )
        )
    return findings


def _report_other_slices(others: Sequence[OtherSlice]) -> Finding:
    slices, better = tuple(other.z for other in others), tuple(other.fits for other in others)
    near = max(abs(other.fits - other.z) for other in others) <= 2
    best = min(others, key=lambda other: other.better / other.places)
    counted = " (are they counted from 1?)" if {other.fits - other.z for other in others} == {-1} else ""
    return Finding(
        "other-slice",
        f"the labels of {name_slices(slices)} fit {name_slices(better)} better{counted}: in {best.better} of "
        f"{best.places} places the grey values jump more across their outlines there (by "
        f"{best.jump_there:.2f} of their standard deviation, by {best.jump_here:.2f} where they are)",
        "outlines are learnt a little beside where the image shows them"
        if near
        else "what is learnt from them means nothing",
        f"see which slice was annotated, counted from 0: probably --slices {' '.join(map(str, better))}",
        slices=slices,
    )


def _describe_moves(rows: int, columns: int) -> str:
    moves = [_describe_move(rows, "down", "up"), _describe_move(columns, "to the right", "to the left")]
    return " and ".join(move for move in moves if move)


def _describe_move(pixels: int, positive: str, negative: str) -> str:
    number = abs(pixels)
    return f"{number} pixel{'s' if number > 1 else ''} {positive if pixels > 0 else negative}" if number else ""


PLACING = Check("placing of labels", "labels", check_placing)
