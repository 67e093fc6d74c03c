"""Labels that are inverted, speckled, mostly one nameless value, or scribbles are named; others are left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from keramos.core import VOID_SOLID, Finding, PhaseTable
from keramos.inspection import run_checks
from keramos.learning import AnnotatedSlice, AnnotatedSlices

Codes = NDArray[np.uint8]
Data = Callable[..., AnnotatedSlices]
RNG = np.random.default_rng(6)


def only(data: AnnotatedSlices, kind: str, severity: str = "warning") -> Finding:
    (finding,) = run_checks("labels", data, [])
    assert (finding.kind, finding.severity) == (kind, severity)
    return finding


def one_slice(grey: Codes, codes: Codes, phases: PhaseTable = VOID_SOLID) -> AnnotatedSlices:
    return AnnotatedSlices((AnnotatedSlice(grey, codes, "a.tif", 0),), phases, None)


def test_right_labels_have_none(annotated: Data) -> None:
    assert run_checks("labels", annotated(), []) == []


def test_inverted_labels_of_any_names(annotated: Data) -> None:
    finding = only(annotated(lambda codes: 1 - codes), "inverted-labels")
    assert "void is the bright phase" in finding.message
    share = int(finding.message.split("disagree with ")[1].split(" %")[0])
    assert share >= 90
    three = PhaseTable.from_names(["grain", "glass", "pore"])
    assert "pore is the bright phase" in only(annotated(lambda codes: codes * 2, three), "inverted-labels").message
    assert run_checks("labels", annotated(lambda codes: 1 - codes, PhaseTable.from_names(["a", "b"])), []) == []


def test_void_exchanged_with_one_of_several_phases(annotated: Data) -> None:
    def exchange(codes: Codes) -> Codes:
        changed = np.where(codes == 1, 1, 2)  # void is called glass,
        changed[(codes == 1) & (np.indices(codes.shape)[1] < 40)] = 0  # and some of the solid void
        return changed.astype(np.uint8)

    finding = only(annotated(exchange, PhaseTable.from_names(["void", "grain", "glass"])), "inverted-labels")
    assert "take glass for void" in finding.message
    assert "exchange the values of void and glass" in finding.advice


def test_images_that_show_void_bright_get_a_note(annotated: Data) -> None:
    item = annotated().slices[0]
    striped = (20 * (np.indices(item.codes.shape).sum(axis=0) // 3 % 2)).astype(np.uint8)
    grey = np.where(item.codes == 0, 150, 100 + striped).astype(np.uint8)
    kinds = [(finding.kind, finding.severity) for finding in run_checks("labels", one_slice(grey, item.codes), [])]
    assert kinds in ([("inverted-contrast", "note")], [("inverted-labels", "warning")])


def test_speckled_labels(annotated: Data) -> None:
    finding = only(annotated(lambda codes: np.where(RNG.random(codes.shape) < 0.02, 1 - codes, codes)), "noisy-labels")
    assert finding.slices == (1, 4)
    number = int(finding.message.split("speckled: ")[1].split(" ")[0].replace(",", ""))
    assert 700 < number < 1300  # of 56,320 pixels 2 % were changed; some of them touch


def test_a_nameless_value_nearly_everywhere(annotated: Data) -> None:
    table = PhaseTable.from_names(["phase-0", "phase-128", "phase-255"])

    def sparse(codes: Codes) -> Codes:
        changed = np.ones_like(codes)
        changed[60:90, 60:100] = 2 * codes[60:90, 60:100]
        return changed

    finding = only(annotated(sparse, table), "unlabelled-value")
    assert "has the value 128, which has no name, beside 2 others" in finding.message
    assert "--ignore 128" in finding.advice
    named = PhaseTable.from_names(["void", "matrix", "solid"])
    assert [finding.kind for finding in run_checks("labels", annotated(sparse, named), [])] == []


def test_a_nameless_phase_of_its_own_grey_is_left_alone(annotated: Data) -> None:
    table = PhaseTable.from_names(["phase-0", "phase-128", "phase-255"])
    two_thirds = annotated(lambda codes: np.where(np.arange(176) < 117, 1, 2 * codes).astype(np.uint8), table)
    assert "66 %" in only(two_thirds, "unlabelled-value").message
    codes = (np.arange(160)[:, None] // 20 % 4 * np.ones(176, int)).astype(np.uint8)
    codes[codes == 3] = 1
    grey = np.array([60, 110, 160])[codes] + RNG.normal(0, 8, codes.shape)
    assert run_checks("labels", one_slice(grey.astype(np.uint8), codes, table), []) == []


def test_a_slice_of_one_phase_among_others(annotated: Data) -> None:
    data = annotated()
    plain = AnnotatedSlice(data.slices[0].grey, np.ones_like(data.slices[0].codes), "stack.tif", 5)
    finding = only(AnnotatedSlices((*data.slices, plain), VOID_SOLID, None), "one-phase-slice")
    assert finding.slices == (5,)


def masks(annotated: Data, depth: int, painted: int) -> AnnotatedSlices:
    """Labels of a whole stack of which one slice is painted, and zeros are everywhere else."""
    first = annotated().slices[0]
    slices = [replace(first, z=z, codes=first.codes if z == painted else 0 * first.codes) for z in range(depth)]
    return AnnotatedSlices(tuple(slices), VOID_SOLID, None)


def test_a_stack_of_masks_of_which_one_slice_is_painted(annotated: Data) -> None:
    finding = only(masks(annotated, 41, 20), "unpainted-slices")
    assert "40 of the 41 slices" in finding.message
    assert "--slices 20 if" in finding.advice
    assert "--slices 0-40" in finding.advice
    assert finding.slices == tuple(z for z in range(41) if z != 20)
    assert only(masks(annotated, 4, 1), "one-phase-slice").slices == (0, 2, 3)


def test_scribbles_that_stay_away_from_outlines(annotated: Data) -> None:
    def scribble(codes: Codes) -> Codes:
        inside = np.ones(codes.shape, bool)
        for rows in range(-4, 5):
            for columns in range(-4, 5):
                inside &= np.roll(codes, (rows, columns), (0, 1)) == codes
        return np.where(inside & (RNG.random(codes.shape) < 0.5), codes, 255).astype(np.uint8)

    assert "only 0 % of the annotated pixels" in only(annotated(scribble), "far-from-outlines", "note").message
    part = np.full((160, 176), 255, np.uint8)

    def corner(codes: Codes) -> Codes:
        part[:80, :80] = codes[:80, :80]
        return part.copy()

    assert run_checks("labels", annotated(corner), []) == []
