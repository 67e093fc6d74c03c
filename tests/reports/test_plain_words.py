"""Numbers as a reader wants them; the space before a unit does not break."""

from __future__ import annotations

import pytest

from keramos.reports.plain_words import count, duration, interval, join_words, length, percent, points, ranges, score


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (1e-5, "< 0.1 s"),
        (0.41234, "0.4 s"),
        (9.96, "10 s"),
        (101.98, "102 s"),
        (119.6, "2 min"),
        (5000, "83 min"),
        (7260, "2 h 1 min"),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("nm", "text"), [(0.5, "0.5 nm"), (999.4, "999 nm"), (999.6, "1 µm"), (7987.2, "7.99 µm"), (1.234e6, "1.23 mm")]
)
def test_lengths(nm: float, text: str) -> None:
    assert length(nm) == text.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1 slice"),
        (0, "0 slices"),
        (999_999, "999,999 slices"),
        (14_155_776, "14.2 million slices"),
        (999_600_000, "1 billion slices"),
        (8_000_000_000, "8 billion slices"),
    ],
)
def test_counts(number: int, text: str) -> None:
    assert count(number, "slice").replace("\u00a0", " ") == text


def test_fractions() -> None:
    assert [score(None), score(0.9446), score(1)] == ["–", "0.945", "1.000"]
    assert [percent(None), percent(0.76949)] == ["–", "76.9\u00a0%"]
    nearly = [percent(share) for share in (1, 0.9997, 0.0002, 0)]
    assert nearly == ["100.0\u00a0%", ">\u00a099.9\u00a0%", "<\u00a00.1\u00a0%", "0.0\u00a0%"]
    assert [points(-0.0304), points(0.0651)] == ["−3.0\u00a0points", "+6.5\u00a0points"]
    assert [interval(None), interval((0.9, 0.95)), interval((0.9, 0.95), " to ")] == [
        "",
        "0.900–0.950",
        "0.900 to 0.950",
    ]


def test_words_and_runs_are_listed() -> None:
    assert [join_words(["a"]), join_words(["a", "b"]), join_words(["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
    assert ranges([9, 3, 7, 8, 8]) == "3, 7–9"
