"""Files that are written whole or not at all, and failures of the disk as one sentence."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from keramos.core.errors import KeramosError, StorageError
from keramos.core.object_log import append_to_log, begin_log, complete_log, read_log, remove_log
from keramos.core.object_path import ObjectPath
from keramos.core.object_store import delete_objects, write_object

PARTIAL = ".partial"
"""Suffix of a file that is still being written; a run that was killed may leave one, and a resumed run removes it."""
_TRIES, _WAIT_S = 6, 0.05
"""Windows refuses to replace a file that another process has open, such as a virus scanner: tried again for 1.5 s."""


@contextmanager
def translate_os_errors(path: Path) -> Iterator[None]:
    """Turn an OSError (disk full, not permitted, ...) into a StorageError that names the path."""
    try:
        yield
    except KeramosError:
        raise
    except OSError as error:
        blocked = isinstance(error, FileExistsError | NotADirectoryError)
        reason = "a file where a folder should be" if blocked else error.strerror or str(error)
        room = "" if isinstance(error, PermissionError) else "free space or "
        raise StorageError(
            f"expected to write {path}, found: {reason}; {room}choose another folder, then run again"
        ) from error


def refuse_special(path: Path) -> None:
    """StorageError if the path is a device, a pipe or anything else than a file, a folder or nothing yet."""
    with translate_os_errors(path):
        if path.exists() and not path.is_file() and not path.is_dir():
            raise StorageError(f"expected the name of a file or folder to write, found the device {path}; give a name")


def follow_link(path: Path) -> Path:
    """The place that a symbolic link leads to, which is written and removed instead of it; any other path as it is."""
    return path if isinstance(path, ObjectPath) or not path.is_symlink() else path.resolve()


def make_folder(path: Path) -> None:
    """Create a folder and its parents; one that exists is fine. StorageError if that cannot be done."""
    with translate_os_errors(path):
        path.mkdir(parents=True, exist_ok=True)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to: it replaces `path` if all goes well, and is removed if not.

    An earlier file at `path` stays as it was until the new one is complete and on the disk. The folder is made if need
    be. An object of a store is written to a folder for files that pass, and sent when it is complete.

    Raises:
        StorageError: the disk refuses, or another program keeps `path` open (on Windows).

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     with whole_file(Path(folder) / "numbers.csv") as partial:
        ...         written = partial.write_text("1,2,3")
        ...     print([file.name for file in Path(folder).iterdir()])
        ['numbers.csv']
    """
    if isinstance(path, ObjectPath):
        with TemporaryDirectory(prefix="keramos-") as folder, translate_os_errors(path):
            partial = Path(folder) / path.name
            yield partial
            write_object(path.bucket, path.key, partial.read_bytes())
        return
    refuse_special(path)
    make_folder(path.parent)
    partial = path.with_name(path.name + PARTIAL)
    with translate_os_errors(path):
        try:
            yield partial
            _flush_to_disk(partial)
            _replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)


@contextmanager
def whole_output(path: Path) -> Iterator[Path]:
    """A path of the same name in a hidden folder beside `path`, for a file or a folder: what is written there replaces
    `path` if all goes well, and is removed if not. The folder around `path` is made if need be; a symbolic link stays,
    and what it leads to is replaced.

    Raises:
        StorageError: the disk refuses.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     with whole_output(Path(folder) / "numbers.csv") as partial:
        ...         written = partial.write_text("1,2,3")
        ...     print([file.name for file in Path(folder).iterdir()])
        ['numbers.csv']
    """
    refuse_special(path)
    target = follow_link(path)
    make_folder(target.parent)
    hidden = target.with_name(f".{target.name}{PARTIAL}")
    new, earlier = hidden / "new" / path.name, hidden / "earlier"
    with translate_os_errors(path):
        if earlier.exists() and not target.exists():  # a run was killed between moving one away and the other in
            earlier.rename(target)
        shutil.rmtree(hidden, ignore_errors=True)
        new.parent.mkdir(parents=True)
        try:
            yield new
            for written in [new, *new.rglob("*")]:
                if written.is_file():
                    _flush_to_disk(written)
            if target.is_dir():
                target.rename(earlier)
            _replace(new, target)
        finally:
            shutil.rmtree(hidden, ignore_errors=True)


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a file that appears whole or not at all, for large content. StorageError."""
    with whole_file(path) as partial, partial.open("wb") as file:
        write(file)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, its folder made if need be. StorageError."""
    write_whole(path, lambda file: file.write(content))


def write_text(path: Path, text: str) -> None:
    """Write a text file (UTF-8) whole or not at all, its folder made if need be. StorageError."""
    write_bytes(path, text.encode("utf-8"))


def write_texts(texts: Mapping[Path, str]) -> None:
    """Write text files that belong together: if one of them cannot be written, none is replaced. StorageError."""
    with ExitStack() as stack:
        for path, text in texts.items():
            partial = stack.enter_context(whole_file(path))
            with translate_os_errors(path):
                partial.write_bytes(text.encode("utf-8"))


def append_line(path: Path, line: str) -> None:
    """Add a line to a log, on the disk before this returns. StorageError.

    It begins with the line break, so that a line which a crash cut short does not spoil the next one.
    """
    if isinstance(path, ObjectPath):
        append_to_log(path.bucket, path.key, f"\n{line}".encode())
        return
    with translate_os_errors(path), path.open("ab") as file:
        file.write(f"\n{line}".encode())
        file.flush()
        os.fsync(file.fileno())


def start_log(path: Path, text: str) -> None:
    """Write the beginning of a log (UTF-8), in place of one that is there. StorageError."""
    if isinstance(path, ObjectPath):
        begin_log(path.bucket, path.key, text.encode())
    else:
        write_text(path, text)


@contextmanager
def open_log(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a log. StorageError."""
    with translate_os_errors(path):
        if isinstance(path, ObjectPath):
            yield BytesIO(read_log(path.bucket, path.key))
        else:
            with path.open("rb") as file:
                yield file


def finish_log(path: Path) -> None:
    """Put a log to which nothing more is added into one object, where it lies in a store. StorageError."""
    if isinstance(path, ObjectPath):
        complete_log(path.bucket, path.key)


def delete_log(path: Path) -> None:
    """Delete a log; one that is not there is fine. StorageError."""
    if isinstance(path, ObjectPath):
        remove_log(path.bucket, path.key)
    else:
        remove_file(path)


def append_whole(path: Path, content: bytes, *, size: int) -> None:
    """Add bytes to the first `size` bytes of a file, on the disk before this returns; what is behind them is cut off.

    If the disk refuses, the file is as it was, or holds a part of the new bytes that the next call cuts off. The file
    is made if need be. StorageError.
    """
    refuse_special(path)
    with translate_os_errors(path), path.open("ab") as file:
        file.truncate(size)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                os.ftruncate(file.fileno(), size)
            raise


def remove_file(path: Path) -> None:
    """Delete a file; one that is not there is fine. StorageError."""
    with translate_os_errors(path):
        path.unlink(missing_ok=True)


def remove_folder(path: Path) -> None:
    """Delete a folder and all in it. StorageError."""
    with translate_os_errors(path):
        if isinstance(path, ObjectPath):
            delete_objects(path.bucket, [each.key for each in path.rglob("*")])
        else:
            shutil.rmtree(path)


def check_writable(path: Path) -> None:
    """Raise StorageError if no file can be written at `path`: now, not when hours of work are to be saved."""
    make_folder(path.parent)
    partial = path.with_name(path.name + PARTIAL)
    with translate_os_errors(path):
        partial.touch()
        partial.unlink()


def _flush_to_disk(path: Path) -> None:
    """Wait until the content is on the disk: without it, a power cut may leave an empty file under the new name."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _replace(partial: Path, path: Path) -> None:
    for wait in [_WAIT_S * 2**number for number in range(_TRIES - 1)]:
        try:
            partial.replace(path)
        except PermissionError:
            time.sleep(wait)
        else:
            return
    partial.replace(path)
