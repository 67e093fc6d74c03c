"""The worker's end of the pipes: messages are JSON objects, one a line; whatever else is printed goes to the log."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from _thread import interrupt_main
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from keramos.core import Finding
from keramos.core.progress import Progress, Reporter

Message = Mapping[str, Any]
_NICE = 5
_EVERY_S = 0.1
_GONE = 3
"""Exit status of a worker whose server has gone."""


class Channel:
    """Messages to and from the server. The worker ends when the server does, whatever it is at."""

    def __init__(self, receive: Callable[[Message], None]) -> None:
        self._receive, self._guard = receive, threading.Lock()
        self._out = _take_standard_output()

    def listen(self) -> None:
        """Hand every message of the server to `receive`, in a thread of its own, from now on."""
        threading.Thread(target=self._listen, daemon=True).start()

    def send(self, message: Message) -> None:
        """Send a message; the worker ends where nobody reads it any more."""
        line = json.dumps(message, separators=(",", ":"), allow_nan=False)
        with self._guard:
            try:
                self._out.write(line + "\n")
                self._out.flush()
            except (OSError, ValueError):
                os._exit(_GONE)

    def _listen(self) -> None:
        for line in sys.stdin:
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if isinstance(message, dict):
                self._receive(message)
        os._exit(_GONE)


def run_one_task(work: Callable[[Message, Channel], None]) -> None:
    """Do the work that the first message asks for, and end. A message {"type": "cancel"} is Ctrl-C, before it and
    while it is done; the server hears {"type": "cancelled"} then."""
    lower_priority()
    tasks: queue.Queue[Message] = queue.Queue()

    def receive(message: Message) -> None:
        if message.get("type") == "cancel":
            interrupt()
        else:
            tasks.put(message)

    channel = Channel(receive)
    channel.listen()
    try:
        work(tasks.get(), channel)
    except KeyboardInterrupt:
        channel.send({"type": "cancelled"})


def interrupt() -> None:
    """Ctrl-C for the main thread."""
    interrupt_main()


def lower_priority() -> None:
    """Let the server and the browser go first: drawing stays fluid."""
    if hasattr(os, "nice"):
        os.nice(_NICE)


class MessageReporter(Reporter):
    """Sends progress, at most ten times a second, notes and findings to the server."""

    def __init__(self, channel: Channel) -> None:
        self._channel, self._sent = channel, 0.0
        self.findings: list[Finding] = []

    def progress(self, task: str, unit: str = "block") -> Progress:
        def show(done: int, total: int) -> None:
            now = time.monotonic()
            if done >= total or now - self._sent >= _EVERY_S:
                self._sent = now
                row = {"task": task, "unit": unit, "done": int(done), "total": int(total)}
                self._channel.send({"type": "progress", **row})

        return show

    def note(self, text: str) -> None:
        self._channel.send({"type": "note", "text": text})

    def finding(self, finding: Finding) -> None:
        if finding not in self.findings:
            self.findings.append(finding)
            self._channel.send({"type": "finding", "finding": finding.to_json()})


def _take_standard_output() -> TextIO:
    """The standard output for messages alone: what libraries print goes to standard error from now on."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(kept, "w", encoding="utf-8", newline="\n")
