"""Measure the blocks of a plan in threads and merge what they give."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from keramos.blocks.kept_fold import KeptFold
from keramos.blocks.plan import Block, Plan
from keramos.core.errors import SettingsError
from keramos.core.progress import Progress, silent

T = TypeVar("T")


def fold_blocks(
    plan: Plan,
    measure: Callable[[Block], T],
    merge: Callable[[T, T], T],
    *,
    workers: int = 1,
    progress: Progress = silent,
    kept: KeptFold | None = None,
) -> T:
    """`measure` of every block, merged in the order of the blocks; at most one more block than workers is held.

    With `kept`, an earlier fold that was killed is gone on with; what it keeps is left for the caller to forget.

    Raises:
        SettingsError: fewer than one worker.
    """
    if workers < 1:
        raise SettingsError(f"expected at least one worker, found {workers}")
    whole: T | None
    first, whole = (kept.taken_up() if kept else None) or (0, None)
    for done, part in enumerate(_in_order(plan, measure, workers, first), first + 1):
        whole = part if whole is None else merge(whole, part)
        progress(done, len(plan))
        if kept is not None:
            kept.keep(done, whole)
    if whole is None:
        raise AssertionError("a plan has at least one block")
    return whole


def _in_order(plan: Plan, measure: Callable[[Block], T], workers: int, first: int) -> Iterator[T]:
    waiting = deque[Future[T]]()
    with ThreadPoolExecutor(workers) as pool:
        for block in islice(plan, first, None):
            waiting.append(pool.submit(measure, block))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
