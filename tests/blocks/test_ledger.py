"""The ledger: what is finished survives a crash, and another run's ledger is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from keramos.blocks import open_ledger
from keramos.core.errors import LedgerError, StorageError

IDENTITY = {"input": "a", "model": "b", "plan": "c"}


def test_finished_blocks_are_found_again(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger", IDENTITY)
    assert (ledger.done, ledger.finished) == (set(), False)
    for block in (3, 0, 7):
        ledger.record(block)
    again = open_ledger(tmp_path / "ledger", IDENTITY)
    assert (again.done, again.finished) == ({0, 3, 7}, False)
    again.finish()
    assert open_ledger(tmp_path / "ledger", IDENTITY).finished


def test_a_line_cut_short_by_a_crash_is_not_counted(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    ledger = open_ledger(path, IDENTITY)
    ledger.record(1)
    ledger.record(12)
    for cut in range(1, len('{"block": 12}')):
        text = path.read_text(encoding="utf-8")
        whole = text[: text.rindex("\n") + 1] + '{"block": 12}'
        path.write_text(whole[:-cut], encoding="utf-8")
        resumed = open_ledger(path, IDENTITY)
        assert resumed.done == {1}
    resumed.record(5)
    assert open_ledger(path, IDENTITY).done == {1, 5}


def test_another_run_is_refused_and_the_difference_named(tmp_path: Path) -> None:
    open_ledger(tmp_path / "ledger", IDENTITY).record(0)
    with pytest.raises(LedgerError, match=r"begun with another model, plan; .*--fresh"):
        open_ledger(tmp_path / "ledger", {**IDENTITY, "model": "x", "plan": "y"})


def test_an_unreadable_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ledger").write_text("not JSON", encoding="utf-8")
    with pytest.raises(LedgerError, match="--fresh"):
        open_ledger(tmp_path / "ledger", IDENTITY)


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = open_ledger(tmp_path / "ledger", IDENTITY)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(StorageError, match="No space left on device; make room and run again"):
        ledger.record(0)
    assert ledger.done == set()
