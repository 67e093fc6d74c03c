"""The time that a task still takes, from how fast it went lately."""

from __future__ import annotations

from collections import deque

_WINDOW_S = 60.0
_LEAST_SHARE = 0.02
"""The share of the work that must be done before it says anything of the rest."""


class TimeLeft:
    """Seconds that are left of a task, from the reports of the last minute.

    What came before the first report (opening files, a run that is resumed) says nothing of the speed, and a task that
    counts from the beginning again is estimated anew.

    Example:
        >>> left = TimeLeft()
        >>> [left.update(now, done, 100) for now, done in ((0.0, 40), (5.0, 40), (10.0, 50), (20.0, 75))]
        [None, None, 50.0, 14.285714285714286]
    """

    def __init__(self) -> None:
        self._reports: deque[tuple[float, int]] = deque()
        self._first = 0

    def update(self, now: float, done: int, total: int) -> float | None:
        """The seconds left when so much is done at a time (s, of any clock); None while there is no telling."""
        if not self._reports or done < self._reports[-1][1]:
            self._reports.clear()
            self._first = done
        self._reports.append((now, done))
        while len(self._reports) > 2 and now - self._reports[1][0] >= _WINDOW_S:
            self._reports.popleft()
        since, before = self._reports[0]
        if done <= before or done - self._first < _LEAST_SHARE * (total - self._first):
            return None
        return (now - since) * (total - done) / (done - before)
