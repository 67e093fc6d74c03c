"""Run a task over a plan's blocks, one after the other or in worker processes.

A task writes its own block and returns nothing, and may run twice on the same block: only finished blocks reach the
ledger, and the rest are done again after a crash.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from keramos.blockwise.ledger import Ledger
from keramos.errors import SettingsError, StorageError
from keramos.progress import Progress, silent
from keramos.tiling import Block, Plan

Task = Callable[[Block], None]


def run_plan(
    plan: Plan, task: Task, *, ledger: Ledger | None = None, workers: int = 1, progress: Progress = silent
) -> None:
    """Run `task` on every block of `plan` that the ledger does not hold.

    With `workers` above one the task is pickled to that many processes, started by `spawn` on every platform.

    Raises:
        SettingsError: fewer than one worker.
        StorageError: a worker process died; the blocks it had finished are kept.
    """
    if workers < 1:
        raise SettingsError(f"expected at least one worker, found {workers}")
    todo = [block for block in plan if ledger is None or block.index not in ledger.done]
    done = len(plan) - len(todo)
    progress(done, len(plan))
    finished = _in_processes(task, todo, workers) if workers > 1 and len(todo) > 1 else _serially(task, todo)
    for block in finished:
        if ledger is not None:
            ledger.record(block.index)
        done += 1
        progress(done, len(plan))


def _serially(task: Task, blocks: list[Block]) -> Iterator[Block]:
    for block in blocks:
        task(block)
        yield block


_worker_task: Task | None = None


def _start_worker(task: Task, threads: int) -> None:
    # Each worker would otherwise start as many threads as there are cores, and they would fight over them.
    global _worker_task
    _worker_task = task
    # Ctrl-C reaches the whole group of processes; the one that started the others ends them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit = getattr(task, "limit_threads", None)
    if limit is not None:
        limit(threads)


def _run_in_worker(block: Block) -> Block:
    if _worker_task is None:
        raise RuntimeError("the worker process was started without its task")
    _worker_task(block)
    return block


def _in_processes(task: Task, blocks: list[Block], workers: int) -> Iterator[Block]:
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker, initargs=(task, 1)) as pool:
        waiting = iter(blocks)
        running: set[Future[Block]] = set()
        try:
            while True:
                # A moving window: no more is submitted than keeps the workers busy.
                for block in waiting:
                    running.add(pool.submit(_run_in_worker, block))
                    if len(running) >= 2 * workers:
                        break
                if not running:
                    return
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield future.result()
        except BrokenProcessPool:
            raise StorageError(
                "expected the worker processes to live, found that one died (out of memory?); "
                "finished blocks are kept: run the same command again, with fewer --workers"
            ) from None
        finally:
            for future in running:
                future.cancel()
