"""Measure the blocks of a plan in threads and merge what they give."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar, cast

from keramos.blocks.fold_checkpoint import FoldCheckpoint
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
    checkpoint: FoldCheckpoint | None = None,
) -> T:
    """Measure every block and merge the values in the order of the blocks; at most one more than workers is held.

    With a `checkpoint`, an earlier fold that was killed is resumed; the caller deletes it when its result is saved.

    Raises:
        SettingsError: fewer than one worker.
    """
    if workers < 1:
        raise SettingsError(f"expected at least one worker, found {workers}")
    first, whole = (checkpoint.load(plan) if checkpoint else None) or (0, None)
    for done, part in enumerate(measure_in_order(plan, measure, workers=workers, first=first), first + 1):
        whole = part if whole is None else merge(whole, part)
        progress(done, len(plan))
        if checkpoint is not None:
            checkpoint.save(done, whole)
    return cast(T, whole)  # a plan has at least one block


def measure_in_order(plan: Plan, measure: Callable[[Block], T], *, workers: int = 1, first: int = 0) -> Iterator[T]:
    """The values of the blocks from the `first` on, measured in threads, in the order of the blocks; at most one more
    than workers is held.

    Example:
        >>> list(measure_in_order(Plan((2, 3, 4), (1, 3, 4)), lambda block: block.core.voxels, workers=2))
        [12, 12]
    """
    waiting = deque[Future[T]]()
    with ThreadPoolExecutor(workers) as pool:
        for block in islice(plan, first, None):
            waiting.append(pool.submit(measure, block))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
