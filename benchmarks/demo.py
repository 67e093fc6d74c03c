"""How long `keramos demo` takes and how much memory it needs at its peak, in a process of its own.

python benchmarks/demo.py [--runs 3]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from measured import write_results


def measured(*options: str) -> dict[str, Any]:
    """One demo in a fresh folder; the peak is that of the largest process so far, so the larger demo runs last."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        command = [sys.executable, "-m", "keramos", "demo", *options, "--out", str(Path(folder) / "demo")]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds = time.monotonic() - began
        record = json.loads((Path(folder) / "demo" / "run.json").read_text(encoding="utf-8"))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    iou = {method["name"]: method["evaluation"]["phases"]["solid"]["iou"] for method in record["methods"]}
    return {"seconds": seconds, "peak_gib": peak / 2**30, "iou": iou}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    results: dict[str, Any] = {}
    for name, arguments in (("quick", ["--quick"]), ("full", [])):
        runs = [measured(*arguments) for _ in range(options.runs)]
        results[name] = {"median_seconds": median(run["seconds"] for run in runs), "runs": runs}
        print(name, json.dumps(results[name], indent=1), flush=True)
    write_results("demo", results)


if __name__ == "__main__":
    main()
