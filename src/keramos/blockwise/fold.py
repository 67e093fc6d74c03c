"""Measure the blocks of a plan in threads and merge what they give."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from keramos.errors import SettingsError
from keramos.progress import Progress, silent
from keramos.tiling import Block, Plan

T = TypeVar("T")


def fold_blocks(
    plan: Plan, measure: Callable[[Block], T], merge: Callable[[T, T], T], *, workers: int = 1,
    progress: Progress = silent,
) -> T:  # fmt: skip
    """`measure` of every block, merged in the order of the blocks; at most one more block than workers is held.

    Raises:
        SettingsError: fewer than one worker.
    """
    if workers < 1:
        raise SettingsError(f"expected at least one worker, found {workers}")
    parts = _in_order(plan, measure, workers)
    whole = next(parts)
    for done, part in enumerate(parts, 2):
        progress(done - 1, len(plan))
        whole = merge(whole, part)
    progress(len(plan), len(plan))
    return whole


def _in_order(plan: Plan, measure: Callable[[Block], T], workers: int) -> Iterator[T]:
    waiting = deque[Future[T]]()
    with ThreadPoolExecutor(workers) as pool:
        for block in plan:
            waiting.append(pool.submit(measure, block))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
