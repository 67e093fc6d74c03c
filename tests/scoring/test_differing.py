"""Windows where methods differ are found where they were put."""

from __future__ import annotations

import numpy as np

from keramos.scoring.differing import find_differing_windows

TRUTH = np.zeros((200, 240), np.uint8)


def spoilt(*places: tuple[int, int], size: int = 24) -> np.ndarray:
    labels = TRUTH.copy()
    for row, column in places:
        labels[row : row + size, column : column + size] = 1
    return labels


def test_windows_lie_where_the_worse_fail_and_the_better_do_not() -> None:
    bad, good = spoilt((40, 60), (140, 160), (20, 200)), spoilt((140, 160))
    found = find_differing_windows([bad, good], TRUTH, better=[1], worse=[0], edge=40, count=5)
    assert len(found) == 2
    for window, (row, column) in zip(sorted(found, key=lambda w: w.column), [(40, 60), (20, 200)], strict=True):
        assert window.row <= row
        assert window.row + 40 >= row + 24
        assert window.column <= column
        assert window.column + 40 >= column + 24
        assert window.errors == (24 * 24 / 1600, 0.0)


def test_where_all_fail_is_found_without_better_ones_and_apart_from_others() -> None:
    bad, good = spoilt((40, 60), (140, 160)), spoilt((140, 160))
    first = find_differing_windows([bad, good], TRUTH, better=[1], worse=[0], edge=40, count=1)
    failed = find_differing_windows([bad, good], TRUTH, better=[], worse=[1], edge=40, count=3, apart=first)
    assert len(failed) == 1
    assert failed[0].row <= 140 <= failed[0].row + 16


def test_no_difference_no_window_and_255_counts_for_nothing() -> None:
    assert find_differing_windows([TRUTH, TRUTH], TRUTH, better=[1], worse=[0], edge=40, count=3) == []
    hidden = TRUTH.copy()
    hidden[:] = 255
    assert find_differing_windows([spoilt((40, 60))], hidden, better=[], worse=[0], edge=40, count=3) == []
    small = TRUTH[:30, :30]
    assert find_differing_windows([spoilt((2, 2))[:30, :30]], small, better=[], worse=[0], edge=40, count=3) == []
