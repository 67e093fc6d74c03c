"""TIFF stacks as software writes them: pages stored differently, channels, one file a slice."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile

from keramos.core import VoxelSize
from keramos.core.errors import FormatError
from keramos.io import file_fingerprint, open_volume

STACK = np.random.default_rng(9).integers(0, 256, (6, 9, 11), dtype=np.uint8)


def write_pages(path: Path, pages: np.ndarray | list[np.ndarray], options: list[dict[str, object]]) -> Path:
    with tifffile.TiffWriter(path) as tif:
        for page, option in zip(pages, options, strict=True):
            tif.write(page, contiguous=False, **{"metadata": None, **option})  # type: ignore[arg-type]
    return path


def write_ome_set(folder: Path, compression: str | None = None) -> list[Path]:
    """One OME-TIFF a slice, each with the XML of the whole set."""
    names = [f"s{z:03}.ome.tif" for z in range(len(STACK))]
    data = "".join(
        f'<TiffData FirstZ="{z}" FirstC="0" FirstT="0" IFD="0" PlaneCount="1">'
        f'<UUID FileName="{name}">urn:uuid:00000000-0000-0000-0000-{z + 1:012x}</UUID></TiffData>'
        for z, name in enumerate(names)
    )
    sizes = "".join(f'PhysicalSize{a}="{n}" PhysicalSize{a}Unit="nm" ' for a, n in (("X", 5), ("Y", 5), ("Z", 20)))
    for z, name in enumerate(names):
        xml = (
            '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" '
            f'UUID="urn:uuid:00000000-0000-0000-0000-{z + 1:012x}"><Image ID="Image:0"><Pixels ID="Pixels:0" '
            f'DimensionOrder="XYZCT" Type="uint8" SizeX="11" SizeY="9" SizeZ="6" SizeC="1" SizeT="1" {sizes}>'
            f'<Channel ID="Channel:0:0" SamplesPerPixel="1"/>{data}</Pixels></Image></OME>'
        )
        pixels = STACK[z] if z else STACK[z] // 64  # compresses to another length
        tifffile.imwrite(folder / name, pixels, description=xml, metadata=None, compression=compression)
    return [folder / name for name in names]


@pytest.mark.parametrize(
    "options",
    [
        [{"compression": None if z == 0 else "lzw"} for z in range(6)],
        [{"compression": "zlib" if z % 2 else None} for z in range(6)],
        [{"metadata": {}} for z in range(6)],
        [{"compression": "zlib", "predictor": z > 2} for z in range(6)],
        [{"tile": (16, 16)} if z == 3 else {"rowsperstrip": 2} for z in range(6)],
    ],
)
def test_pages_of_one_size_are_a_stack_however_they_are_stored(
    tmp_path: Path, options: list[dict[str, object]]
) -> None:
    volume = open_volume(write_pages(tmp_path / "a.tif", STACK, options))
    assert np.array_equal(volume.read(), STACK)
    assert np.array_equal(pickle.loads(pickle.dumps(volume)).read(), STACK)


def test_pages_that_are_no_stack_are_refused_with_the_reason(tmp_path: Path) -> None:
    deep: list[np.ndarray] = [STACK[0].astype(np.uint16), *STACK[1:]]
    path = write_pages(tmp_path / "a.tif", deep, [{}] * 6)
    with pytest.raises(FormatError, match=r"one type in .*, found 5 of uint8 \(page 1\) and 1 of uint16 \(page 0"):
        open_volume(path)
    sizes: list[np.ndarray] = [*STACK[:5], STACK[5][:4]]
    path = write_pages(tmp_path / "b.tif", sizes, [{}] * 6)
    with pytest.raises(FormatError, match=r"one size in .*, found 5 of \(9, 11\) \(page 0\) and 1 of \(4, 11\)"):
        open_volume(path)
    shown = [{"photometric": "miniswhite" if z == 2 else "minisblack"} for z in range(6)]
    with pytest.raises(FormatError, match="one display"):
        open_volume(write_pages(tmp_path / "c.tif", STACK, shown))


def test_two_stacks_in_one_file_are_not_joined(tmp_path: Path) -> None:
    path = write_pages(tmp_path / "a.tif", [STACK, STACK], [{"metadata": {}}] * 2)
    with pytest.raises(FormatError, match=r"expected one image in .*, found 2 images"):
        open_volume(path)


def test_channels_are_refused_with_what_suits_them(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, STACK.reshape(3, 2, 9, 11), imagej=True, metadata={"axes": "ZCYX"})
    with pytest.raises(FormatError, match=r"one grey channel, found 2 in .*Duplicate.*Split Channels") as stack:
        open_volume(path)
    tifffile.imwrite(path, STACK[:3], imagej=True, metadata={"axes": "CYX", "mode": "grayscale"})
    with pytest.raises(FormatError, match=r"found 3 in .*if they are slices.*1 channel, 3 slices.*Re-order") as one:
        open_volume(path)
    assert not any("8-bit" in str(caught.value) for caught in (stack, one))


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.filterwarnings("error:reading array:UserWarning")
def test_an_ome_tiff_with_one_file_a_slice_is_its_stack(tmp_path: Path, compression: str | None) -> None:
    files = write_ome_set(tmp_path, compression)
    right = np.concatenate([STACK[:1] // 64, STACK[1:]])
    for given in (tmp_path, str(tmp_path / "*.tif"), files[0], files[3]):
        volume = open_volume(given)
        assert volume.voxel_size == VoxelSize(20, 5, 5)
        assert np.array_equal(volume.read(), right)
        assert np.array_equal(pickle.loads(pickle.dumps(volume)).read(), right)
    before = file_fingerprint(open_volume(tmp_path))
    shutil.copy(files[4], files[5])
    assert file_fingerprint(open_volume(tmp_path)) != before, "all files count"


def test_a_file_of_the_set_that_is_not_there_is_named(tmp_path: Path) -> None:
    files = write_ome_set(tmp_path)
    files[4].unlink()
    for given in (tmp_path, files[0]):
        with pytest.raises(FormatError, match=r"expected the 6 slices .* found 1 missing \(no file s004\.ome\.tif\)"):
            open_volume(given)


def test_a_set_beside_other_slices_is_refused(tmp_path: Path) -> None:
    write_ome_set(tmp_path)
    tifffile.imwrite(tmp_path / "t.tif", STACK[0])
    with pytest.raises(FormatError, match="expected one slice a file, found 6"):
        open_volume(tmp_path)
