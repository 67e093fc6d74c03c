"""The meaning of a label file's values where nobody states it: each limit of the heuristic from both sides."""

from __future__ import annotations

import pytest

from keramos.core.errors import LabelError
from keramos.io.label_guess import MAX_PHASES, guess_codes


def names_of(values: list[int]) -> tuple[str, ...]:
    return guess_codes(sorted(values), where="a.tif").phases.names


@pytest.mark.parametrize(
    ("others", "is_ignored"),
    [
        ([0, 31], True),  # few codes are small below 32 ...
        ([0, 32], False),
        ([0, 63], False),
        ([1, 2, 3, 4, 5, 6, 7, 31], True),
        ([1, 2, 3, 4, 5, 6, 7, 32], False),
        ([*range(9), 35], True),  # ... and many codes below four times their number
        ([*range(9), 39], True),
        ([*range(9), 40], False),
        ([*range(19), 79], True),
        ([*range(19), 80], False),
    ],
)
def test_255_is_not_annotated_beside_small_codes_only(others: list[int], is_ignored: bool) -> None:
    codes = guess_codes([*others, 255], where="a.tif")
    assert codes.marks_255 == is_ignored
    expected = [f"phase-{value}" for value in ([*others] if is_ignored else [*others, 255])]
    assert list(codes.phases.names) == expected


@pytest.mark.parametrize(("values", "is_binary"), [([3, 252], True), ([4, 252], False), ([3, 251], False)])
def test_binary_within_three_values_of_the_ends(values: list[int], is_binary: bool) -> None:
    assert names_of(values) == (("void", "solid") if is_binary else tuple(f"phase-{value}" for value in values))


def test_the_most_phases() -> None:
    assert len(names_of(list(range(MAX_PHASES)))) == MAX_PHASES == 64
    with pytest.raises(LabelError, match="found 65 or more, which look like grey values"):
        names_of(list(range(MAX_PHASES + 1)))
