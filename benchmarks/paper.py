"""The paper's protocol (Hirabayashi et al. 2024) by `keramos compare`: on a phantom of its geometry, and on its images.

    python benchmarks/paper.py phantom [--preset laptop]
    KERAMOS_DATA=... python benchmarks/paper.py ba122 [--preset laptop] [--trainings 2] [--budget 120] \\
        [--methods otsu,sauvola,fcn32s,fcn16s,fcn8s,unet,compact]

The phantom: 62 slices of 924 x 1100 pixels of 20 x 26.4 x 20.8 nm; 896 x 896 pixels of slice 5 to learn from, slice 55
to be tested on. ba122: learn from one patch, be tested on the other, crops of 128 pixels; neighbours in one slice, so
this does not test z. Each runs in a process of its own, whose time and peak memory are written down with the scores.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from measured import data_folder, write_results

VOXEL = ("--voxel-size", "20", "26.4", "20.8")


@dataclass(frozen=True)
class Ran:
    """A command in a process of its own: its words, seconds and peak memory."""

    command: list[str]
    seconds: float
    peak_gib: float


def keramos(*arguments: object) -> Ran:
    words, began = [str(argument) for argument in arguments], time.monotonic()
    print(" ".join(["keramos", *words]), flush=True)
    process = subprocess.Popen([sys.executable, "-m", "keramos", *words])
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"keramos {words[0]} ended with status {os.waitstatus_to_exitcode(status)}")
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Ran(words, time.monotonic() - began, peak / 2**30)


def compared(out: Path, *arguments: object) -> dict[str, Any]:
    """One comparison: its numbers, time and peak memory."""
    resumed = (out / "models").exists()
    ran = keramos("compare", *arguments, "--out", out)
    numbers = json.loads((out / "compare.json").read_text(encoding="utf-8"))
    for method in numbers["methods"].values():
        del method["test_slices"]["per_slice"]
    del numbers["facts"]
    return {**asdict(ran), "resumed": resumed, **numbers}


def phantom(work: Path, options: list[str]) -> dict[str, Any]:
    keramos("phantom", "--out", work / "phantom", "--shape", 62, 924, 1100, "--seed", 0)
    images, truth = work / "phantom" / "images.ome.zarr", work / "phantom" / "truth-as-imaged.ome.zarr"
    train = ("--images", images, "--labels", truth, "--slices", 5, "--box", "5:6,14:910,102:998")
    test = ("--test-images", images, "--test-labels", truth, "--test-slices", 55)
    return compared(work / "comparison", *train, *test, "--stack", images, *options)


def ba122(work: Path, options: list[str]) -> dict[str, Any]:
    folder = data_folder("ba122")
    one, two = ([folder / f"sample_{n:03d}_{kind}.bmp" for kind in ("sem", "th")] for n in (1, 2))
    train, test = ("--images", one[0], "--labels", one[1]), ("--test-images", two[0], "--test-labels", two[1])
    return compared(work / "comparison", *train, *test, *VOXEL, "--crop", 128, *options)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("on", choices=["phantom", "ba122"])
    parser.add_argument("--work", type=Path, help="a folder to keep, so that a killed run goes on")
    chosen, options = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        result = {"phantom": phantom, "ba122": ba122}[chosen.on](chosen.work or Path(folder), options)
    preset = "-paper" if result["preset"] == "paper" else ""
    write_results(f"paper_{chosen.on}{preset}", result)


if __name__ == "__main__":
    main()
