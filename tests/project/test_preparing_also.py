"""Images of two detectors of one scan become two volumes that show the same place at the same voxel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from doubles import Dies, Killed, Notes

import keramos
from keramos.core.errors import OptionError, ResumeError
from keramos.project.preparing.also import place_beside
from keramos.simulation import make_phantom

DRIFT = np.random.default_rng(3).integers(-3, 4, (18, 2))
GIVEN: dict[str, Any] = {"detector": "TLD", "also": "ICD", "voxel_size": (20, 10, 10), "bar": 0}


def _see(pixels: np.ndarray, gain: float) -> np.ndarray:
    return np.rint(gain * (40 + pixels / 2)).astype(np.uint8)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Slices that wander by whole pixels; a second detector has less contrast, and slice 4 is darker by 15 % there."""
    folder = tmp_path_factory.mktemp("raw")
    canvas = make_phantom((18, 80, 90), seed=8, severity=0.2).images.read()
    for z, (dy, dx) in enumerate(DRIFT):
        pixels = canvas[z, 5 - dy : 75 - dy, 5 - dx : 85 - dx]
        tifffile.imwrite(folder / f"s_{z:02}_TLD.tif", pixels)
        tifffile.imwrite(folder / f"s_{z:02}_ICD.tif", _see(pixels, 0.85 if z == 4 else 1.0))
    return folder


def test_the_other_detector_is_moved_as_the_first_one(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "p.ome.zarr"
    result = keramos.prepare(raw, out, remedies="none", **GIVEN)
    assert result.also is not None
    assert result.preparation.shifts.is_moved
    assert Path(result.also.name).name == "p-ICD.ome.zarr"
    first, second = (volume.read().astype(int) for volume in (result.volume, result.also))
    others = np.arange(18) != 4
    # Sums of eight pixels with weights whose sum is 1, rounded in each volume.
    assert np.abs(second[others] - (40 + first[others] / 2)).max() <= 1.5
    assert second[4].mean() == pytest.approx(0.85 * second[5].mean(), rel=0.05)
    facts, other = result.volume.facts, result.also.facts
    assert facts["shifts_px"] == other["shifts_px"]
    assert (facts["slices"][3], other["slices"][3]) == ("s_03_TLD.tif", "s_03_ICD.tif")
    again = keramos.prepare(raw, out, remedies="none", **GIVEN, reporter=(notes := Notes()))
    assert sum("finished already" in note for note in notes.notes) == 2
    assert again.also is not None
    with pytest.raises(ResumeError, match=r"p-ICD.ome.zarr: bar differs"):
        keramos.prepare(raw, out, remedies="none", **{**GIVEN, "bar": 1}, reporter=Dies(0, "look"))


def test_each_detector_has_remedies_of_its_own_and_a_killed_run_goes_on(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "p.ome.zarr"
    with pytest.raises(Killed):
        keramos.prepare(raw, out, **GIVEN, reporter=Dies(3, "look at the slices of ICD"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.ome.zarr"]
    result = keramos.prepare(raw, out, **GIVEN)
    assert result.also is not None
    gains = result.also.facts["remedies"]["brightness_drift"]
    assert "their gains were 0.8" in gains
    assert result.volume.facts["remedies"]["brightness_drift"] != gains
    codes = result.also.read().astype(float)
    assert codes[4].mean() == pytest.approx(codes[[3, 5]].mean(), rel=0.05)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"detector": "ICD"}, "also: expected another detector"),
        ({"also": "ETD"}, "detector: expected .*ETD"),
        ({"out": None, "look": "p.html"}, "also: expected a volume to write"),
    ],
)
def test_what_does_not_fit_is_refused_first(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OptionError, match=message):
        keramos.prepare(raw, **{"out": "p.ome.zarr", **GIVEN, **options}, reporter=Dies(0, "look at"))
    assert not list(tmp_path.iterdir())


def test_a_slice_that_only_one_detector_has_is_named(raw: Path, tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    for file in raw.iterdir():
        if file.name != "s_07_ICD.tif":
            (folder / file.name).write_bytes(file.read_bytes())
    with pytest.raises(OptionError, match=r"the same slices of ICD as of TLD, 18 of 70 x 80 .*, found 17 slices"):
        keramos.prepare(folder, tmp_path / "p.ome.zarr", **GIVEN)


def test_names_of_detectors_become_names_of_files() -> None:
    assert place_beside(Path("a/p.zarr"), "In Lens/2").name == "p-In_Lens_2.ome.zarr"
