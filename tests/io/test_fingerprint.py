from __future__ import annotations

import os
import shutil

import numpy as np

from keramos.core import Box, Volume, VoxelSize
from keramos.io import create_image, file_fingerprint, open_labels, open_volume


def test_it_knows_what_it_should_and_not_the_folder(tmp_path, stack):
    np.save(tmp_path / "a.npy", stack)
    first = file_fingerprint(tmp_path / "a.npy")
    assert first == file_fingerprint(open_volume(tmp_path / "a.npy"))
    assert first != file_fingerprint(open_volume(tmp_path / "a.npy", voxel_size=VoxelSize(1, 1, 1)))
    assert first != file_fingerprint(open_volume(tmp_path / "a.npy", box=Box((0, 0, 0), (12, 23, 31))))
    (tmp_path / "moved").mkdir()
    shutil.copy2(tmp_path / "a.npy", tmp_path / "moved" / "a.npy")
    assert first == file_fingerprint(tmp_path / "moved" / "a.npy")
    os.utime(tmp_path / "a.npy", ns=(1, 1))
    assert first != file_fingerprint(tmp_path / "a.npy")


def test_arrays_count_by_their_bytes(stack):
    first = file_fingerprint(Volume.from_array(stack))
    assert first == file_fingerprint(Volume.from_array(stack.copy()))
    stack[3, 4, 5] += 1
    assert first != file_fingerprint(Volume.from_array(stack))


def test_a_chunk_written_later_changes_it(tmp_path, stack):
    writer = create_image(tmp_path / "a.zarr", stack.shape, stack.dtype, voxel_size=None)
    before = file_fingerprint(tmp_path / "a.zarr")
    writer.write(writer_box := Box.whole(stack.shape), stack)
    assert writer_box.voxels == stack.size
    assert before != file_fingerprint(tmp_path / "a.zarr")


def test_labels_read_differently_are_different(tmp_path, stack):
    np.save(tmp_path / "a.npy", stack)
    one = open_labels(tmp_path / "a.npy", phases="void=0-127,solid=128-255")
    two = open_labels(tmp_path / "a.npy", phases="void=0-126,solid=127-255")
    assert file_fingerprint(one) != file_fingerprint(two)
