"""A store that a killed run had begun to delete is no obstacle to the next one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from doubles import Killed

from keramos.core import Volume
from keramos.core.errors import StorageError
from keramos.io import create_image, open_volume, remove_store, save_volume, whole_store


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


def create_store(path: Path) -> None:
    """A store as a run creates it: whole, with nothing in it yet."""
    with whole_store(path) as partial:
        create_image(partial, (4, 8, 8), "uint8", voxel_size=None).finish()


def save_store(path: Path) -> None:
    save_volume(path, Volume.from_array(np.zeros((4, 8, 8), np.uint8)))


@pytest.mark.parametrize("write", [create_store, save_store])
def test_a_link_to_a_store_stays_and_leads_to_the_next_one(write: Callable[[Path], None], tmp_path: Path) -> None:
    disk, link = tmp_path / "disk", tmp_path / "v.ome.zarr"
    disk.mkdir()
    link.symlink_to(disk / "stored.ome.zarr")
    for _ in range(2):
        write(link)
        assert open_volume(disk / "stored.ome.zarr").shape == (4, 8, 8)
        remove_store(link)
        assert link.is_symlink()
        assert not list(disk.iterdir())
        assert sorted(tmp_path.iterdir()) == [disk, link]


def test_something_else_is_not_deleted(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes.txt").write_text("mine")
    with pytest.raises(StorageError, match="something else than a Zarr store"):
        remove_store(tmp_path / "folder")
    assert (tmp_path / "folder" / "notes.txt").read_text() == "mine"
