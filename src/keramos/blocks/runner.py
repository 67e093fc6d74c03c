"""Run a task over a plan's blocks: one after the other with reading and writing beside the computing, or on a cluster.

A task writes its own block and returns nothing, and may run twice on the same block: only finished blocks are recorded
in the checkpoint, and the rest are done again after a crash.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol, runtime_checkable

from keramos.blocks.checkpoint import Checkpoint
from keramos.blocks.cluster import on_cluster
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
    checkpoint: Checkpoint | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Progress = silent,
) -> None:
    """Run `task` on every block of `plan` that the checkpoint does not hold.

    With `workers` above one, or the address of a Dask `scheduler`, the task is pickled and run by processes.

    Raises:
        SettingsError: fewer than one worker, or no scheduler there.
        StorageError: worker processes died over one block; those that were finished are kept.
    """
    if workers < 1:
        raise SettingsError(f"expected at least one worker, found {workers}")
    todo = [block for block in plan if checkpoint is None or block.index not in checkpoint.done]
    done = len(plan) - len(todo)
    progress(done, len(plan))
    for block in _run_blocks(task, todo, workers, scheduler):
        if checkpoint is not None:
            checkpoint.record(block.index)
        done += 1
        progress(done, len(plan))


def _run_blocks(task: Task, todo: list[Block], workers: int, scheduler: str | None) -> Iterator[Block]:
    """Run the blocks, and give each when it is written."""
    if todo and (scheduler is not None or (workers > 1 and len(todo) > 1)):
        return (block for block, _ in on_cluster(task, todo, workers=workers, scheduler=scheduler))
    return _in_stages(task, todo) if isinstance(task, StagedTask) else _serially(task, todo)


def _serially(task: Task, blocks: list[Block]) -> Iterator[Block]:
    for block in blocks:
        task(block)
        yield block


def _in_stages(task: StagedTask, blocks: list[Block]) -> Iterator[Block]:
    """The next block is read and the last one written while one is computed; a block comes when it is written."""
    with ThreadPoolExecutor(1) as reader, ThreadPoolExecutor(1) as writer:
        written: deque[tuple[Block, Future[None]]] = deque()
        ahead = deque(reader.submit(task.read, block) for block in blocks[:1])
        for number, block in enumerate(blocks):
            pixels = ahead.popleft().result()
            ahead.extend(reader.submit(task.read, following) for following in blocks[number + 1 : number + 2])
            result = task.compute(block, pixels)
            del pixels
            while written:  # one result at a time waits to be written
                yield _wait_until_written(*written.popleft())
            written.append((block, writer.submit(task.write, block, result)))
            del result
        while written:
            yield _wait_until_written(*written.popleft())


def _wait_until_written(block: Block, future: Future[None]) -> Block:
    future.result()
    return block
