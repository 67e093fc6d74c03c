"""Ctrl-C and SIGTERM end a command with one sentence on what is kept, and the exit status of the signal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import keramos
from keramos.apps.cli import stopping
from keramos.apps.cli.commands import COMMANDS
from keramos.apps.cli.console import LogReporter
from keramos.apps.cli.main import run
from keramos.core.progress import Progress
from keramos.project.verb import Verb

STOPS = pytest.mark.parametrize(
    ("number", "name", "status"), [(signal.SIGINT, "stopped", 130), (signal.SIGTERM, "stopped by SIGTERM", 143)]
)


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The signals are heard as in a process of its own, but without its timers."""
    earlier = {number: signal.getsignal(number) for number in stopping._NAMES}
    monkeypatch.setattr(stopping, "_stop", stopping._Stop())
    monkeypatch.setattr(stopping, "_start_timer", lambda *_: None)
    for number in earlier:
        signal.signal(number, signal.SIG_DFL)
    stopping.listen()
    yield
    for number, handler in earlier.items():
        signal.signal(number, handler)


def signal_at(monkeypatch: pytest.MonkeyPatch, task: str, done: int, number: int) -> None:
    """Send this process a signal when a task has done so much."""
    sent: list[int] = []

    def progress(_: LogReporter, name: str, *__: str) -> Progress:
        def show(now: int, _: int) -> None:
            if name.startswith(task) and now >= done and not sent:
                sent.append(now)
                os.kill(os.getpid(), number)

        return show

    monkeypatch.setattr(LogReporter, "progress", progress)


@STOPS
def test_a_command_that_is_stopped_says_what_is_kept_and_goes_on_when_it_is_given_again(
    number: int,
    name: str,
    status: int,
    listening: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = ["phantom", "--out", str(tmp_path / "p"), "--shape", "48", "24", "24"]
    with monkeypatch.context() as patch:
        signal_at(patch, "make the phantom", 32, number)
        assert run(command) == status
    sentence = "what was finished so far, if anything, is kept: give the same command again to go on"
    assert capsys.readouterr().err.splitlines() == [f"keramos: {name}; {sentence}"]
    stopping._stop.heard = False
    assert run(command) == 0
    assert "resuming the phantom" in capsys.readouterr().err


def test_a_training_is_kept_by_sigterm_and_ended_by_ctrl_c(
    phantom: Path, listening: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = ["--images", phantom / "images.ome.zarr", "--labels", phantom / "truth.ome.zarr", "--slices", 4]
    network = ["--size", "S", "--width", 4, "--crop", 64, "--batch", 2, "--epochs", 1, "--seed", 1]
    command = ["train", *map(str, [*files, *network]), "--out", str(tmp_path / "m.keramos")]
    with monkeypatch.context() as patch:
        signal_at(patch, "train compact", 5, signal.SIGTERM)
        assert run(command) == 143
    kept = "stopped by SIGTERM; the training is kept as it was last saved: give the same command again to go on"
    assert capsys.readouterr().err.splitlines()[-1] == f"keramos: {kept}"
    assert {file.name for file in tmp_path.iterdir()} == {"m.training", "m.unfinished.keramos"}
    stopping._stop.heard = False
    signal_at(monkeypatch, "train compact", 9, signal.SIGINT)
    assert run(command) == 0
    captured = capsys.readouterr()
    assert "resuming the training" in captured.err
    assert "ended by Ctrl-C" in captured.out
    assert (tmp_path / "m.keramos").is_file()


@STOPS
def test_before_anything_has_begun_the_process_ends_at_once(number: int, name: str, status: int) -> None:
    """The process stops itself as soon as it hears signals, before the command line is loaded."""
    code = (
        f"import os, signal\nsignal.signal({int(number)}, signal.SIG_DFL)\n"  # a job in the background ignores Ctrl-C
        "from keramos.apps.cli import stopping\nstopping.listen()\n"
        f"os.kill(os.getpid(), {int(number)})\nimport keramos.apps.cli.main\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (status, f"keramos: {name}; nothing had begun\n")


def test_a_module_that_is_imported_is_imported_to_its_end(
    listening: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later: list[object] = []
    monkeypatch.setattr(stopping, "_start_timer", lambda *call: later.append(call[-1]))
    (tmp_path / "stopped_at_import.py").write_text(
        f"import os\nos.kill(os.getpid(), {int(signal.SIGINT)})\nwhole = True\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    stopping.begin("segment")
    import stopped_at_import  # type: ignore[import-not-found]

    assert stopped_at_import.whole
    assert later == [signal.SIGINT]


def test_each_sentence_is_of_a_command_and_each_that_resumes_has_one() -> None:
    assert set(stopping.KEPT) <= {command.name for command in COMMANDS}
    resuming: Callable[[Verb], bool] = lambda verb: "resume" in f"{verb.body.__doc__}{verb.settings.__doc__}"  # noqa: E731
    names = {command.name for command in COMMANDS if resuming(getattr(keramos, command.identifier))}
    assert {"segment", "phantom", "compare", "quantify", "run", "train"} <= names | {"train"}
    assert names <= set(stopping.KEPT)
