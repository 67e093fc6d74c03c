"""Run a task's blocks on a Dask cluster: of this machine's processes, or any that runs somewhere else.

every worker gets the task and its number once, also one that joins later -> blocks are submitted in a moving window ->
each writes its own part of the output, or comes back with its value. A block whose worker is lost is given to another:
it may run twice, writes the same bytes and gives the same value.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager, nullcontext, suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from keramos.blocks.allocator import keep_freed_memory, release_freed_memory
from keramos.blocks.plan import Block
from keramos.core.errors import SettingsError, StorageError

if TYPE_CHECKING:
    from distributed import Client, Future, Worker

T = TypeVar("T")
_KEPT = 2**26
_PER_THREAD = 2
"""Blocks that are submitted ahead for each thread of the cluster."""
_CONNECT_S = 30
"""So long a scheduler or workers are waited for, at the start and when they are lost."""
_CHECK_S, _LOOK_S = 1.0, 0.02
_TURN = threading.Lock()
"""Held by a process while it runs a block of a task that is `one_at_a_time`."""
_SEMAPHORES = "ignore:resource_tracker:UserWarning"


def on_cluster(
    task: Callable[[Block], T],
    blocks: Iterable[Block],
    *,
    workers: int = 1,
    scheduler: str | None = None,
    in_order: bool = False,
    resumable: bool = True,
) -> Iterator[tuple[Block, T]]:
    """Run the blocks and give each with its value when it is done: in no order, or in that of the blocks. With
    `scheduler` (such as `tcp://host:8786`) on that cluster, whose workers must see the same files; else on `workers`
    processes of one thread each. Whether a run is `resumable` is said to those whose cluster is lost.

    Raises:
        SettingsError: no scheduler answers at that address, or it has other versions of what matters.
        StorageError: a block whose workers died, again and again.
    """
    with _client(workers, scheduler) as client:
        name = f"keramos-{uuid4().hex}"
        release_freed_memory()
        client.register_plugin(_task_plugin(task, name, alone=scheduler is None))
        try:
            yield from _in_a_window(client, name, blocks, in_order)
        except _ClusterError as error:
            kept = "finished blocks are kept: " if resumable else ""
            raise StorageError(f"{error.what}; {kept}{error.advice}") from error
        finally:
            with suppress(Exception):  # a cluster that is gone has no plugin, either
                client.unregister_worker_plugin(name)


class _ClusterError(Exception):
    """Names the part of a cluster that is gone, and what to do."""

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.what, self.advice = what, advice


def _task_plugin(task: Callable[[Block], object], name: str, *, alone: bool) -> Any:
    """Keeps the task on a worker: its network is built once there."""
    from distributed import WorkerPlugin

    class TaskPlugin(WorkerPlugin):
        def __init__(self) -> None:
            self.name = name
            self.task = task

        def setup(self, worker: Worker) -> None:
            keep_freed_memory(_KEPT)
            limit = getattr(self.task, "limit_threads", None)
            if limit is not None and (alone or worker.state.nthreads > 1):
                limit(worker.state.nthreads if _is_one_at_a_time(self.task) else 1)
            take = getattr(self.task, "take_device", None)
            if take is not None:
                take(number_of(worker.name))

    return TaskPlugin()


def number_of(name: object) -> int:
    """The number of a worker, from 0, by its name: of this machine's own a number, of four that `dask worker` starts
    under the name gpu gpu-0 ... gpu-3; 0 of one that has no number, such as the address that Dask names a worker by.

    Example:
        >>> [number_of(name) for name in (3, "gpu-2", "gpu", "tcp://10.0.0.7:40123")]
        [3, 2, 0, 0]
    """
    if isinstance(name, int):
        return name
    found = re.search(r"-(\d+)$", str(name))
    return int(found[1]) if found else 0


def _run_block(name: str, block: Block) -> Any:
    from distributed import get_worker

    plugin: Any = get_worker().plugins[name]
    with _TURN if _is_one_at_a_time(plugin.task) else nullcontext():
        return plugin.task(block)


def _is_one_at_a_time(task: Callable[[Block], object]) -> bool:
    """Whether a block of a task takes all of a worker's memory, however many threads the worker has."""
    return getattr(task, "one_at_a_time", False)


def _in_a_window(client: Client, name: str, blocks: Iterable[Block], in_order: bool) -> Iterator[tuple[Block, Any]]:
    from distributed.comm.core import CommClosedError
    from distributed.scheduler import KilledWorker

    waiting, running = iter(blocks), dict[Block, "Future[Any]"]()

    def submit(count: int) -> None:
        for block in islice(waiting, count):
            running[block] = client.submit(_run_block, name, block, key=f"{name}-{block.index}", pure=False)

    try:
        submit(max(1, _PER_THREAD * sum(client.nthreads().values())))
        while running:
            block = _wait_for_one(running, client, in_order)
            try:
                value = running[block].result(_CONNECT_S)
            except TimeoutError:
                if running[block].status == "error":  # the task's own
                    raise
                # Its worker is gone with the answer: it is run again, by another if there is one.
                if missing := _find_missing(client):
                    raise _report_lost(f"{missing} for {_CONNECT_S} s", client) from None
                continue
            running.pop(block).release()
            submit(1)
            yield block, value
    except KilledWorker:
        raise _ClusterError(
            "several workers died on the same block (out of memory?)",
            "run the same again with fewer workers or less memory",
        ) from None
    except (CancelledError, CommClosedError) as error:
        raise _report_lost("the Dask scheduler is gone", client) from error


def _wait_for_one(running: Mapping[Block, Future[Any]], client: Client, in_order: bool) -> Block:
    """Wait until a block, or the first of them, is done. _ClusterError if the scheduler, or all of its workers, are
    gone for a while."""
    alive = looked = time.monotonic()
    while True:
        for block, future in islice(running.items(), 1 if in_order else None):
            if future.done():
                return block
        time.sleep(_LOOK_S)
        now = time.monotonic()
        if now - looked < _CHECK_S:
            continue
        looked = now
        missing = _find_missing(client)
        alive = alive if missing else now
        if now - alive > _CONNECT_S:
            raise _report_lost(f"{missing} for {_CONNECT_S} s", client)


def _find_missing(client: Client) -> str:
    """The part of a cluster that is gone, in words; empty where none is."""
    if client.status != "running":
        return "the Dask scheduler has been gone"
    try:
        return "" if client.nthreads() else "no worker has been left on the Dask scheduler"
    except (OSError, TimeoutError):
        return "the Dask scheduler has been gone"


def _silence_logs() -> None:
    """Dask's warnings and tracebacks about lost and restarted workers do not help those who wait for a segmentation,
    nor does what Python says of semaphores that workers left when a run was stopped."""
    if _SEMAPHORES not in sys.warnoptions:
        sys.warnoptions.append(_SEMAPHORES)  # handed on to the process that says it
    for name in [*logging.root.manager.loggerDict, "distributed", "tornado", "asyncio"]:
        if name.split(".")[0] in ("distributed", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL)


def _report_lost(what: str, client: Client) -> _ClusterError:
    start = "" if client.cluster else "start it again with `dask scheduler` and `dask worker`, then "
    return _ClusterError(what, f"{start}give the same command again")


@contextmanager
def _client(workers: int, scheduler: str | None) -> Iterator[Client]:
    import dask
    from distributed import Client, LocalCluster

    _silence_logs()
    if scheduler is None:
        with (
            # Forked workers would inherit the locks of this process, and hold them after it is killed.
            dask.config.set({"distributed.worker.multiprocessing-method": "spawn"}),
            LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
                memory_limit=0,
                silence_logs=logging.CRITICAL,
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = Client(scheduler, timeout=_CONNECT_S)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"expected a Dask scheduler at {scheduler}, found none ({type(error).__name__}); start one with "
            "`dask scheduler` and workers with `dask worker`, and give the address that it prints"
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=_CONNECT_S)
        except TimeoutError:
            raise SettingsError(
                f"expected workers at the Dask scheduler {scheduler}, found none within {_CONNECT_S} s; start some "
                f"with `dask worker {scheduler}`"
            ) from None
        yield client
