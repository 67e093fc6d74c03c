"""Parts of a preparation: its bytes, its view, and where slices lie by what the files state."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from doubles import Dies, Killed, Notes

from keramos.acquisition import Acquisition, Fact
from keramos.acquisition.tilt import report_uncorrected
from keramos.blocks import FoldCheckpoint
from keramos.core import Box, Finding, View, Volume, VoxelSize
from keramos.core.errors import FormatError, OptionError, PixelError, SettingsError
from keramos.core.progress import FindingCollector, Reporter, silent
from keramos.preparation import (
    REMEDIES,
    Observation,
    Preparation,
    PreparedSource,
    RawStack,
    Shear,
    SlicePositions,
    SliceShifts,
    from_bytes,
    observe_stack,
    place_on_grid,
    to_bytes,
)
from keramos.project.preparing.doubts import doubt_slices
from keramos.project.preparing.estimate import estimate_preparation, find_region
from keramos.project.preparing.facts import preparation_facts
from keramos.project.preparing.field import Field, find_field
from keramos.project.preparing.place import read_corrections, walk_of
from keramos.project.preparing.positions import find_positions
from keramos.project.preparing.raw import RawInput, open_raw
from keramos.project.preparing.view import doubt_view, find_view
from keramos.project.verbs import prepare as preparing
from keramos.settings.prepare import PrepareSettings
from keramos.simulation import make_phantom

IMAGES = make_phantom((6, 40, 48), seed=2).images.read()
SIZE = VoxelSize(20, 10, 10)
STILL = SliceShifts(np.zeros((6, 2)), np.zeros((6, 2)), is_moved=False)


def raw_input(stated: Acquisition, view: View | None = None) -> RawInput:
    volume = replace(Volume.from_array(IMAGES, SIZE), view=view)
    return RawInput(volume, Field(volume.box, 0, "none is seen"), stated)


def settings(**given: Any) -> PrepareSettings:
    return PrepareSettings("raw", "out.ome.zarr", **given)


def test_a_preparation_comes_back_from_its_bytes() -> None:
    stack = RawStack((6, 40, 48), SIZE)
    parameters = {}
    for remedy in REMEDIES.values():
        observer = remedy.observe(stack)
        for z, one in enumerate(IMAGES):
            observer.add(z, one.astype(np.float32))
        parameters[remedy.name] = observer.finish()
    rng = np.random.default_rng(5)
    shear = Shear((0.5, -0.25), (0.1, float("inf")), "fiducial")
    shifts = SliceShifts(rng.normal(size=(4, 2)), rng.uniform(size=(4, 2)), shear, None)
    positions = np.array([0.0, 21, 39, 80])
    window = (slice(1, 39), slice(0, 47))
    field = Box((0, 0, 0), (6, 40, 48))
    grid = place_on_grid(positions, 20)
    before = Preparation(field, (0, 1, 2, 4), (3,), (5,), positions, shifts, grid, parameters, window, ((2, 4),))
    known = {
        "even": SlicePositions(positions, spread=0.0),
        "likeness": SlicePositions(positions + 1, positions, positions[1:], 0.1),
    }
    before = replace(before, source="likeness", known=known, is_resampled=False)
    after = from_bytes(to_bytes(before))
    for name in ("field", "kept", "blank", "repeated", "window", "tears", "is_unrelated"):
        assert getattr(after, name) == getattr(before, name)
    assert after.shifts.shear == shear
    assert (after.source, after.is_resampled) == ("likeness", False)
    pairs = [
        (after.shifts, shifts),
        (after.grid, grid),
        *((after.remedies[name], parameters[name]) for name in REMEDIES),
        *((after.known[name], known[name]) for name in known),
    ]
    for one, other in pairs:
        for name, value in vars(other).items():
            assert np.array_equal(getattr(one, name), value), name
    with pytest.raises(FormatError, match="damage"):
        from_bytes(to_bytes(before)[:-40])


def test_findings_name_slices_by_their_numbers_in_the_file() -> None:
    shifts = SliceShifts(np.zeros((3, 2)), np.zeros((3, 2)), is_moved=False)
    grid = place_on_grid(np.array([0.0, 20, 60]), 20)
    window = (slice(0, 40), slice(0, 48))
    box = Box((0, 0, 0), (6, 40, 48))
    cut = Preparation(box, (0, 1, 3), (2, 5), (4,), np.array([0.0, 20, 60]), shifts, grid, {}, window, ((1, 3),))
    findings = doubt_slices(cut, 5)
    assert [(one.kind, one.slices) for one in findings] == [
        ("blank-slice", (7,)),
        ("blank-slice", (10,)),
        ("repeated-slice", (9,)),
        ("torn-stack", (6, 8)),
    ]
    assert "slice 7 is" in findings[0].message
    assert "made of the neighbours" in findings[0].effect
    assert "ends before" in findings[1].effect
    assert "slices 6 and 8" in findings[3].message


def test_a_course_too_unsure_to_be_undone_is_named_with_its_size() -> None:
    shifts = SliceShifts(np.zeros((3, 2)), np.full((3, 2), 0.4), is_moved=False, left=(0.52, 0.1))
    grid = place_on_grid(np.array([0.0, 20, 40]), 20)
    box, window = Box((0, 0, 0), (3, 40, 48)), (slice(0, 40), slice(0, 48))
    small = Preparation(box, (0, 1, 2), (), (), np.array([0.0, 20, 40]), shifts, grid, {}, window)
    (finding,) = doubt_slices(small)
    assert (finding.kind, finding.severity) == ("drift", "note")
    assert "0.52 ± 0.40 px along y" in finding.message
    assert not doubt_slices(replace(small, shifts=replace(shifts, left=(0.2, 0.2))))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"shear": "fiducial"}, "fiducial: expected a region"),
        ({"shear": "fiducial", "fiducial": "0:6,0:90,0:20"}, "fiducial: expected a box inside"),
        ({"ruler": "here"}, "ruler: expected a box as z0:z1"),
        ({"shear": "isotropy", "fiducial": "0:6,0:20,0:20"}, "shear: expected fiducial"),
        ({"shear": "isotropy", "align": "none"}, "shear: expected slices that are aligned"),
        ({"shear": "metadata"}, "shear: expected files that state"),
        ({"positions": "metadata"}, "positions: expected files that state"),
        ({"positions": "ruler"}, "ruler: expected a region with two lines"),
        ({"ruler_angle": 40.0}, "ruler_angle: expected the region of a ruler"),
    ],
)
def test_evidence_that_is_not_there_is_refused_before_slices_are_read(given: dict[str, Any], message: str) -> None:
    class Unread:
        shape, dtype = IMAGES.shape, IMAGES.dtype

        def read(self, box: Box) -> Any:
            raise AssertionError(box)

    raw = raw_input(Acquisition())
    unread = replace(raw, volume=replace(raw.volume, source=Unread()))
    with pytest.raises(OptionError, match=message):
        estimate_preparation(unread, settings(**given), silent)


@pytest.mark.parametrize(("shape", "bar"), [((6, 40, 48), 30), ((6, 15, 48), 0), ((6, 40, 3), 0)])
def test_slices_of_a_few_rows_or_columns_are_refused(shape: tuple[int, int, int], bar: int) -> None:
    few = Volume.from_array(np.zeros(shape, np.uint8), SIZE)
    with pytest.raises(OptionError, match="at least 16 x 16 pixels"):
        find_field(few, bar, None)


def test_grey_values_beyond_single_precision_are_refused() -> None:
    bright = Volume.from_array(IMAGES.astype(np.float32) * 1e30, SIZE)
    with pytest.raises(PixelError, match="at most 1e"):
        observe_stack(bright.source, bright.box, {})


def test_positions_that_the_files_state_are_taken() -> None:
    z = (0.0, 22.0, 39.0, 61.0, 80.0, 100.0)
    for values in (z, tuple(-one for one in z)):
        raw = raw_input(Acquisition(slice_z_nm=values))
        positions = find_positions(Observation((0, 1, 3, 5), (), (), {}), raw, settings())
        assert positions.nm.tolist() == [0, 22, 61, 100]
        assert (positions.source, positions.pitch_nm) == ("metadata", 20)
    two = Observation((1, 2), (), (), {})
    assert find_positions(two, raw_input(Acquisition()), settings()).nm.tolist() == [20, 40]
    for source in ("metadata", "likeness"):
        with pytest.raises(OptionError, match="expected"):
            find_positions(two, raw_input(Acquisition()), settings(positions=source))


def test_a_field_of_view_that_stands_still_walks_by_the_tangent_of_the_tilt() -> None:
    # Thickness 20 nm at 52 degrees between the columns: 20 / tan(52 degrees) = 15.63 nm on the section.
    assert walk_of(VoxelSize(20, 1, 1), 38.0) == pytest.approx(15.6257, abs=1e-4)
    with pytest.raises(OptionError, match="tilt of the section"):
        walk_of(SIZE, None)


def test_in_slices_that_are_upside_down_the_face_walks_the_other_way() -> None:
    facts = {"tilt_deg": Fact(38.0, "tag"), "scan_rotation_deg": Fact(180.0, "tag")}
    still = Fact(False, "tag")
    upright = raw_input(Acquisition({"tilt_deg": facts["tilt_deg"]}, followed=still))
    over = raw_input(Acquisition(facts, followed=still))
    down = read_corrections(upright)
    assert (np.diff(down[:, 0]) > 1).all()
    assert np.array_equal(read_corrections(over), -down)
    turned = replace(over, is_turned=True)
    assert np.array_equal(read_corrections(turned), down)
    assert find_view(over, STILL, settings()) == View(38.0, "increasing", "sheared", 180.0)
    assert find_view(turned, STILL, settings(turn=180)) == View(38.0, "increasing", "sheared", 0.0)


def test_regions_are_those_of_the_slices_as_they_are_in_the_files() -> None:
    whole = raw_input(Acquisition())
    cut = whole.volume.crop(Box((1, 4, 6), (6, 40, 46)))
    field = Field(Box((0, 0, 0), (5, 30, 40)), 6, "as given")
    raw = replace(whole, volume=cut, field=field)
    assert find_region("ruler", "0:6,10:30,6:40", raw) == (6, 26, 0, 34)
    assert find_region("ruler", "0:6,10:30,6:40", replace(raw, is_turned=True)) == (4, 24, 6, 40)
    for region in ("0:6,3:30,6:40", "0:6,10:35,6:40", "0:6,10:30,5:40", "0:6,10:30,6:47"):
        with pytest.raises(OptionError, match="ruler: expected a region within rows 4 to 34 and columns 6 to 46 of"):
            find_region("ruler", region, raw)


def test_the_view_is_as_stated_as_given_and_as_the_alignment_left_it() -> None:
    own = View(36.0, "decreasing")
    stated = Acquisition({"tilt_deg": Fact(40.0, "tag"), "cutting_order": Fact("decreasing", "tag")})
    assert find_view(raw_input(Acquisition()), STILL, settings()) is None
    assert find_view(raw_input(Acquisition(), own), STILL, settings()) == own
    assert find_view(raw_input(stated), STILL, settings()) == View(40.0, "decreasing")
    given = find_view(raw_input(stated, own), STILL, settings(tilt=10, frame="sheared", cutting_order="increasing"))
    assert given == View(10.0, "increasing", "sheared")
    still = replace(stated, followed=Fact(False, "tag"))
    assert find_view(raw_input(still), STILL, settings(tilt=35)) == View(35.0, "decreasing", "sheared")
    assert find_view(raw_input(still), STILL, settings(frame="section")) == View(40.0, "decreasing", "section")
    upright = replace(STILL, shear=Shear((1.0, 0.0), source="fiducial"))
    view = find_view(raw_input(stated), upright, settings(frame="sheared"))
    assert view == View(40.0, "decreasing", "section")
    assert doubt_view(raw_input(stated), view, upright, settings()) == []
    (doubt,) = doubt_view(raw_input(stated), View(38.0), STILL, settings())
    assert "1.56 px a slice" in doubt.effect
    assert doubt_view(raw_input(stated), View(0.0), STILL, settings()) == []


def test_slices_are_kept_as_they_are_or_put_where_they_lie() -> None:
    # Files state steps of 10, 30, 20, 20, 20 nm: the third slice of the volume is half one slice and half the next.
    raw = raw_input(Acquisition(slice_z_nm=(0.0, 10.0, 40.0, 60.0, 80.0, 100.0)))
    options = {"align": "none", "remedies": ("none",)}
    put = estimate_preparation(raw, settings(**options), silent)
    assert put.source == "metadata"
    assert put.places.tolist() == [0, 0.5, 2, 3, 4, 5]
    values = PreparedSource(raw.volume.source, put).read(Box((1, 0, 0), (2, 40, 48)))[0].astype(float)
    assert np.abs(values - (2 * IMAGES[1].astype(float) / 3 + IMAGES[2] / 3)).max() <= 0.5
    kept = estimate_preparation(raw, settings(uneven="keep", **options), silent)
    assert np.array_equal(PreparedSource(raw.volume.source, kept).read(raw.volume.box), IMAGES)
    facts = preparation_facts(kept, raw, [str(z) for z in range(6)], [])
    assert facts["slice_positions_nm"] == [0, 10, 40, 60, 80, 100]
    assert facts["slice_places"] == [0, 1, 2, 3, 4, 5]
    assert facts["slice_position_source"] == "metadata"
    assert facts["slice_position_sd_nm"] is None
    even = estimate_preparation(raw, settings(positions="even", **options), silent)
    assert even.positions_nm.tolist() == [0, 20, 40, 60, 80, 100]


def test_a_ruler_places_slices_if_one_is_given() -> None:
    columns = np.arange(48)
    depth = np.array([0.0, 1.5, 2.0, 3.0, 4.5, 5.0])
    grey = [40 + 100 * sum(np.exp(-(((columns - at) / 2) ** 2)) for at in (12, 30 + 1.5 * z)) for z in depth]
    images = np.rint(np.broadcast_to(np.array(grey)[:, None], (6, 40, 48))).astype(np.uint8)
    raw = replace(raw_input(Acquisition()), volume=Volume.from_array(images, SIZE))
    given = {"align": "none", "remedies": ("none",), "ruler": "0:6,0:40,0:48"}
    placed = estimate_preparation(raw, settings(**given), silent)
    assert placed.source == "ruler"
    assert placed.positions_nm == pytest.approx(20 * depth, abs=1)
    # 1.5 pixels of 10 nm a slice of depth, 7.5 in all: 75 nm on lines at an angle of 2 atan(0.5) are as deep as 75 nm.
    angle = 2 * np.degrees(np.arctan(0.5))
    steep = estimate_preparation(raw, settings(ruler_angle=angle, **given), silent)
    assert steep.positions_nm == pytest.approx(15 * depth, abs=1)
    with pytest.raises(OptionError, match="found none"):
        estimate_preparation(raw, settings(**{**given, "ruler": "0:6,0:40,0:24"}), silent)
    with pytest.raises(OptionError, match="at least 16"):
        estimate_preparation(raw, settings(**{**given, "ruler": "0:6,0:40,0:9"}), silent)


def test_uneven_positions_in_the_names_of_files_are_taken(tmp_path: Path) -> None:
    steps = np.array([20, 20, 31, 9, 20, 20, 20])
    z = np.concatenate([[0], np.cumsum(steps)])
    for name, places in (("uneven", z), ("even", 20 * np.arange(8))):
        (tmp_path / name).mkdir()
        for number, (nm, pixels) in enumerate(zip(places, np.vstack([IMAGES, IMAGES[:2]]), strict=True)):
            tifffile.imwrite(tmp_path / name / f"slice_{number:05}_z={nm / 1000:.4f}um.tif", pixels)
    reporter = FindingCollector(Reporter())
    raw = open_raw(PrepareSettings(tmp_path / "uneven", voxel_size=(20, 10, 10), box="1:8,0:40,0:48"), reporter)
    positions = find_positions(Observation(tuple(range(7)), (), (), {}), raw, settings())
    assert (positions.source, positions.nm.tolist()) == ("metadata", (z[1:] - z[1]).tolist())
    (doubt,) = (one for one in reporter.findings if one.kind == "slice-thickness")
    assert "at these positions" in doubt.effect
    given = {"voxel_size": (20, 10, 10)}
    for options, words in (({"uneven": "keep"}, "kept as they are"), ({"positions": "even"}, "all are taken as 20 nm")):
        reporter = FindingCollector(Reporter())
        open_raw(PrepareSettings(tmp_path / "uneven", **given, **options), reporter)
        (doubt,) = (one for one in reporter.findings if one.kind == "slice-thickness")
        assert words in doubt.effect
        assert not doubt.advice
    nominal = open_raw(PrepareSettings(tmp_path / "even", **given), FindingCollector(Reporter()))
    assert find_positions(Observation(tuple(range(8)), (), (), {}), nominal, settings()).source == "even"


class SavesEachSlab(FoldCheckpoint):
    def save(self, done: int, value: Any) -> None:
        self.every_s = 0.0
        super().save(done, value)


def test_a_first_reading_that_was_killed_goes_on_to_the_same_preparation(tmp_path: Path) -> None:
    grey = make_phantom((34, 48, 56), seed=4, severity=0.5).images.read()
    grey[16], grey[10] = grey[15], 0
    raw = replace(raw_input(Acquisition()), volume=(volume := Volume.from_array(grey, SIZE)))
    raw = replace(raw, field=Field(volume.box, 0, "none is seen"))
    regions = {"shear": "fiducial", "fiducial": "0:1,0:40,0:48", "ruler": "0:1,8:40,0:56"}
    every = settings(remedies=tuple(REMEDIES), positions="likeness", **regions)
    whole = estimate_preparation(raw, every, silent)
    assert (whole.repeated, whole.blank) == ((16,), (10,))
    checkpoint = SavesEachSlab(tmp_path / "reading", {})
    with pytest.raises(Killed):
        estimate_preparation(raw, every, Dies(20).progress(""), checkpoint)
    done: list[int] = []
    again = estimate_preparation(raw, every, lambda now, _: done.append(now), checkpoint)
    assert done == list(range(16, 35))
    assert to_bytes(again) == to_bytes(whole)


def test_what_a_killed_reading_leaves_is_used_by_the_same_command_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "FoldCheckpoint", SavesEachSlab)
    stack, out = Volume.from_array(np.tile(IMAGES, (3, 1, 1)), SIZE), tmp_path / "p.ome.zarr"

    def prepare(reporter: Notes, **options: Any) -> list[str]:
        preparing.prepare(stack, out, align="none", reporter=reporter, **options)
        return [note for note in reporter.notes if "resume" in note]

    for options, words in (({}, 0), ({"bar": 1, "fresh": True}, 0), ({"tilt": 5.0}, 1)):
        shutil.rmtree(out, ignore_errors=True)
        with pytest.raises(Killed):
            prepare(Dies(17, "look at"))
        assert [file.name for file in tmp_path.iterdir()] == ["p.ome.zarr.unfinished"]
        told = prepare(Notes(), **options)
        assert len(told) == words
        assert not words or "tilt differs from the earlier run; starting over" in told[0]
        assert [file.name for file in tmp_path.iterdir()] == ["p.ome.zarr"]


def test_too_little_memory_is_told_before_slices_are_read(tmp_path: Path) -> None:
    wide = Volume.from_array(np.zeros((4, 600, 800), np.uint8), SIZE)
    reporter = Dies(0, "look at")
    with pytest.raises(SettingsError, match=r"at least \d+ MiB of --memory"):
        preparing.prepare(wide, tmp_path / "p.ome.zarr", bar=0, memory=2**28, reporter=reporter)
    assert not list(tmp_path.iterdir())


def test_a_tilt_that_is_given_settles_no_other_doubt_about_the_voxel_size() -> None:
    scaled = Finding(
        "voxel-size", "the image was scaled", "its size is not taken", "give it (--voxel-size Z Y X, in nm)"
    )
    tilted = report_uncorrected("tag", 52.0)
    volume = replace(Volume.from_array(IMAGES, SIZE), findings=(scaled, tilted))
    for options, kept in (({}, (scaled, tilted)), ({"tilt": 38.0}, (scaled,))):
        raw = open_raw(PrepareSettings(volume, bar=0, **options), Reporter())
        assert raw.volume.findings == kept
