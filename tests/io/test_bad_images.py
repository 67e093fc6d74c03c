"""Bad input: one clear sentence each, tested by message."""

from __future__ import annotations

import struct
import zlib

import mrcfile
import numpy as np
import pytest
import tifffile
import zarr
from PIL import Image

from keramos.core import Box
from keramos.core.errors import FormatError, KeramosError, MissingFileError, PixelError, ShapeError
from keramos.io import open_volume


def refusal(kind, path, match):
    with pytest.raises(kind, match=match) as caught:
        open_volume(path).read()
    assert isinstance(caught.value, KeramosError)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def cut(path, fraction):
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * fraction)])


def test_missing_file_empty_folder_and_pattern_without_match(tmp_path):
    assert "nowhere.tif" in refusal(MissingFileError, tmp_path / "nowhere.tif", "expected a file or folder, found noth")
    refusal(MissingFileError, tmp_path, r"expected slices .* in the folder .*, found none")
    refusal(MissingFileError, tmp_path / "*.tif", r"match the pattern '.*\*\.tif', found none")


@pytest.mark.parametrize("options", [{}, {"imagej": True}, {"compression": "zlib"}, {"bigtiff": True}, {"ome": True}])
@pytest.mark.parametrize("fraction", [0.6, 0.3, 0.02])
def test_truncated_tiff(tmp_path, stack, options, fraction):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, stack, **options)
    assert np.array_equal(open_volume(path).read(), stack)
    cut(path, fraction)
    refusal(FormatError, path, "truncated")


@pytest.mark.parametrize("options", [{"imagej": True}, {"ome": True}, {"compression": "zlib", "metadata": None}])
def test_a_tiff_cut_anywhere_is_refused_or_whole(tmp_path, stack, options):
    """Some writers put headers that nobody needs behind the pixels: losing those may go unnoticed, a slice may not."""
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, stack[:4], **options)
    data = path.read_bytes()
    for length in range(0, len(data), 41):
        path.write_bytes(data[:length])
        try:
            pixels = open_volume(path).read()
        except FormatError:
            continue
        assert np.array_equal(pixels, stack[:4]), length


def test_truncated_pages_written_one_by_one(tmp_path, stack):
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as tif:
        for pixels in stack:
            tif.write(pixels, contiguous=False, compression="zlib", metadata=None)
    assert np.array_equal(open_volume(path).read(), stack)
    cut(path, 0.6)
    refusal(FormatError, path, "expected a header for every page .* truncated")


def test_truncated_header_empty_file_and_other_file(tmp_path, stack):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, stack)
    path.write_bytes(path.read_bytes()[:6])
    refusal(FormatError, path, "expected a TIFF in .* truncated")
    path.write_bytes(b"")
    refusal(FormatError, path, "found an empty file: the file is truncated")
    path.write_text("this is no image", encoding="utf-8")
    refusal(FormatError, path, "expected a TIFF in .*, found a truncated or other file")


def test_damaged_tiff_data(tmp_path, stack):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, stack, compression="zlib")
    with tifffile.TiffFile(path) as tif:
        start, count = tif.pages[5].dataoffsets[0], tif.pages[5].databytecounts[0]
    data = bytearray(path.read_bytes())
    data[start : start + count] = b"\x55" * count
    path.write_bytes(data)
    refusal(FormatError, path, r"expected readable pixels in slice 5 of .*a\.tif, found damage")


def test_a_slice_of_another_size_is_named_with_both_sizes(tmp_path, stack):
    for z in range(3):
        Image.fromarray(stack[z]).save(tmp_path / f"s{z}.png")
    Image.fromarray(stack[0][:20]).save(tmp_path / "s2.png")
    refusal(ShapeError, tmp_path, r"expected slices of 23 x 31 pixels .* found 20 x 31 in .*s2\.png")


def test_a_folder_that_mixes_types_or_formats(tmp_path, stack):
    for z in range(3):
        tifffile.imwrite(tmp_path / f"s{z}.tif", stack[z])
    Image.fromarray(stack[0]).save(tmp_path / "preview.png")
    refusal(FormatError, tmp_path, r"slices of one format in the folder .*, found 3 \.tif and 1 \.png")
    (tmp_path / "preview.png").unlink()
    tifffile.imwrite(tmp_path / "s1.tif", stack[1].astype(np.uint16))
    refusal(FormatError, tmp_path, r"expected uint8 pixels as in s0\.tif, found uint16 in .*s1\.tif")


def test_a_stack_among_the_slices(tmp_path, stack):
    tifffile.imwrite(tmp_path / "a.tif", stack[0])
    tifffile.imwrite(tmp_path / "b.tif", stack)
    refusal(FormatError, tmp_path, r"expected one slice a file, found 12 in .*b\.tif")


def test_rgb(tmp_path, stack):
    rgb = np.moveaxis(stack[:3], 0, 2)
    Image.fromarray(rgb).save(tmp_path / "a.png")
    tifffile.imwrite(tmp_path / "a.tif", rgb, photometric="rgb")
    tifffile.imwrite(tmp_path / "b.tif", rgb, photometric="rgb", compression="zlib")
    for name in ("a.png", "a.tif", "b.tif"):
        with pytest.raises(FormatError, match=r"one grey channel, found 3 \(RGB\) .*Image > Type > 8-bit"):
            open_volume(tmp_path / name)  # refused when opened, before anything is read


def test_unknown_format(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8")
    text = refusal(
        FormatError, tmp_path / "a.jpg", r"expected a file of the formats .*, or a folder of slices, found .*a\.jpg"
    )
    assert all(name in text for name in ("TIFF", "PNG", "BMP", "MRC", "NumPy", "OME-Zarr"))


def test_corrupt_png_and_bmp(tmp_path, stack):
    for name in ("a.png", "a.bmp"):
        Image.fromarray(stack[0]).save(tmp_path / name)
        cut(tmp_path / name, 0.5)
        refusal(FormatError, tmp_path / name, "expected a readable (PNG|BMP) in .*, found a corrupt or truncated file")
        (tmp_path / name).write_bytes(b"nothing")
        refusal(FormatError, tmp_path / name, "expected a readable (PNG|BMP) in .*, found a corrupt or truncated file")


def test_nan_and_infinity_name_file_and_slice(tmp_path, stack):
    grey = stack.astype(np.float32)
    grey[7, 5, 3] = np.nan
    np.save(tmp_path / "a.npy", grey)
    refusal(PixelError, tmp_path / "a.npy", r"found NaN in slice 7 of .*a\.npy at \(y, x\) = \(5, 3\); replace")
    elsewhere = Box((0, 0, 0), (7, 23, 31))
    assert np.array_equal(open_volume(tmp_path / "a.npy").read(elsewhere), stack[:7])
    for z, pixels in enumerate(np.where(np.isnan(grey), np.inf, grey)):
        tifffile.imwrite(tmp_path / f"s{z}.tif", pixels)
    refusal(PixelError, tmp_path / "s*.tif", r"found infinity in s7\.tif \(slice 7\)")


def test_truncated_numpy_and_wrong_numbers(tmp_path, stack):
    path = tmp_path / "a.npy"
    np.save(path, stack)
    cut(path, 0.5)
    refusal(FormatError, path, "truncated")
    np.save(path, np.zeros((2, 3, 4, 5)))
    refusal(FormatError, path, r"expected a 2-D or 3-D array .* found float64 of shape \(2, 3, 4, 5\)")
    np.save(path, np.array([{"a": 1}], object), allow_pickle=True)
    refusal(FormatError, path, "expected a NumPy array of numbers")


def test_truncated_mrc(tmp_path, stack):
    path = tmp_path / "a.mrc"
    with mrcfile.new(path) as mrc:
        mrc.set_data(stack.astype(np.int16))
    cut(path, 0.5)
    refusal(FormatError, path, r"in .*a\.mrc.*truncated")
    path.write_bytes(b"no mrc at all")
    refusal(FormatError, path, r"a\.mrc")


def test_zarr_without_multiscales(tmp_path, stack):
    zarr.create_group(tmp_path / "a.zarr")
    refusal(FormatError, tmp_path / "a.zarr", r"OME-Zarr metadata \(multiscales.* found a Zarr without")
    zarr.create_array(tmp_path / "b.zarr", data=stack)
    refusal(FormatError, tmp_path / "b.zarr", "expected an OME-Zarr group with multiscales")
    (tmp_path / "c.zarr").mkdir()
    refusal(FormatError, tmp_path / "c.zarr", "expected an OME-Zarr group .*, found no Zarr at all")


def test_zarr_with_a_missing_level_or_odd_metadata(tmp_path):
    axes = [{"name": n, "type": "space"} for n in "zyx"]
    for name, multiscale in {
        "a.zarr": {"axes": axes, "datasets": [{"path": "0"}]},
        "b.zarr": {"axes": ["z", "y", "x"], "datasets": [{"path": "0"}]},
        "c.zarr": {"axes": axes, "datasets": []},
    }.items():
        zarr.create_group(tmp_path / name, attributes={"ome": {"version": "0.5", "multiscales": [multiscale]}})
    refusal(FormatError, tmp_path / "a.zarr", "expected a Zarr array in .*0, found none that opens")
    refusal(FormatError, tmp_path / "b.zarr", "expected NGFF 0.4 or 0.5 multiscales")
    refusal(FormatError, tmp_path / "c.zarr", "expected NGFF 0.4 or 0.5 multiscales")


def png_header(height, width, bits=8):
    """A PNG that ends behind its header and a few bytes of data."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(2000))),
        (b"IEND", b""),
    ]
    parts = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def test_a_png_that_claims_gigabytes(tmp_path):
    (tmp_path / "a.png").write_bytes(png_header(50_000, 60_000))
    refusal(FormatError, tmp_path / "a.png", r"expected 715\.3 MiB for its pixels .* cannot hold them")


def test_a_tiff_whose_strips_cannot_hold_its_pixels(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((64, 64), np.uint8), compression="zlib")
    with tifffile.TiffFile(path, mode="r+") as tif:
        for name in ("ImageLength", "ImageWidth", "RowsPerStrip"):
            tif.pages[0].tags[name].overwrite(60_000)
    refusal(FormatError, path, r"expected 3\.353 GiB for the pixels of slice 0 .* cannot hold them")


@pytest.mark.parametrize("shape", [(-1, 8, 8), (0, 8, 8), (2**40, 2**30, 2**20)])
def test_npy_headers_with_absurd_shapes(tmp_path, shape):
    with (tmp_path / "a.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
        file.write(bytes(64))
    refusal(FormatError, tmp_path / "a.npy", r"truncated|at least one pixel")


def test_a_nested_npy_header(tmp_path):
    header = b"{'descr': " + b"(" * 9000 + b")" * 900
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    refusal(FormatError, tmp_path / "a.npy", "truncated or holds something else")


@pytest.mark.parametrize("lengths", [(-5, 8, 4), (8, 0, 4), (2**31 - 1, 2**31 - 1, 2**31 - 1)])
def test_mrc_headers_with_absurd_lengths(tmp_path, lengths):
    path = tmp_path / "a.mrc"
    with mrcfile.new(path) as mrc:
        mrc.set_data(np.zeros((4, 8, 8), np.int16))
    data = bytearray(path.read_bytes())
    struct.pack_into("<iii", data, 0, *lengths)
    path.write_bytes(data)
    refusal(FormatError, path, "MRC image|truncated|at least one pixel")


@pytest.mark.parametrize(("scale", "named"), [(0, "0 along z"), (-5, "-5 along z"), (float("nan"), "nan along z")])
def test_a_zarr_scale_that_is_no_length_is_said(tmp_path, stack, scale, named):
    path = tmp_path / "a.zarr"
    rows = [{"type": "scale", "scale": [scale, 5, 5]}]
    axes = [{"name": axis, "type": "space", "unit": "nanometer"} for axis in "zyx"]
    image = {"version": "0.4", "axes": axes, "datasets": [{"path": "0", "coordinateTransformations": rows}]}
    group = zarr.create_group(path, zarr_format=2, attributes={"multiscales": [image]})
    group.create_array("0", shape=stack.shape, dtype=stack.dtype, chunks=stack.shape)[:] = stack
    volume = open_volume(path)
    assert volume.voxel_size is None
    assert [finding.kind for finding in volume.findings] == ["voxel-size"]
    assert named in volume.findings[0].message


@pytest.mark.parametrize(
    "multiscale",
    [
        7,
        [],
        [None],
        [{"axes": "zyx", "datasets": []}],
        [{"axes": [{"name": "z"}, {"name": "z"}, {"name": "y"}], "datasets": [{"path": "0"}]}],
        [{"axes": [{"name": axis} for axis in "yx"], "datasets": [{"path": "0"}]}],
        [{"axes": [{"name": axis} for axis in "zyx"], "datasets": [{"path": 3}]}],
    ],
)
def test_zarr_attributes_of_any_kind(tmp_path, stack, multiscale):
    path = tmp_path / "a.zarr"
    group = zarr.create_group(path, attributes={"ome": {"version": "0.5", "multiscales": multiscale}})
    group.create_array("0", shape=stack.shape, dtype=stack.dtype)
    refusal(FormatError, path, "a.zarr")


def test_deeply_nested_zarr_attributes(tmp_path):
    zarr.create_group(tmp_path / "a.zarr", zarr_format=2)
    (tmp_path / "a.zarr" / ".zattrs").write_text('{"multiscales": ' + "[" * 100_000 + "]" * 100_000 + "}")
    refusal(FormatError, tmp_path / "a.zarr", "nested too deeply")


def test_a_mapped_image_that_is_shown_inverted_still_opens(tmp_path, stack):
    tifffile.imwrite(tmp_path / "a.tif", stack, photometric="miniswhite")
    assert open_volume(tmp_path / "a.tif").shape == stack.shape
