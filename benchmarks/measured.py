"""What the benchmarks share: where the data are, what the machine is, and JSON out."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import t

from keramos.learning import clock

RESULTS = Path(__file__).parent / "results"


def data_folder(name: str) -> Path:
    """$KERAMOS_DATA/name; ends the script, saying so, where it is not there."""
    folder = Path(os.environ.get("KERAMOS_DATA", "")) / name
    if not os.environ.get("KERAMOS_DATA") or not folder.is_dir():
        sys.exit(f"skipped: expected real data in $KERAMOS_DATA/{name}, found none; see benchmarks/README.md")
    return folder


def on_one_core() -> None:
    """Of each worker process: one thread, and budgets in seconds of the processor, so that nothing else counts."""
    torch.set_num_threads(1)
    clock.now = time.process_time


def beside_a_gpu() -> None:
    """Of each worker process whose network is on a GPU: one thread, and budgets in seconds of the clock."""
    torch.set_num_threads(1)


def interval(values: Sequence[float]) -> dict[str, Any]:
    """Mean and its 95 % interval (Student's t) over seeds."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return {"mean": mean, "interval": None, "each": list(values)}
    half = float(t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / len(values) ** 0.5)
    return {"mean": mean, "interval": [mean - half, mean + half], "each": list(values)}


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    accelerator = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    return {
        "date": date.today().isoformat(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "accelerator": accelerator,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("keramos", "torch", "numpy", "scikit-image")},
    }


def processor() -> str:
    """Its name, and which instructions for short numbers it has: they decide how fast a network runs."""
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.is_file():
        return platform.processor() or platform.machine()
    lines = dict(line.split(":", 1) for line in cpuinfo.read_text().splitlines() if ":" in line)
    found = {key.strip(): value.strip() for key, value in lines.items()}
    flags = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if flag in found.get("flags", "").split()]
    return f"{found.get('model name', platform.machine())} ({', '.join(flags)})"


def write_results(name: str, results: dict[str, Any]) -> None:
    """benchmarks/results/name.json"""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({"machine": machine(), **results}, indent=1) + "\n", encoding="utf-8")
    print(f"written: {path}")
