"""A lock on a run's output, so that two runs never write to the same one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir

from filelock import FileLock, Timeout

from keramos.core.errors import OutputInUseError
from keramos.core.files import make_folder
from keramos.core.object_path import ObjectPath


@contextmanager
def lock_output(output: Path, *, beside: Path | None = None) -> Iterator[None]:
    """Hold the lock of `output`: a file `.NAME.lock` beside it, or beside another path, that is removed at the end.

    The operating system holds the lock (flock, or LockFileEx on Windows) and releases it when the process ends, however
    it ends: a lock file that a killed run left behind locks nothing. On a network file system the server holds it for
    all hosts, and releases it when a host is gone (NFS 4: after its lease, about 90 s). Where a file system has no
    locks, or another user's lock file cannot be opened, the run goes on without one: two runs are then not told apart.
    The worker processes of a run take no lock; they are spawned and inherit none. The lock of an object is a file of
    this machine: two runs on two machines are told apart when the second writes to the first one's checkpoint.

    Raises:
        OutputInUseError: another run holds it.
    """
    place = _place_of(output if beside is None else beside)
    make_folder(place.parent)
    path = place.with_name(f".{place.name}.lock")
    # Without a fallback to lock files that only exist: one left on a host that is gone would block for ever.
    lock = FileLock(path, timeout=0, mode=0o666, thread_local=False, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        why = f"another run is writing to {output}; wait until it has ended, or write elsewhere"
        raise OutputInUseError(why) from None
    except (OSError, NotImplementedError):
        yield
        return
    try:
        yield
    finally:
        _remove(path, lock)


def _place_of(path: Path) -> Path:
    """A path beside which a lock can lie: of an object one of this machine that has its name."""
    if not isinstance(path, ObjectPath):
        return path
    return Path(gettempdir()) / f"keramos-{sha256(str(path).encode()).hexdigest()[:32]}"


def _remove(path: Path, lock: FileLock) -> None:
    """Remove the file while it is locked, so that nobody locks a file without a name; after that on Windows, where an
    open file cannot be removed."""
    removed = True
    try:
        path.unlink(missing_ok=True)
    except OSError:
        removed = False
    lock.release()
    if not removed:
        with suppress(OSError):
            path.unlink(missing_ok=True)
