"""Run a task over a plan's blocks: one after the other with reading and writing beside the computing, or on a cluster.

A task writes its own block and returns nothing, and may run twice on the same block: only finished blocks reach the
ledger, and the rest are done again after a crash.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol, runtime_checkable

from keramos.blocks.cluster import on_cluster
from keramos.blocks.ledger import Ledger
from keramos.blocks.plan import Block, Plan
from keramos.core.errors import SettingsError
from keramos.core.progress import Progress, silent

Task = Callable[[Block], None]


@runtime_checkable
class StagedTask(Protocol):
    """A task in three parts, which of different blocks may run at the same time: each by one thread at a time."""

    def __call__(self, block: Block) -> None: ...

    def read(self, block: Block) -> Any: ...

    def compute(self, block: Block, pixels: Any) -> Any: ...

    def write(self, block: Block, result: Any) -> None: ...


def run_plan(
    plan: Plan,
    task: Task,
    *,
    ledger: Ledger | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Progress = silent,
) -> None:
    """Run `task` on every block of `plan` that the ledger does not hold.

    With `workers` above one, or the address of a Dask `scheduler`, the task is pickled and run by processes.

    Raises:
        SettingsError: fewer than one worker, or no scheduler there.
        StorageError: worker processes died over one block; those that were finished are kept.
    """
    if workers < 1:
        raise SettingsError(f"expected at least one worker, found {workers}")
    todo = [block for block in plan if ledger is None or block.index not in ledger.done]
    done = len(plan) - len(todo)
    progress(done, len(plan))
    for block in _finished(task, todo, workers, scheduler):
        if ledger is not None:
            ledger.record(block.index)
        done += 1
        progress(done, len(plan))


def _finished(task: Task, todo: list[Block], workers: int, scheduler: str | None) -> Iterator[Block]:
    """The blocks as they are finished."""
    if todo and (scheduler is not None or (workers > 1 and len(todo) > 1)):
        return on_cluster(task, todo, workers=workers, scheduler=scheduler)
    return _in_stages(task, todo) if isinstance(task, StagedTask) else _serially(task, todo)


def _serially(task: Task, blocks: list[Block]) -> Iterator[Block]:
    for block in blocks:
        task(block)
        yield block


def _in_stages(task: StagedTask, blocks: list[Block]) -> Iterator[Block]:
    """The next block is read and the last one written while one is computed; a block comes when it is written."""
    with ThreadPoolExecutor(1) as reader, ThreadPoolExecutor(1) as writer:
        written: deque[tuple[Block, Future[None]]] = deque()
        pixels = reader.submit(task.read, blocks[0]) if blocks else None
        for number, block in enumerate(blocks):
            assert pixels is not None
            here = pixels.result()
            following = blocks[number + 1 : number + 2]
            pixels = reader.submit(task.read, following[0]) if following else None
            result = task.compute(block, here)
            del here
            while written:  # one result at a time waits to be written
                yield _ended(written.popleft())
            written.append((block, writer.submit(task.write, block, result)))
            del result
        while written:
            yield _ended(written.popleft())


def _ended(pair: tuple[Block, Future[None]]) -> Block:
    block, future = pair
    future.result()
    return block
