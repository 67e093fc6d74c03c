"""Keramos phantoms v1: ten raw stacks of four makers' microscopes, and the scores of those who prepare them.

Each stack of `raw_stacks.py` is written as its microscope would, an entrant prepares the folder, and `raw_scores.py`
compares its answer with the truth, which it does not see. The file of an entrant has a function
`prepare(case) -> entry` (see `raw_entry.py`); `--entrants FILE ...` runs yours. The stacks stay in DIR for another run.

    python benchmarks/raw_phantoms.py --work DIR [--entrants FILE ...] [--only 1 4] [--peer PYTHON]

`--peer PYTHON` is the Python of an environment with nuscope-tomo (MIT), a peer that is not installed with Keramos.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from measured import RESULTS, machine, write_results
from raw_entry import Case, Entry
from raw_scores import score
from raw_stacks import CASES, SHAPE, VERSION, RawCase

from keramos.core.progress import Reporter
from keramos.io import open_labels
from keramos.project.raw_phantoms import truth_folder, write_raw_phantom
from keramos.simulation.raw import RawStack

ENTRANTS = Path(__file__).parent / "raw_entrants"
PEER = "KERAMOS_PEER_PYTHON"
MEDIANS = ("shift_px", "shift_detrended_px", "z_error", "z_step_error", "iou", "unevenness", "seconds")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--entrants", type=Path, nargs="*", default=sorted(ENTRANTS.glob("*.py")))
    parser.add_argument("--only", type=int, nargs="*", default=range(1, len(CASES) + 1))
    parser.add_argument("--shape", type=int, nargs=3, default=SHAPE, help="of other sizes for trials; no results kept")
    parser.add_argument("--peer", help="Python of an environment with nuscope-tomo")
    given = parser.parse_args()
    if given.peer:
        os.environ[PEER] = given.peer
    cases = [CASES[number - 1] for number in given.only]
    results: dict[str, Any] = {}
    for case in cases:
        folder = write_stack(case, tuple(given.shape), given.work)
        for file in given.entrants:
            results.setdefault(file.stem, {})[case.name] = run(file, case, folder, given.work / "own" / file.stem)
    for name, rows in results.items():
        print_medians(name, rows)
    if tuple(given.shape) == SHAPE and len(cases) == len(CASES):
        write_results("raw_phantoms", {"stacks": VERSION, **machine(), "entrants": {**earlier_entrants(), **results}})


def earlier_entrants() -> dict[str, Any]:
    """The scores of entrants that ran before on the same stacks."""
    file = RESULTS / "raw_phantoms.json"
    earlier = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return dict(earlier["entrants"]) if earlier.get("stacks") == VERSION else {}


def write_stack(case: RawCase, shape: tuple[int, int, int], work: Path) -> Path:
    """The folder of a stack, which is written if it is not there yet."""
    folder = work / "x".join(map(str, shape)) / case.name.split()[0] / "raw"
    write_raw_phantom(RawStack(case.settings(shape), case.body), folder, fresh=False, reporter=Reporter())
    return folder


def run(file: Path, case: RawCase, folder: Path, own: Path) -> dict[str, Any]:
    """The scores of an entrant, or why it has none."""
    truth = json.loads((truth_folder(folder) / "truth.json").read_text("utf-8"))
    labels = open_labels(truth_folder(folder) / "truth.ome.zarr").read()
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(parents=True)
    told = Case(folder, own, case.thickness_nm, 90 - truth["tilt_deg"], truth["image_shape"][0])
    begin = time.perf_counter()
    try:
        entry = load(file)(told)
    except Exception as error:  # the others go on
        print(f"{case.name}: {file.stem}: {type(error).__name__}: {error}", flush=True)
        return {"failed": f"{type(error).__name__}: {error}"}
    seconds = time.perf_counter() - begin
    scores = {**score(entry, truth, labels), "seconds": seconds}
    print(f"{case.name}: {file.stem}: {describe(scores)}", flush=True)
    return scores


def load(file: Path) -> Callable[[Case], Entry]:
    """The function of an entrant's file."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise SystemExit(f"expected a Python file of an entrant, found {file}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    prepare: Callable[[Case], Entry] = module.prepare
    return prepare


def describe(scores: dict[str, Any]) -> str:
    """The scores in one line."""
    return "  ".join(f"{name} {_write(value)}" for name, value in scores.items())


def _write(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(f"{one:.3f}" for one in value)
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def print_medians(name: str, rows: dict[str, Any]) -> None:
    """The medians over the stacks, and how often facts are right."""
    scored = [row for row in rows.values() if "failed" not in row]
    parts = [f"{len(scored)} of {len(rows)} stacks"]
    for key in MEDIANS:
        values = [row[key] for row in scored if row[key] is not None]
        parts.append(f"{key} {median(values):.3f}" if values else f"{key} -")
    parts += [f"{key} {sum(row[key] is True for row in scored)}" for key in ("bar", "voxel_size", "tilt", "frame")]
    parts += [f"{key} {sum(row[key] for row in scored)}" for key in ("kept_bad", "dropped_good")]
    print(f"{name}: {'  '.join(parts)}")


if __name__ == "__main__":
    main()
