"""The macro in a real ImageJ, under Xvfb: the stack goes to Keramos, the labels come back calibrated and coloured."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

import keramos
from keramos.apps.fiji import MACRO
from keramos.core.phases import DEFAULT_COLOURS

pytestmark = pytest.mark.imagej
JAR = Path(os.environ.get("KERAMOS_TEST_IMAGEJ", "/usr/share/java/ij.jar"))
SIZE = (20.0, 26.4, 20.8)
REPORT = """
print("dimensions " + getTitle());
getVoxelSize(x, y, z, unit);
print("size " + z + " " + y + " " + x + " " + unit);
getLut(reds, greens, blues);
for (i = 0; i < 256; i++) print("colour " + i + " " + reds[i] + " " + greens[i] + " " + blues[i]);
getMinAndMax(low, high);
print("range " + low + " " + high);
counts = newArray(256);
for (s = 1; s <= nSlices; s++) {
    setSlice(s);
    getStatistics(area, mean, min, max, std, histogram);
    print("slice " + s + " " + histogram[0] + " " + histogram[1]);
}
print("info " + replace(getMetadata("Info"), "\\n", "; "));
run("RGB Color");
setSlice(1);
saveAs("PNG", "PICTURE");
"""


@pytest.fixture
def imagej(tmp_path: Path) -> Callable[..., str]:
    """Open a stack, run the macro on it and then a macro that says what is open: imagej(stack, argument, then)."""
    if not JAR.is_file() or shutil.which("xvfb-run") is None:
        pytest.skip("ImageJ is not installed: apt-get install imagej xvfb xauth")

    def run(stack: Path, argument: str, then: str = "") -> str:
        driver = tmp_path / "driver.ijm"
        driver.write_text(f'open("{stack}");\nrunMacro("{MACRO}", "{argument}");\n{then}', encoding="utf-8")
        java = ["java", f"-Duser.home={tmp_path}", "-Xmx512m", "-cp", str(JAR), "ij.ImageJ", "-batch", str(driver)]
        done = subprocess.run(["xvfb-run", "-a", *java], capture_output=True, text=True, timeout=300, check=False)
        return done.stdout

    return run


@pytest.fixture
def command(tmp_path: Path) -> Path:
    """The command `keramos` of this Python, in a folder with a space in its name."""
    script = tmp_path / "the bin" / "keramos"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m keramos "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    return script


def write_stack(path: Path, phantom: Path, unit: str = "um") -> Path:
    """The phantom as Fiji would save it."""
    z, y, x = (edge / 1000 for edge in SIZE)
    pixels = keramos.open_volume(phantom / "images.ome.zarr").read()
    about = {"axes": "ZYX", "spacing": z, "unit": unit}
    tifffile.imwrite(path, pixels, imagej=True, resolution=(1 / x, 1 / y), metadata=about)
    return path


def test_a_stack_goes_to_keramos_and_its_labels_come_back(
    imagej: Callable[..., str], command: Path, phantom: Path, tmp_path: Path
) -> None:
    stack = write_stack(tmp_path / "my stack.tif", phantom)
    then = REPORT.replace("PICTURE", str(tmp_path / "labels.png"))
    said = imagej(stack, f"model=otsu;keramos={command}", then)
    lines = dict(line.split(" ", 1) for line in said.splitlines() if " " in line and not line.startswith("slice"))
    assert lines["dimensions"] == "my_stack-labels"
    *edges, unit = lines["size"].split()
    assert [float(edge) for edge in edges] == pytest.approx([0.02, 0.0264, 0.0208], rel=1e-3)
    assert unit == "µm"
    colours = {line.split()[1]: line.split()[2:] for line in said.splitlines() if line.startswith("colour")}
    wanted = [[str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)] for colour in DEFAULT_COLOURS[:2]]
    assert [colours["0"], colours["1"], colours["255"]] == [*wanted, ["255"] * 3]
    assert lines["range"] == "0 255"
    assert lines["info"] == "0 void; 1 solid; 255 not annotated"
    expected = keramos.segment(stack, "otsu", out=tmp_path / "expected.ome.zarr").read()
    counted = [[int(n) for n in line.split()[2:]] for line in said.splitlines() if line.startswith("slice")]
    assert counted == [np.bincount(codes.ravel(), minlength=2).tolist() for codes in expected]
    palette = np.array([[int(part) for part in row] for row in wanted[:2]], np.uint8)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "labels.png"))[..., :3], palette[expected[0]])
    folder = tmp_path / "my_stack-keramos"
    np.testing.assert_array_equal(tifffile.imread(folder / "labels.tif"), expected)
    kept = keramos.open_labels(folder / "segmentation.ome.zarr")
    assert kept.voxel_size.zyx == pytest.approx(SIZE, rel=1e-4)


def test_the_open_image_stays_that_of_its_file_and_can_be_sent_again(
    imagej: Callable[..., str], command: Path, phantom: Path, tmp_path: Path
) -> None:
    stack = write_stack(tmp_path / "a.tif", phantom)
    pixels = tifffile.imread(stack)
    again = f"""
    print("first " + nImages);
    selectImage("a.tif");
    print("place " + getInfo("image.directory") + getInfo("image.filename"));
    makeRectangle(3, 4, 5, 6);
    runMacro("{MACRO}", "model=otsu;keramos={command}");
    print("second " + nImages);
    selectImage("a.tif");
    getSelectionBounds(x, y, width, height);
    print("selection " + x + " " + y + " " + width + " " + height);
    print("place " + getInfo("image.directory") + getInfo("image.filename"));
    """
    said = imagej(stack, f"model=otsu;keramos={command}", again).splitlines()
    assert [line for line in said if line.startswith("place")] == [f"place {stack}"] * 2
    assert {"first 2", "second 3", "selection 3 4 5 6"} <= set(said)
    folders = [tmp_path / "a-keramos", tmp_path / "a-keramos-2"]
    assert sorted(tmp_path.rglob("*-keramos*")) == folders
    for folder in folders:
        np.testing.assert_array_equal(tifffile.imread(folder / "stack.tif"), pixels)
        assert (folder / "labels.tif").is_file()


@pytest.mark.parametrize(
    ("argument", "unit", "sentence"),
    [
        ("model=nonsense", "um", "keramos: "),
        ("model=otsu", "pixel", "The voxel size is three numbers in nm"),
        ("model=otsu;keramos=/nowhere/keramos", "um", "Keramos could not be run: "),
    ],
    ids=["model", "unit", "command"],
)
def test_a_refusal_is_shown(
    imagej: Callable[..., str],
    command: Path,
    phantom: Path,
    tmp_path: Path,
    argument: str,
    unit: str,
    sentence: str,
) -> None:
    stack = write_stack(tmp_path / "a.tif", phantom, unit)
    given = argument if "keramos=" in argument else f"{argument};keramos={command}"
    assert sentence in imagej(stack, given)
