"""A command stopped by Ctrl-C or SIGTERM (Slurm, systemd, `docker stop`) ends with one sentence on what is kept.

Whatever the package writes is whole at any moment, so that stopping needs no more care than being killed does. Nothing
heavy is imported here: the signals are heard before the command line itself is loaded.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from _thread import interrupt_main
from types import FrameType
from typing import NoReturn

_NAMES = {signal.SIGINT: "stopped", signal.SIGTERM: "stopped by SIGTERM"}
_IMPORT_S = 0.05
_GRACE_S = 5.0
"""Block by block a run ends soon; where it does not, what it is at is left unfinished, before a scheduler kills it."""
_AGAIN = "give the same command again to go on"
_FINISHED = f"what was finished so far, if anything, is kept: {_AGAIN}"
KEPT = {
    "segment": _FINISHED,
    "phantom": _FINISHED,
    "prepare": _FINISHED,
    "compare": _FINISHED,
    "run": _FINISHED,
    "train": f"the training is kept as it was last saved: {_AGAIN}",
    "quantify": f"what it last saved in --out, if anything, is kept: {_AGAIN}",
    "demo": "a demo starts over when it is given again",
}
"""The end of the sentence for each command that keeps something, or that one might think does."""
_NOTHING = "nothing was written, or all of it: give the same command again to start over"


class Terminated(BaseException):
    """SIGTERM ends the command. Not an interruption by the user, who ends a training early and keeps its model."""


class _Stop:
    """The signals heard so far, and whether a command has begun its work."""

    def __init__(self) -> None:
        self.command, self.at_work, self.heard = "", False, False

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Stop: at once where nothing has begun, or when asked twice; while modules are imported, soon after that."""
        if not self.at_work or self.heard:
            _leave(number, self.sentence(number))
        if _is_importing(frame):
            # An exception inside a compiled module that is being set up would abort the process.
            _start_timer(_IMPORT_S, interrupt_main, number)
            return
        self.heard = True
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        _start_timer(_GRACE_S, _leave, number, self.sentence(number))
        raise Terminated

    def sentence(self, number: int) -> str:
        kept = KEPT.get(self.command, _NOTHING) if self.at_work else "nothing had begun"
        return f"keramos: {_NAMES[signal.Signals(number)]}; {kept}"


_stop = _Stop()


def listen() -> None:
    """Handle SIGINT and SIGTERM from now on, unless who started the process has them ignored."""
    for number in _NAMES:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop.handle)


def begin(command: str) -> None:
    """Say that the command of this name begins its work."""
    _stop.command, _stop.at_work = command, True


def exit_after(stop: BaseException) -> int:
    """Say that the command was stopped by that exception; the exit status."""
    number = signal.SIGINT if isinstance(stop, KeyboardInterrupt) else signal.SIGTERM
    print(_stop.sentence(number), file=sys.stderr)
    return 128 + number


def is_stopped(status: int) -> bool:
    """Whether an exit status says that a signal has stopped the command."""
    return status - 128 in _NAMES


def leave(status: int) -> NoReturn:
    """End the process. After a stop without waiting for threads that are still at work, which can crash Python then."""
    if not is_stopped(status):
        sys.exit(status)
    _start_timer(_GRACE_S, os._exit, status)
    atexit._run_exitfuncs()  # what libraries have registered, such as the semaphores of worker processes
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _leave(number: int, sentence: str) -> NoReturn:
    os.write(2, f"{sentence}\n".encode())
    os._exit(128 + number)


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _start_timer(seconds: float, call: object, *arguments: object) -> None:
    timer = threading.Timer(seconds, call, arguments)  # type: ignore[arg-type]
    timer.daemon = True
    timer.start()
