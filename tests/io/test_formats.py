"""Input formats are found by registration, also from another package, and hand on raw tags unread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mrcfile
import numpy as np
import pytest
import tifffile
from PIL import Image, PngImagePlugin

from keramos.core.errors import FormatError
from keramos.io import create_image, open_labels, open_volume
from keramos.io.folder import open_files, slices_of
from keramos.io.format import FORMATS
from keramos.io.images import open_source

TOY = '''
from pathlib import Path

import numpy as np

from keramos.core import ArraySource, VoxelSize
from keramos.io.format import Format, Opened


def open_toy(path: Path, indices: bool) -> Opened:
    """A line with the shape and the voxel size, then the bytes."""
    head, pixels = path.read_bytes().split(b"\\n", 1)
    z, y, x, *edges = head.decode().removeprefix("toy ").split()
    array = np.frombuffer(pixels, np.uint8).reshape(int(z), int(y), int(x))
    return Opened(ArraySource(array), VoxelSize(*map(float, edges)), tags=({"head": head.decode()},))


FORMAT = Format(
    "Toy", (".toy",), open_toy, sniff=lambda path: path.read_bytes().startswith(b"toy "), in_folders=True
)
'''


def write_toy(path: Path, pixels: np.ndarray) -> None:
    head = "toy " + " ".join(map(str, (*pixels.shape, 20, 26.4, 20.8)))
    path.write_bytes(head.encode() + b"\n" + pixels.tobytes())


def test_a_format_of_another_package_through_the_command_line(
    install: Callable[..., Path], keramos: Callable[..., Any], tmp_path: Path
) -> None:
    codes = np.random.default_rng(0).integers(0, 2, (3, 40, 50)).astype(np.uint8)
    write_toy(tmp_path / "a.toy", 50 + 100 * codes)
    assert "found" in keramos("info", tmp_path / "a.toy").complaint
    install(FORMATS, "toy_format", TOY)
    described = keramos("info", tmp_path / "a.toy")
    assert described.status == 0
    for words in ("Toy", "3 x 40 x 50", "20.0 x 26.4 x 20.8"):
        assert words in described.out
    out = tmp_path / "o.ome.zarr"
    assert keramos("segment", tmp_path / "a.toy", "--model", "otsu", "--out", out).status == 0
    assert np.array_equal(open_labels(out).read(), codes)
    (tmp_path / "unknown").write_bytes(b"?")
    assert "Toy" in keramos("info", tmp_path / "unknown").complaint


def test_a_format_of_another_package_in_folders_and_without_its_suffix(
    install: Callable[..., Path], tmp_path: Path, stack: np.ndarray
) -> None:
    install(FORMATS, "toy_format", TOY)
    folder = tmp_path / "slices"
    folder.mkdir()
    for z, pixels in enumerate(stack):
        write_toy(folder / f"{z}.toy", pixels[None])
    volume = open_volume(folder)
    assert np.array_equal(volume.read(), stack)
    assert volume.voxel_size.zyx == (20, 26.4, 20.8)
    assert [tags["head"] for tags in open_source(folder, indices=False).tags] == ["toy 1 23 31 20 26.4 20.8"] * 12
    write_toy(tmp_path / "stack.dat", stack)
    assert np.array_equal(open_volume(tmp_path / "stack.dat").read(), stack)


def test_formats_that_share_a_suffix_are_told_apart_by_content(
    install: Callable[..., Path], tmp_path: Path, stack: np.ndarray
) -> None:
    install(FORMATS, "toy_format", TOY.replace('(".toy",)', '(".tif",)'))
    write_toy(tmp_path / "toy.tif", stack)
    tifffile.imwrite(tmp_path / "tiff.tif", stack)
    assert np.array_equal(open_volume(tmp_path / "toy.tif").read(), stack)
    assert np.array_equal(open_volume(tmp_path / "tiff.tif").read(), stack)
    for write in (lambda path, pixels: write_toy(path, pixels[None]), tifffile.imwrite):
        for z, pixels in enumerate(stack[:3]):
            write(tmp_path / f"slice{z}.tif", pixels)
        assert np.array_equal(open_volume(tmp_path / "slice*.tif").read(), stack[:3])


@pytest.mark.parametrize("name", ["a.tif", "a.png", "a.bmp", "a.mrc", "a.npy"])
def test_a_file_without_a_known_suffix_is_opened_by_its_content(tmp_path: Path, stack: np.ndarray, name: str) -> None:
    known, unknown = tmp_path / name, tmp_path / "slice_0001"
    if name in ("a.png", "a.bmp"):
        Image.fromarray(stack[0]).save(known)
    elif name == "a.tif":
        tifffile.imwrite(known, stack[0])
    elif name == "a.npy":
        np.save(known, stack[0])
    else:
        with mrcfile.new(known) as mrc:
            mrc.set_data(stack[0].astype(np.int16))
    known.rename(unknown)
    assert np.array_equal(open_volume(unknown).read()[0], stack[0])


def test_raw_tags_of_each_slice_are_read_when_looked_at(tmp_path: Path, stack: np.ndarray) -> None:
    text = b"[EScan]\r\nPixelHeight=2.64e-008\r\n"
    for z, pixels in enumerate(stack[:6]):
        extra = [(34682, 2, len(text), text, True), (65000, "H", 1, 100 + z, True)]
        tifffile.imwrite(tmp_path / f"{z}.tif", pixels, extratags=extra, metadata=None)
    opened = open_source(tmp_path, indices=False)
    assert [tags["65000"] for tags in opened.tags] == [100, 101, 102, 103, 104, 105]
    assert opened.tags[0]["34682"].rstrip(b"\0") == text
    assert opened.tags[0]["256"] == 31
    assert "273" not in opened.tags[0], "where strips lie is nobody's metadata"
    (tmp_path / "5.tif").unlink()
    unseen = open_files(slices_of(tmp_path), indices=False).tags
    (tmp_path / "1.tif").unlink()
    with pytest.raises((FormatError, OSError)):
        unseen[1]["65000"]


def test_raw_tags_of_other_formats(tmp_path: Path, stack: np.ndarray) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Detector", "InLens")
    Image.fromarray(stack[0]).save(tmp_path / "a.png", pnginfo=info)
    with mrcfile.new(tmp_path / "a.mrc") as mrc:
        mrc.set_data(stack.astype(np.int16))
        mrc.voxel_size = (208, 264, 200)
    create_image(tmp_path / "a.zarr", stack.shape, stack.dtype, voxel_size=None)
    png, mrc_tags, ngff = (open_source(tmp_path / f"a.{end}", indices=False).tags[0] for end in ("png", "mrc", "zarr"))
    assert png["Detector"] == "InLens"
    assert (mrc_tags["nx"], mrc_tags["extended_header"]) == (31, b"")
    assert ngff["keramos"]["name"] == "images"
