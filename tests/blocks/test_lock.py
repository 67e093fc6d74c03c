"""The lock on an output: one run at a time; what a killed run left locks nothing."""

from __future__ import annotations

import subprocess
import sys
from errno import ENOLCK, ENOSYS
from pathlib import Path
from typing import Any

import pytest

from keramos.blocks import lock_output
from keramos.core.errors import StorageError

HOLDS = """
import sys, time
from pathlib import Path
from keramos.blocks import lock_output
with lock_output(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def hold(out: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLDS, str(out)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_run_is_refused_and_a_killed_one_locks_nothing(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out.ome.zarr"
    process = hold(out)
    try:
        refused = pytest.raises(StorageError, match=f"^another run is writing to {out}; wait until it has ended")
        with refused, lock_output(out):
            pytest.fail("two at a time")
    finally:
        process.kill()
        process.communicate()
    assert [path.name for path in out.parent.iterdir()] == [".out.ome.zarr.lock"], "it was killed"
    with lock_output(out):
        pass
    assert not list(out.parent.iterdir())


def test_it_is_refused_in_one_process_too_and_other_outputs_are_free(tmp_path: Path) -> None:
    refused = pytest.raises(StorageError, match="another run")
    with lock_output(tmp_path / "a"), lock_output(tmp_path / "b"), refused, lock_output(tmp_path / "a"):
        pytest.fail("two at a time")
    with lock_output(tmp_path / "a"):
        pass


def test_it_is_released_when_a_run_fails(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="fails"), lock_output(tmp_path / "a"):
        raise RuntimeError("fails")
    with lock_output(tmp_path / "a"):
        pass
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [ENOSYS, ENOLCK])
def test_a_file_system_without_locks_stops_nobody(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_: Any) -> None:
        raise OSError(number, "no locks here")

    monkeypatch.setattr(fcntl, "flock", refuse)
    (tmp_path / ".a.lock").touch()  # left by a run on a host that is gone
    with lock_output(tmp_path / "a"):
        pass


def test_another_user_s_lock_file_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import filelock

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    with lock_output(tmp_path / "a"):
        pass
