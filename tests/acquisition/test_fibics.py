"""Facts in the XML of Zeiss Atlas (Fibics): pixels by their vectors, positions and corrections of each slice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from keramos.core import VoxelSize
from keramos.io import describe, open_volume, read_acquisition

PIXELS = np.random.default_rng(4).integers(0, 255, (8, 14, 9), dtype=np.uint8)
STRAIGHT = (0.005, 0.0, 0.0, -0.005)


def fibics(
    z_um: float | None = 0.0,
    vectors: Sequence[float] = STRAIGHT,
    correction: Any = None,
    tilt: str = "",
    affine: str = "",
) -> str:
    ux, uy, vx, vy = vectors
    scan = f"<Ux>{ux}</Ux><Uy>{uy}</Uy><Vx>{vx}</Vx><Vy>{vy}</Vy>"
    scan = f"<{affine}>{scan}</{affine}>" if affine else scan
    moves = (
        ""
        if correction is None
        else "".join(
            f"<SEMCorrection{axis}>{float(move)!r}</SEMCorrection{axis}>"
            for axis, move in zip("XY", correction, strict=True)
        )
    )
    place = "" if z_um is None else f'<ZPos units="um">{z_um!r}</ZPos>'
    return (
        '<?xml version="1.0" encoding="iso-8859-1"?>\n<Fibics version="1.0">'
        "<Application><Version>NPVE v4.5</Version></Application>"
        "<Image><Width>9</Width><Machine>Crossbeam 540</Machine><Beam>SEM</Beam><Detector>ESB</Detector></Image>"
        f'<Scan><Dwell units="ns">4000</Dwell><FOV_X units="um">0.045</FOV_X><ScanRot units="deg">0</ScanRot>{scan}'
        f'</Scan><BeamInfo><item name="EHT">= 1.50 kV</item><item name="WD">= 5.0 mm</item></BeamInfo>'
        f"<ScanInfo>{tilt}</ScanInfo><ATLAS3D><Slice>{place}{moves}</Slice></ATLAS3D></Fibics>"
    )


def write(folder: Path, texts: Sequence[str], names: str = "slice_{:04}.tif") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for z, text in enumerate(texts):
        data = text.encode("latin-1")
        extra = [(51023, 2, len(data), data, True)]
        tifffile.imwrite(folder / names.format(z, z=z), PIXELS[z], metadata=None, extratags=extra)
    return folder


def test_atlas_states_pixels_positions_and_settings(tmp_path: Path) -> None:
    tilt = '<item name="Tilt Corrn.">= On</item><item name="Tilt Angle">= 36.0 °</item>'
    write(tmp_path, [fibics(0.02 * z, tilt=tilt) for z in range(5)])
    facts = describe(tmp_path)
    assert facts["voxel_size_nm"] == [20.0, 5.0, 5.0]
    assert facts["sources"]["z"].startswith("tag 51023 ATLAS3D/Slice/ZPos")
    assert (facts["tilt_deg"], facts["tilt_corrected"], facts["scan_rotation_deg"]) == (36.0, True, 0.0)
    acquisition = read_acquisition(tmp_path)
    stated = {name: fact.value for name, fact in acquisition.facts.items()}
    assert (stated["dwell_us"], stated["beam_voltage_kv"], stated["working_distance_mm"]) == (4.0, 1.5, 5.0)
    assert (stated["detector"], stated["beam"], stated["instrument"]) == ("ESB", "electron", "Crossbeam 540")
    assert acquisition.slice_z_nm == (0.0, 20.0, 40.0, 60.0, 80.0)
    assert acquisition.slices == 5
    assert not acquisition.findings


@pytest.mark.parametrize("affine", ["", "Affine"])
@pytest.mark.parametrize(
    "vectors", [(0.005, 0, 0, -0.008), (-0.005, 0, 0, 0.008), (0.003, 0.004, 0.0064, -0.0048), (0, 0.005, -0.008, 0)]
)
def test_a_pixel_is_as_long_as_its_vectors(tmp_path: Path, vectors: Sequence[float], affine: str) -> None:
    move_um = np.array([0.011, -0.023])
    write(tmp_path, [fibics(0.02 * z, vectors, tuple(z * move_um), affine=affine) for z in range(3)])
    acquisition = read_acquisition(tmp_path)
    assert acquisition.value("voxel_size_x_nm") == pytest.approx(5.0)
    assert acquisition.value("voxel_size_y_nm") == pytest.approx(8.0)
    ux, uy, vx, vy = vectors
    x, y = np.linalg.solve([[ux, vx], [uy, vy]], move_um)
    assert acquisition.slice_corrections_px is not None
    np.testing.assert_allclose(acquisition.slice_corrections_px, [(z * y, z * x) for z in range(3)], atol=1e-6)


OLD_SETUP = "<ATLAS3D-Setup><Settings><Imaging><Interval>0.02</Interval></Imaging></Settings></ATLAS3D-Setup>"
NEW_SETUP = """<ATLAS3D-Setup version="2"><Settings>
<Imaging><DefaultAcquisition><Interval><Distance><Interval>0.02</Interval></Distance></Interval></DefaultAcquisition>
</Imaging><Options><TiltCorrectionEnabled>true</TiltCorrectionEnabled></Options></Settings></ATLAS3D-Setup>"""


OTHER_SETUP = '<Setup><Plan><SliceThickness units="nm">20</SliceThickness></Plan></Setup>'


@pytest.mark.parametrize("text", [OLD_SETUP, NEW_SETUP, f"<ATLAS3D-Job>{OLD_SETUP}</ATLAS3D-Job>", OTHER_SETUP])
def test_the_setup_beside_the_stack_has_the_nominal_distance(tmp_path: Path, text: str) -> None:
    (tmp_path / "Atlas3D.a3d-setup").write_text(text)
    write(tmp_path / "ESB", [fibics(None) for _ in range(3)])
    assert open_volume(tmp_path / "ESB").voxel_size == VoxelSize(20, 5, 5)
    write(tmp_path / "even", [fibics(0.025 * z) for z in range(8)])
    acquisition = read_acquisition(tmp_path / "even")
    assert acquisition.value("voxel_size_z_nm") == 25.0, "what was cut counts, not what was asked for"
    assert [one.kind for one in acquisition.findings] == ["slice-thickness"]
    assert "20 nm was asked for" in acquisition.findings[0].message
    assert acquisition.value("tilt_corrected") is (True if "Options" in text else None)


def test_uneven_missing_and_exchanged_slices_are_named(tmp_path: Path) -> None:
    uneven = [0.0, 0.018, 0.042, 0.06, 0.077, 0.1, 0.121, 0.14]
    (finding,) = read_acquisition(write(tmp_path / "a", [fibics(z) for z in uneven])).findings
    assert (finding.kind, finding.severity) == ("slice-thickness", "warning")
    assert "17 to 24 nm apart" in finding.message
    gap = [0.0, 0.02, 0.04, 0.1, 0.12, 0.14, 0.16, 0.18]
    (finding,) = read_acquisition(write(tmp_path / "b", [fibics(z) for z in gap])).findings
    assert (finding.kind, finding.slices) == ("missing-slice", (2, 3))
    assert "about 2 slices" in finding.message
    turned = [0.0, 0.02, 0.06, 0.04, 0.08, 0.1, 0.12, 0.14]
    (finding,) = read_acquisition(write(tmp_path / "c", [fibics(z) for z in turned])).findings
    assert (finding.kind, finding.slices) == ("slice-order", (3,))
    names = "s_{:04}_z={z:04}0nm.tif"
    (finding,) = read_acquisition(write(tmp_path / "d", [fibics(0.02 * z) for z in range(8)], names)).findings
    assert finding.kind == "slice-thickness"
    assert "40 nm behind the first one" in finding.message
    assert "20 nm by the name" in finding.message


def test_whether_the_field_followed_the_face(tmp_path: Path) -> None:
    tilt = '<item name="Tilt Corrn.">= On</item><item name="Tilt Angle">= 36.0 °</item>'
    step = 0.02 * np.cos(np.radians(54))
    for name, move, followed in (("a", step, True), ("b", 0.0, False), ("c", 0.1 * step, None), ("d", 4 * step, None)):
        moves = [fibics(0.02 * z, correction=(0.0, z * move), tilt=tilt) for z in range(8)]
        acquisition = read_acquisition(write(tmp_path / name, moves))
        assert (acquisition.followed.value if acquisition.followed else None) is followed, name


@pytest.mark.parametrize("text", ["", "<Fibics", "<Fibics><Scan><Ux>a</Ux><Vy>0</Vy></Scan></Fibics>"])
def test_xml_that_says_nothing_gives_no_facts(tmp_path: Path, text: str) -> None:
    assert describe(write(tmp_path, [text or " "] * 3))["voxel_size_nm"] is None


def test_names_and_positions_that_agree_are_told_once(tmp_path: Path) -> None:
    uneven = [0.0, 0.018, 0.042, 0.06, 0.1, 0.121, 0.14, 0.16]
    folder = write(tmp_path, [])
    for number, z in zip((0, 1, 2, 3, 5, 6, 7, 8), uneven, strict=True):
        write(folder / str(number), [fibics(z)], f"slice_{number:04}_z={z:.4f}um.tif")
        next((folder / str(number)).iterdir()).rename(folder / f"slice_{number:04}_z={z:.4f}um.tif")
        (folder / str(number)).rmdir()
    kinds = [one.kind for one in open_volume(folder).findings]
    assert sorted(kinds) == ["missing-slice", "slice-thickness"]
