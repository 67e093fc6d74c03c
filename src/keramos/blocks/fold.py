"""Measure the blocks of a plan, in threads or shared out over processes, and merge what they give.

Values are merged in the order of the blocks, whoever measured them and whenever they came: a merge that rounds gives
the same for any number of threads and workers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import TypeVar, cast

from keramos.blocks.cluster import on_cluster
from keramos.blocks.fold_checkpoint import FoldCheckpoint
from keramos.blocks.plan import Block, Plan
from keramos.core.errors import KeramosError, SettingsError
from keramos.core.progress import Progress, silent

T = TypeVar("T")
V = TypeVar("V")


def fold_blocks(
    plan: Plan,
    measure: Callable[[Block], T],
    merge: Callable[[T, T], T],
    *,
    threads: int = 1,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Progress = silent,
    checkpoint: FoldCheckpoint | None = None,
) -> T:
    """Measure every block, as `measure_in_order` does, and merge the values in the order of the blocks.

    With a `checkpoint`, an earlier fold that was killed or failed is resumed; the caller deletes it when its result is
    saved.
    """
    share = partial(
        measure_in_order,
        measure=measure,
        threads=threads,
        workers=workers,
        scheduler=scheduler,
        resumable=checkpoint is not None,
    )

    def add(whole: T | None, _: Block, part: T) -> T:
        return part if whole is None else merge(whole, part)

    whole = add_in_order(plan, lambda: None, share, add, progress=progress, checkpoint=checkpoint)
    return cast(T, whole)  # a plan has at least one block


def add_in_order(
    plan: Plan,
    start: Callable[[], V],
    measure: Callable[[Iterable[Block]], Iterator[T]],
    add: Callable[[V, Block, T], V],
    *,
    progress: Progress = silent,
    checkpoint: FoldCheckpoint | None = None,
    saves_end: bool = False,
) -> V:
    """The value of `start`, to which `add` adds what is measured of each block, in the order of the blocks.

    With a `checkpoint`, an earlier fold that was killed or failed is resumed: `measure` is given the blocks that it had
    not added. Where measuring fails, what was added is saved, and with `saves_end` so is the whole; `add` may change
    its first argument, so nothing is saved where it fails.

    Example:
        >>> def voxels(blocks):
        ...     return (block.core.voxels for block in blocks)
        >>> add_in_order(Plan((2, 3, 4), (1, 3, 4)), lambda: 0, voxels, lambda value, block, part: value + part)
        24
    """
    kept = None if checkpoint is None else checkpoint.load(plan)
    first, value = (0, start()) if kept is None else (kept[0], cast(V, kept[1]))
    done, blocks = first, list(islice(plan, first, None))

    def parts() -> Iterator[T]:
        try:
            yield from measure(blocks)
        except KeramosError:
            if checkpoint is not None and done > first:
                with suppress(KeramosError):  # the first failure is what is said
                    checkpoint.save_now(done, value)
            raise

    for block, part in zip(blocks, parts(), strict=True):
        value, done = add(value, block, part), done + 1
        progress(done, len(plan))
        if checkpoint is not None:
            save = checkpoint.save_now if saves_end and done == len(plan) else checkpoint.save
            save(done, value)
    return value


def measure_in_order(
    blocks: Iterable[Block],
    measure: Callable[[Block], T],
    *,
    threads: int = 1,
    workers: int = 1,
    scheduler: str | None = None,
    resumable: bool = False,
) -> Iterator[T]:
    """The values of the blocks in their order, measured in threads; at most one more than threads is held.

    With `workers` above one, or the address of a Dask `scheduler`, several blocks are shared out over processes, to
    which `measure` is pickled. `resumable` says whether their values are kept somewhere if the cluster is lost.

    Raises:
        SettingsError: fewer than one thread or worker, or no scheduler there.
        StorageError: worker processes died over one block, or the cluster is lost.

    Example:
        >>> list(measure_in_order(Plan((2, 3, 4), (1, 3, 4)), lambda block: block.core.voxels, threads=2))
        [12, 12]
    """
    for name, count in (("thread", threads), ("worker", workers)):
        if count < 1:
            raise SettingsError(f"expected at least one {name}, found {count}")
    todo = list(blocks)
    if len(todo) > 1 and (workers > 1 or scheduler is not None):
        shared = on_cluster(measure, todo, workers=workers, scheduler=scheduler, in_order=True, resumable=resumable)
        return (value for _, value in shared)
    return _in_threads(todo, measure, threads)


def _in_threads(blocks: Iterable[Block], measure: Callable[[Block], T], threads: int) -> Iterator[T]:
    waiting = deque[Future[T]]()
    with ThreadPoolExecutor(threads) as pool:
        for block in blocks:
            waiting.append(pool.submit(measure, block))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
