"""What is read of raw slices of each maker against the truth that stands beside them, and the time for 1,000 slices."""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
from measured import write_results

from keramos.acquisition import Acquisition
from keramos.core.progress import Reporter
from keramos.io import open_volume, read_acquisition
from keramos.project.verbs.phantom import phantom
from keramos.settings.phantom import PhantomSettings

MAKERS = ("thermo", "zeiss", "atlas", "tescan")
FILES = 1000
SHAPE = (16, 64, 64)


def compare(stated: Acquisition, truth: dict[str, Any]) -> dict[str, Any]:
    """The facts that are read and those that are true, and whether none that is read is wrong."""
    corrected = truth["tilt_corrected"]
    true = {
        "voxel_size_y_nm": truth["voxel_size_nm"][1] if corrected else truth["pixel_nm"][0],
        "voxel_size_x_nm": truth["pixel_nm"][1],
        "information_bar_rows": truth["information_bar_rows"] or None,
        "tilt_deg": truth["tilt_deg"],
        "tilt_corrected": corrected,
        "cutting_order": truth["cutting_order"],
        "scan_rotation_deg": truth["scan_rotation_deg"],
        "followed": truth["frame"] == "section",
    }
    read = {name: stated.value(name) for name in true}
    wrong = [name for name in true if read[name] is not None and not _agree(read[name], true[name])]
    rows: dict[str, Any] = {"wrong": wrong, "not_written": [name for name in true if read[name] is None]}
    if stated.slice_z_nm is not None:
        own = [i for i, one in enumerate(truth["slices"]) if one["repeats"] is None]  # a repeated one shows another
        off = np.array([stated.slice_z_nm[i] - truth["slices"][i]["z_nm"] for i in own])
        rows["slice_z_rms_nm"] = round(float(off.std()), 3)
    if stated.slice_corrections_px is not None:
        numbers = np.array([one["number"] for one in truth["slices"]])
        step = abs(np.polyfit(numbers, [row[0] for row in stated.slice_corrections_px], 1)[0])
        rows["shift_px_a_slice"] = [round(float(step), 4), round(truth["rows_per_section"], 4)]
    return rows


def _agree(one: Any, other: Any) -> bool:
    if isinstance(one, float):
        return other is not None and abs(one - other) <= 1e-3 * max(1.0, abs(other))
    return bool(one == other)


def measure_time(folder: Path, work: Path) -> dict[str, float]:
    """Seconds to read the acquisition of 1,000 slices, and to open them, of copies of one."""
    copies = work / f"{folder.name}-copies"
    copies.mkdir()
    first = next(path for path in sorted(folder.iterdir()) if path.suffix == ".tif")
    for z in range(FILES):
        shutil.copy(first, copies / f"s_{z:04}.tif")
    seconds = {}
    for name, call in (("read_acquisition", read_acquisition), ("open_volume", open_volume)):
        begin = time.perf_counter()
        call(copies)
        seconds[name] = round(time.perf_counter() - begin, 2)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    work = parser.parse_args().work
    work.mkdir(parents=True, exist_ok=True)
    rows: dict[str, Any] = {}
    for maker, frame, corrected in itertools.product(MAKERS, ("section", "sheared"), (True, False)):
        folder = work / f"{maker}-{frame}-{'corrected' if corrected else 'raw'}"
        settings = PhantomSettings(out=folder, raw=maker, frame=frame, tilt_corrected=corrected, shape=SHAPE, seed=5)
        phantom.run(settings, Reporter())
        truth = json.loads((work / f"{folder.name}-truth" / "truth.json").read_text())
        rows[folder.name] = compare(read_acquisition(folder), truth)
        print(folder.name, rows[folder.name])
    times = {maker: measure_time(work / f"{maker}-section-corrected", work) for maker in MAKERS}
    print(times)
    write_results("acquisition", {"files": FILES, "seconds": times, "facts": rows})


if __name__ == "__main__":
    main()
