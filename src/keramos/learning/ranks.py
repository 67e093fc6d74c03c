"""The processes of a training on several devices: this one, of rank 0, and helpers that follow it.

rank 0 reads, reports, saves and says when it ends; a helper gets its job once, as bytes, and writes nothing. Helpers
end with the training, and with rank 0 whatever ends it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any

import torch
from torch import distributed

from keramos.core.errors import SettingsError, StorageError

_PATIENCE = timedelta(minutes=10)
"""So long a process waits for the others; a network file system may take minutes to hand out PyTorch."""
_LOOK_S = 0.02
_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Seat:
    """The place of a process among `count`; those that are several meet at the `port`."""

    rank: int = 0
    count: int = 1
    port: int = 0


ALONE = Seat()


def refuse_devices(device: str, count: int, batch: int) -> None:
    """SettingsError for more devices than there are, or a batch that they cannot share evenly."""
    there = {"cuda": torch.cuda.device_count(), "mps": 1}.get(device)
    if there is not None and count > there:
        raise SettingsError(f"expected at most {there} devices ({device}), as many as there are, found {count}")
    if batch % count:
        raise SettingsError(
            f"expected a batch that {count} devices can share evenly, found {batch} crops; give another --batch"
        )


@contextmanager
def helpers(count: int, device: str, follow: Callable[[bytes, Seat], None], job: bytes) -> Iterator[Seat]:
    """`count` - 1 processes that call `follow` with the job and their seat, while this process does its part inside.

    Raises:
        StorageError: a helper died.
    """
    if count == 1:
        yield ALONE
        return
    store = _open_store(0, count, is_master=True)
    context = multiprocessing.get_context("spawn")
    seats = [Seat(rank, count, store.port) for rank in range(1, count)]
    threads = torch.get_num_threads()
    others = [context.Process(target=_help, args=(seat, device, threads, follow, job), daemon=True) for seat in seats]
    try:
        with _without_interrupts():
            for other in others:
                other.start()
        _await(store, others)
        _meet(store, Seat(0, count, store.port), device)
        yield Seat(0, count, store.port)
    except RuntimeError as error:
        time.sleep(50 * _LOOK_S)  # what a helper leaves unsaid is heard before its end is seen
        died = [other.exitcode for other in others if other.exitcode]
        if not died:
            raise
        raise StorageError(
            f"one of {count} processes of the training died (status {died[0]}; out of memory?); the same command goes "
            "on from the last state that was saved"
        ) from error
    finally:
        for other in others:
            if other.pid is not None:
                other.kill()
                other.join()
        if distributed.is_initialized():
            distributed.destroy_process_group()


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Processes that are started inside never hear Ctrl-C, which reaches all processes of a terminal, not even while
    they import what they need; this process hears at the end what came meanwhile. Not on Windows."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it unblocks the signal when it is started
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _open_store(port: int, count: int, *, is_master: bool) -> Any:
    """Open the place where processes meet, at a free port if none is given."""
    kind: Any = distributed.TCPStore  # type: ignore[attr-defined]
    return kind(_HOST, port, count, is_master=is_master, wait_for_workers=False, timeout=_PATIENCE)


def _await(store: Any, others: Sequence[BaseProcess]) -> None:
    """Wait until all helpers are there. RuntimeError if one ends before that."""
    while not store.check([str(rank) for rank in range(1, len(others) + 1)]):
        if any(other.exitcode is not None for other in others):
            raise RuntimeError("a helper ended while it started")
        time.sleep(_LOOK_S)


def _meet(store: Any, seat: Seat, device: str) -> None:
    backend = "nccl" if device == "cuda" else "gloo"
    if device == "cuda":
        torch.cuda.set_device(seat.rank)
    distributed.init_process_group(backend, store=store, rank=seat.rank, world_size=seat.count, timeout=_PATIENCE)


def _help(seat: Seat, device: str, threads: int, follow: Callable[[bytes, Seat], None], job: bytes) -> None:
    """Follow rank 0 as a helper. Ctrl-C is for rank 0 to hear, and the helper does not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    torch.set_num_threads(threads)
    store = _open_store(seat.port, seat.count, is_master=False)
    store.set(str(seat.rank), "here")
    try:
        _meet(store, seat, device)
        follow(job, seat)
    except RuntimeError:
        if parent is not None and not parent.is_alive():
            os._exit(1)
        raise


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
