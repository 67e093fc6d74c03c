"""Folders of slices as people have them: two series, copies, gaps, an overview, odd characters, pictures of no use."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from keramos.core import Finding
from keramos.core.errors import FormatError, KeramosError
from keramos.io import open_volume

PIXELS = np.random.default_rng(3).integers(1, 255, (40, 4, 5), dtype=np.uint8)


def write(folder: Path, *names: str) -> Path:
    """A folder with a slice of its own for each name."""
    for z, name in enumerate(names):
        tifffile.imwrite(folder / name, PIXELS[z])
    return folder


def findings(folder: Path | str) -> list[Finding]:
    """The findings about the names; positions in them tell the thickness of slices, which is another matter."""
    return [finding for finding in open_volume(folder).findings if finding.kind != "voxel-size"]


def only(folder: Path | str) -> Finding:
    (finding,) = findings(folder)
    return finding


@pytest.mark.parametrize(
    ("names", "patterns"),
    [
        ([f"slice_{z:04}_{d}.tif" for z in range(5) for d in ("ICD", "TLD")], ["slice_*_ICD.tif", "slice_*_TLD.tif"]),
        ([f"{d} {z}.tif" for d in ("BSE", "SE2") for z in (8, 9, 10, 11)], ["BSE *.tif", "SE2 *.tif"]),
        ([f"{d}_{z:03}.tif" for d in ("a", "b", "c") for z in range(4)], ["a_*.tif", "b_*.tif", "c_*.tif"]),
        ([f"s{z:03}_ch{c}.tif" for z in range(6) for c in (0, 1)], ["s*_ch0.tif", "s*_ch1.tif"]),
        ([f"s{z}_c{c}.tif" for z in range(3) for c in (0, 1)], ["s*_c0.tif", "s*_c1.tif"]),
        ([f"s_{z:03}{m}.tif" for z in range(4) for m in ("", "_raw")], ["s_???.tif", "s_*_raw.tif"]),
        ([f"s_{z:03}.{e}" for z in range(4) for e in ("tif", "tiff")], ["s_*.tif", "s_*.tiff"]),
    ],
)
def test_two_series_in_one_folder_are_a_fatal_finding_with_patterns(
    tmp_path: Path, names: list[str], patterns: list[str]
) -> None:
    finding = only(write(tmp_path, *names))
    assert (finding.kind, finding.severity) == ("mixed-series", "fatal")
    for pattern in patterns:
        assert f"'{tmp_path / pattern}'" in finding.advice
        one = open_volume(tmp_path / pattern)
        assert one.shape[0] == len(names) // len(patterns)
        assert not findings(tmp_path / pattern)


def test_a_second_series_with_a_gap_or_a_late_start_is_one_all_the_same(tmp_path: Path) -> None:
    finding = only(write(tmp_path, *(f"a{z:03}.tif" for z in range(9)), *(f"b{z:03}.tif" for z in (4, 5, 7, 8, 9))))
    assert (finding.kind, finding.severity) == ("mixed-series", "fatal")
    assert "9 like a000.tif, 5 like b004.tif" in finding.message


@pytest.mark.parametrize(
    "names",
    [
        [f"slice_{z:05}_z={z * 0.02:.4f}um.tif" for z in range(60)],
        [f"2024-03-05_{12 + z * 17 // 60}-{z * 17 % 60:02}-{z * 7 % 60:02}_slice_{z + 7}.tif" for z in range(12)],
        [f"s_{z:02}_x100_y{z * 5}.tif" for z in range(11)],
        [f"image_{12 + z // 120:02}{z // 2 % 60:02}{z % 2 * 30:02}.tif" for z in range(110, 130)],
        [f"slice ({z}).tif" for z in range(1, 12)],
        [f"slice_{z}.tif" for z in range(0, 40, 4)],
        [f"part1_{z:02}.tif" for z in range(6)],
        ["before.tif", "after.tif"],
        ["7.tif"],
        [f"dose10²{z}.tif" for z in range(3)],
        [f"Ω٣_{z}.tif" for z in range(3)],
        [f"z={z * 0.02 - 0.06:.4f}um.tif" for z in range(7)],
    ],
)
def test_names_of_one_whole_series_give_no_finding(tmp_path: Path, names: list[str]) -> None:
    for z, name in enumerate(names):
        tifffile.imwrite(tmp_path / name, np.full((2, 3), z, np.uint8))
    volume = open_volume(tmp_path)
    assert not findings(tmp_path)
    if len(names) > 2:
        assert volume.read()[:, 0, 0].tolist() == list(range(len(names)))


def test_the_number_that_counts_the_slices_tells_what_is_missing(tmp_path: Path) -> None:
    kept = [z for z in range(12) if z not in (5, 6)]
    finding = only(write(tmp_path, *(f"slice_{z:05}_z={z * 0.02:.4f}um.tif" for z in kept)))
    assert (finding.kind, finding.numbers, finding.slices) == ("missing-slice", (5, 6), (4, 5))
    assert "(5, 6)" in finding.message
    assert finding.to_json()["numbers"] == [5, 6]
    assert Finding.from_json(finding.to_json()) == finding


def test_a_number_far_away_is_not_counted_out(tmp_path: Path) -> None:
    finding = only(write(tmp_path, "1.tif", "2.tif", "3.tif", "4.tif", "99999999999.tif"))
    assert finding.kind == "missing-slice"
    assert "99999999994 number(s)" in finding.message


@pytest.mark.parametrize(
    "mark",
    [
        "{} (1)",
        "{} - Copy",
        "{} - Copy (2)",
        "Copy of {}",
        "{} copy",
        "{} copy 2",
        "{} (copy)",
        "{}_copy",
        "{} - Kopie",
    ],
)
def test_copies_by_a_file_manager_are_left_out_and_a_gap_does_not_hide_behind_one(tmp_path: Path, mark: str) -> None:
    write(tmp_path, *(f"slice_{z:04}.tif" for z in range(8) if z != 4))
    shutil.copy(tmp_path / "slice_0006.tif", tmp_path / f"{mark.format('slice_0006')}.tif")
    volume = open_volume(tmp_path)
    assert np.array_equal(volume.read(), PIXELS[:7])
    copies, missing = volume.findings
    assert (copies.kind, copies.numbers, copies.severity) == ("repeated-slice", (6,), "note")
    assert (missing.kind, missing.numbers) == ("missing-slice", (4,))


def test_a_copy_by_name_with_other_pixels_is_doubted(tmp_path: Path) -> None:
    write(tmp_path, *(f"s{z:02}.tif" for z in range(8)), "s05 (1).tif")
    volume = open_volume(tmp_path)
    assert volume.shape[0] == 9
    (finding,) = (one for one in volume.findings if one.kind == "repeated-slice")
    assert (finding.severity, finding.numbers) == ("warning", (5,))


def test_padded_and_plain_numbers_of_one_slice(tmp_path: Path) -> None:
    finding = only(write(tmp_path, *(f"s_{z:03}.tif" for z in range(8)), "s_7.tif"))
    assert (finding.kind, finding.numbers, finding.slices) == ("repeated-slice", (7,), (7, 8))


@pytest.mark.parametrize(
    "names",
    [[f"{d}_{z:03}.tif" for d in (1, 2) for z in range(5)], [f"C{d}-s{z}.tif" for d in (1, 2) for z in range(5)]],
)
def test_numbers_that_start_again_are_doubted(tmp_path: Path, names: list[str]) -> None:
    finding = only(write(tmp_path, *names))
    assert (finding.kind, finding.severity, finding.slices) == ("mixed-series", "warning", (5,))
    assert "start again" in finding.message


def test_two_kinds_of_names_that_take_turns_or_follow_each_other(tmp_path: Path) -> None:
    turns, follow = tmp_path / "turns", tmp_path / "follow"
    for folder in (turns, follow):
        folder.mkdir()
    finding = only(write(turns, *(f"{z:03}_{'SE' if z % 2 else 'BSE'}.tif" for z in range(12))))
    assert (finding.kind, finding.severity) == ("mixed-series", "fatal")
    finding = only(write(follow, *(f"{'a' if z < 6 else 'b'}_{z:03}.tif" for z in range(12))))
    assert (finding.kind, finding.severity, finding.slices) == ("mixed-series", "note", (6,))


def test_pictures_beside_the_slices_that_are_not_read_are_counted(tmp_path: Path) -> None:
    write(tmp_path, *(f"s{z:02}.tif" for z in range(4)))
    for z in range(4, 12):
        Image.fromarray(PIXELS[z]).save(tmp_path / f"s{z:02}.jpg")
    finding = only(tmp_path)
    assert (finding.kind, finding.severity) == ("unread-files", "warning")
    assert "8 .jpg" in finding.message
    assert not findings(tmp_path / "*.tif")


def test_an_overview_among_the_slices_is_named_with_its_place(tmp_path: Path) -> None:
    finding = only(write(tmp_path, "overview_start.tif", *(f"slice_{z:04}.tif" for z in range(12))))
    assert (finding.kind, finding.severity, finding.slices) == ("mixed-series", "warning", (0,))
    assert "overview_start.tif" in finding.message
    assert "slice_*.tif'" in finding.advice


def test_a_renamed_slice_that_fills_the_gap_is_a_note(tmp_path: Path) -> None:
    names = [f"s_{z:02}{'_focus' if z == 5 else ''}.tif" for z in range(12)]
    assert only(write(tmp_path, *names)).severity == "note"


def test_names_in_another_order_than_their_numbers(tmp_path: Path) -> None:
    names = [f"{code}_slice_{z:02}.tif" for z, code in enumerate((91, 17, 23, 55, 68, 20, 42, 80, 77))]
    assert only(write(tmp_path, *names)).kind == "slice-order"


def test_a_folder_of_jpegs_says_what_they_are(tmp_path: Path) -> None:
    for z in range(12):
        Image.fromarray(PIXELS[z]).save(tmp_path / f"s{z:02}.jpg")
        (tmp_path / f"s{z:02}.txt").write_text("[SemImageFile]", encoding="utf-8")
    with pytest.raises(KeramosError, match=r"found 12 \.jpg, which is not read.*convert these to TIFF"):
        open_volume(tmp_path)
    with pytest.raises(FormatError, match=r"s00\.jpg, which is not read.*convert"):
        open_volume(tmp_path / "s00.jpg")
    with pytest.raises(KeramosError, match=r"found 12 \.txt instead"):
        open_volume(tmp_path / "*.txt")
