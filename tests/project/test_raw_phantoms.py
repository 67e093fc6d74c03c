"""Raw slices on the disk are those made in memory, in files that other readers understand, killed in between or not."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import tifffile
from doubles import Dies, Killed, Notes
from PIL import Image

from keramos import phantom
from keramos.core import VoxelSize
from keramos.core.errors import OptionError, ResumeError, StorageError
from keramos.io import describe, open_labels, open_volume
from keramos.simulation.raw import RawSettings, make_raw_phantom

SIZE = VoxelSize(20, 10, 10)


def test_killed_and_resumed_it_is_what_is_made_in_memory(tmp_path: Path) -> None:
    out, truth = tmp_path / "raw", tmp_path / "raw-truth"
    given = {"raw": "thermo", "shape": (20, 24, 40), "seed": 5, "voxel_size": SIZE}
    with pytest.raises(Killed):
        phantom(out, **given, reporter=Dies(17, "make"))  # type: ignore[arg-type]
    parameters = phantom(out, **given, reporter=(notes := Notes()))  # type: ignore[arg-type]
    assert "16 of " in notes.notes[0]
    made = make_raw_phantom(RawSettings(**given))  # type: ignore[arg-type]
    described = json.loads((truth / "truth.json").read_text("utf-8"))
    assert described == json.loads(json.dumps(made.truth))
    assert json.loads((truth / "phantom.json").read_text("utf-8")) == parameters
    names = sorted(file.name for file in out.iterdir())
    assert names == [row["file"] for row in described["slices"]]
    np.testing.assert_array_equal(open_volume(out, voxel_size=SIZE).read(), made.images)
    labels = open_labels(truth / "truth.ome.zarr")
    np.testing.assert_array_equal(labels.read(), made.labels.read())
    assert labels.voxel_size is not None
    assert labels.voxel_size.zyx == pytest.approx(described["voxel_size_nm"])


def test_a_finished_one_is_left_another_refused_and_replaced_when_asked_for(tmp_path: Path) -> None:
    out, given = tmp_path / "raw", {"raw": "thermo", "shape": (6, 24, 24)}
    phantom(out, **given)  # type: ignore[arg-type]
    phantom(out, **given, reporter=(notes := Notes()))  # type: ignore[arg-type]
    assert "finished already" in notes.notes[0]
    with pytest.raises(ResumeError, match="seed"):
        phantom(out, **given, seed=1)  # type: ignore[arg-type]
    phantom(out, raw="thermo", shape=(3, 24, 24), fresh=True)
    assert len(list(out.iterdir())) == 3
    (out / "mine.tif").write_bytes(b"mine")
    with pytest.raises(StorageError, match=r"expected an empty folder for raw slices, found mine\.tif"):
        phantom(out, **given, fresh=True)  # type: ignore[arg-type]
    assert (out / "mine.tif").read_bytes() == b"mine"


def test_options_of_raw_slices_need_a_maker(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="bits: only raw slices have it; say whose microscope"):
        phantom(tmp_path, shape=(2, 24, 24), bits=16)


def test_thermo_files_as_others_read_them(tmp_path: Path) -> None:
    out = tmp_path / "raw"
    phantom(out, raw="thermo", shape=(6, 48, 64), voxel_size=SIZE, bits=16)
    truth = json.loads((tmp_path / "raw-truth" / "truth.json").read_text("utf-8"))
    with tifffile.TiffFile(out / "SliceImage_0002.tif") as file:
        said, image = file.fei_metadata, file.asarray()
    assert image.dtype == np.uint16
    assert image.shape == (48 + truth["information_bar_rows"], 64)
    assert said is not None
    assert (said["Image"]["ResolutionY"], said["Image"]["ResolutionX"]) == (48, 64)
    assert said["EScan"]["PixelWidth"] == pytest.approx(10e-9)
    assert said["EScan"]["PixelHeight"] == pytest.approx(12.69018e-9, rel=1e-5)
    assert said["EBeam"]["TiltCorrectionIsOn"] in ("yes", True)
    assert said["EBeam"]["TiltCorrectionAngle"] == pytest.approx(-0.663225, abs=1e-6)
    # Two slices on, the beam has followed the section by 20 nm x cos 52 degrees each.
    with tifffile.TiffFile(out / "SliceImage_0006.tif") as file:
        assert file.fei_metadata is not None
        moved = file.fei_metadata["EBeam"]["BeamShiftY"] - said["EBeam"]["BeamShiftY"]
    assert moved == pytest.approx(-4 * 12.3132e-9, rel=1e-4)


def write(tmp_path: Path, maker: str, **more: Any) -> tuple[Path, dict[str, Any], bytes]:
    """The folder of raw slices of a maker, the truth, and the bytes of its first tag in the sixth slice."""
    out = tmp_path / "raw"
    phantom(out, raw=maker, shape=(6, 48, 64), voxel_size=SIZE, **more)  # type: ignore[arg-type]
    truth = json.loads((tmp_path / "raw-truth" / "truth.json").read_text("utf-8"))
    with tifffile.TiffFile(out / truth["slices"][-1]["file"]) as file:
        tag = next(tag for tag in file.pages[0].tags if tag.code > 34000)  # type: ignore[union-attr]
        file.filehandle.seek(tag.valueoffset)
        return out, truth, file.filehandle.read(tag.count)


def test_zeiss_files_as_others_read_them(tmp_path: Path) -> None:
    out, truth, _ = write(tmp_path, "zeiss")
    last = out / "slice_00005_z=0.1000um.tif"
    with tifffile.TiffFile(last) as file:
        said = file.sem_metadata
        assert file.pages[0].shape == (48 + truth["information_bar_rows"], 64)
    assert said is not None
    assert said["ap_image_pixel_size"] == ("Image Pixel Size", 10, "nm")
    assert said["dp_tilt_correction"] == ("Tilt Corrn.", True)
    assert said["ap_tilt_angle"] == ("Tilt Angle", 36.0, "°")
    assert truth["voxel_size_nm"] == [20, 10, 10]
    _, plain, _ = write(tmp_path / "b", "zeiss", tilt_corrected=False)
    assert plain["voxel_size_nm"] == pytest.approx([20, 10 / 0.809017, 10])


def test_atlas_files_as_others_read_them(tmp_path: Path) -> None:
    out, truth, content = write(tmp_path, "atlas", frame="sheared", thickness_error=0.2, seed=3)
    declaration, xml = content.rstrip(b"\0").decode("latin-1").split("\n")
    root = ElementTree.fromstring(xml)
    assert declaration.startswith("<?xml")
    assert (root.findtext("Scan/Ux"), root.findtext("Scan/Vy")) == ("0.01", "-0.01")
    assert float(root.findtext("ATLAS3D/Slice/ZPos") or 0) * 1e3 == pytest.approx(truth["slices"][-1]["z_nm"], abs=2)
    assert abs(truth["slices"][-1]["z_nm"] - 100) > 2
    assert float(root.findtext("ATLAS3D/Slice/SEMCorrectionY") or 1) == 0
    setup = ElementTree.parse(out / "Atlas3D.a3d-setup")
    assert setup.findtext("Settings/Imaging/DefaultAcquisition/Interval/Distance/Interval") == "0.02"
    assert truth["information_bar_rows"] == 0
    assert truth["other_files"] == ["Atlas3D.a3d-setup"]


def test_tescan_files_as_others_read_them(tmp_path: Path) -> None:
    _, truth, content = write(tmp_path, "tescan")
    end = content.rindex(b"\xff\xd9") + 2
    assert Image.open(BytesIO(content[:end])).size == (32, 24)
    keys = dict(line.split("=", 1) for line in content[end + 8 :].decode("latin-1").splitlines())
    assert float(keys["PixelSizeX"]) == float(keys["PixelSizeY"]) == 1e-8
    assert (float(keys["TiltCorrection"]), int(keys["ImageStripSize"])) == (0, truth["information_bar_rows"])
    assert truth["voxel_size_nm"] == pytest.approx([20, 10 / 0.819152, 10], rel=1e-5)
    assert float(keys["ImageShiftY"]) == pytest.approx(5 * 20e-9 * 0.573576, rel=1e-5)


@pytest.mark.parametrize("maker", ["thermo", "zeiss", "atlas"])
def test_keramos_reads_what_it_wrote(tmp_path: Path, maker: str) -> None:
    """The readers, which share nothing with the writers, agree with the truth where the maker writes it."""
    out, truth, _ = write(tmp_path, maker)
    facts = describe(out)
    assert facts["voxel_size_nm"][1:] == pytest.approx(truth["voxel_size_nm"][1:])
    assert facts["tilt_corrected"] == truth["tilt_corrected"]
    if maker != "thermo":  # a slice is missing, so that its moves are not steady, and no thickness is written
        assert facts["frame"] == {"zeiss": None, "atlas": truth["frame"]}[maker]
    bar = truth["information_bar_rows"] if maker == "thermo" else None  # a Zeiss has one that no key tells of
    assert facts["information_bar_rows"] == bar
