"""A store that a killed run had begun to delete is no obstacle to the next one."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from doubles import Killed

from keramos.core import Volume
from keramos.core.errors import StorageError
from keramos.io import open_volume, remove_store, save_volume


def test_a_deletion_that_was_killed_leaves_nothing_in_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, volume = tmp_path / "v.ome.zarr", Volume.from_array(np.zeros((4, 8, 8), np.uint8))
    save_volume(out, volume)

    def delete_some(folder: Path) -> None:
        (folder / "zarr.json").unlink()
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", delete_some)
        with pytest.raises(Killed):
            remove_store(out)
    save_volume(out, volume)
    assert open_volume(out).shape == (4, 8, 8)
    remove_store(out)
    assert not list(tmp_path.iterdir())


def test_something_else_is_not_deleted(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes.txt").write_text("mine")
    with pytest.raises(StorageError, match="something else than a Zarr store"):
        remove_store(tmp_path / "folder")
    assert (tmp_path / "folder" / "notes.txt").read_text() == "mine"
