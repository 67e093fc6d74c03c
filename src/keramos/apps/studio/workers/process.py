"""The server's end of the pipes: starting a worker, hearing what it says, and ending it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

Message = Mapping[str, Any]
MAX_LINE = 2**22
"""Bytes of a message; a worker that sends more is ended."""
_LOG_LINES = 200
_GRACE_S, _CLOSING_S = 6.0, 5.0


class WorkerProcess:
    """A worker: a module that is run with this Python. Callbacks come from threads of its own.

    `receive` gets each message; `ended` the exit status and the last lines that were not messages.
    """

    def __init__(
        self,
        module: str,
        *,
        folder: Path,
        receive: Callable[[Message], None],
        ended: Callable[[int, str], None],
        arguments: tuple[str, ...] = (),
    ) -> None:
        self._receive, self._ended = receive, ended
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        # Threads that wait let go of their core (as in apps/cli/main.py).
        environment = {**os.environ, "OMP_WAIT_POLICY": "passive", "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment,
            start_new_session=os.name != "nt",  # Ctrl-C in the terminal is for the server, which ends its workers
        )
        self._writing = threading.Lock()
        self._errors = threading.Thread(target=self._read_errors, daemon=True)
        self._errors.start()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def number(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def send(self, message: Message) -> bool:
        """Send a message; False where the worker has gone."""
        line = json.dumps(message, allow_nan=False).encode() + b"\n"
        with self._writing:
            try:
                _pipe(self._process.stdin).write(line)
                _pipe(self._process.stdin).flush()
            except (OSError, ValueError):
                return False
        return True

    def end(self, grace_s: float = _GRACE_S) -> None:
        """Ask the worker to end; what has not ended after the grace is killed. Returns at once."""
        threading.Thread(target=self._end, args=(grace_s,), daemon=True).start()

    def kill(self) -> None:
        """End the worker now, with the processes that it started."""
        if os.name == "nt":
            self._process.kill()
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it has ended and all was told; at most so many seconds."""
        self._reader.join(seconds)

    def _end(self, grace_s: float) -> None:
        try:
            self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self._process.terminate()
            try:
                self._process.wait(2.0)
            except subprocess.TimeoutExpired:
                self.kill()

    def _read(self) -> None:
        output = _pipe(self._process.stdout)
        try:
            self._hear(output)
        except Exception as error:  # whoever waits for the end of the worker must hear of it
            self._log.append(f"its message could not be taken in: {type(error).__name__}: {error}")
            self.kill()
        status = self._process.wait()
        self._errors.join(2.0)
        for pipe in (self._process.stdin, output):
            try:
                _pipe(pipe).close()
            except OSError:
                continue
        self._ended(status, "\n".join(self._log))

    def _hear(self, output: IO[bytes]) -> None:
        """Hand on all messages until the worker sends no more."""
        while line := output.readline(MAX_LINE + 1):
            if len(line) > MAX_LINE:
                self._log.append("sent a line that is too long for a message")
                self.kill()
                return
            message = _read_message(line)
            if message is None:
                self._log.append(line.decode("utf-8", "replace").rstrip())
            else:
                self._receive(message)

    def _read_errors(self) -> None:
        errors = _pipe(self._process.stderr)
        while line := errors.readline(MAX_LINE):
            self._log.append(line.decode("utf-8", "replace").rstrip())
        errors.close()


class WorkerOwner:
    """Whoever has a worker, one at a time: its end is theirs."""

    def __init__(self) -> None:
        self._guard = threading.RLock()
        self._worker: WorkerProcess | None = None
        self._is_closed = False

    def close(self) -> None:
        """End the worker, and start no other; what it has finished is kept, and the rest can be done again."""
        with self._guard:
            self._is_closed, worker = True, self._worker
        if worker is not None:
            worker.kill()
            worker.wait(_CLOSING_S)


def _read_message(line: bytes) -> Message | None:
    """The message in a line; None for anything else."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) and isinstance(message.get("type"), str) else None


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ValueError("a worker has three pipes")
    return pipe
