"""Accuracy for its cost: every network of Keramos, those of the paper included, trained for the same time on phantoms.

parameters and operations per pixel;  pixels per second on all cores, in turns, in one run, float32 or bfloat16
(whichever is faster);  one training each on one core, its time that of the processor;  errors on phantoms of other
bodies (benchmarks/depth.py), over all voxels and over the hard ones: (II) valleys, (III) small voids, (V) ridges and
(VII) islands

KERAMOS_DATA=... python benchmarks/cost.py --work DIR [--budget 240] [--seeds 0] [--speed-only | --rounds 0]

Speeds need a quiet machine, the training does not: `--rounds 0` keeps the speeds that are written and trains.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
import torch
from depth import Test, held_out
from measured import RESULTS, data_folder, on_one_core, write_results

sys.path.insert(0, str(Path(__file__).parent.parent / "pretraining"))
from phantoms import training_stacks
from porous_solid import RANGES, annotated

from keramos.blocks import Block
from keramos.core import Box
from keramos.learning import TrainSettings, train_model
from keramos.networks import (
    ARCHITECTURES,
    Network,
    build_network,
    cost_of,
    multiplies_bfloat16,
    mvoxel_per_s,
)
from keramos.networks.cost import Cost
from keramos.segmenters import decide, load_segmenter, planes_of
from keramos.simulation import REGIONS

HARD = ("valleys", "small voids", "ridges", "islands")
EDGE = 768
COSTS = ("parameters", "kflop_per_pixel", "mvoxel_per_s", "each_mvoxel_per_s", "times_unet", "planes")


@dataclass(frozen=True)
class Kind:
    """A network and its size; the paper's have one."""

    model: str
    size: str = ""

    @property
    def name(self) -> str:
        return f"{self.model} {self.size}".strip()

    @property
    def settings(self) -> dict[str, Any]:
        return ARCHITECTURES[self.model].size(self.size) if self.size else {}

    def build(self) -> Network:
        return build_network(self.model, {"classes": 2, **self.settings})


KINDS = [Kind(member.name, size) for member in ARCHITECTURES.values() for size in member.sizes or [""]]


def speeds(rounds: int) -> dict[str, list[float]]:
    """Mvoxel/s of each network in each round, with the faster of the two precisions."""
    found: dict[str, list[float]] = {kind.name: [] for kind in KINDS}
    for _ in range(rounds):
        for kind in KINDS:
            # Where bfloat16 is only imitated it is many times slower, and no user would run it.
            native = multiplies_bfloat16("cpu")
            precisions = (torch.float32, torch.bfloat16) if native else (torch.float32,)
            found[kind.name].append(max(mvoxel_per_s(kind.build(), edge=EDGE, dtype=dtype) for dtype in precisions))
            print(f"{kind.name}: {found[kind.name][-1]:.3f} Mvoxel/s", flush=True)
    return found


def trained(job: tuple[Kind, int], *, work: Path, budget: float, count: int) -> Path:
    """The model file of one network and seed; a finished one is taken as it is."""
    kind, seed = job
    out = work / f"{kind.name.replace(' ', '-')}-{seed}.keramos"
    if not out.is_file():
        settings = TrainSettings(
            kind.model,
            budget,
            seed=seed,
            network=kind.settings,
            fresh=True,
            **({"augmentation": RANGES, "adapts": True} if kind.size else {}),
        )
        stacks = training_stacks(range(count), work / "phantoms", workers=1)
        train_model(annotated(stacks, planes_of(kind.model)), settings, out, half_range=128)
    return out


def errors(model: Path, found: list[Test]) -> dict[str, Any]:
    """Wrong voxels / all voxels on each phantom, of all and of the hard ones."""
    bits = sum(1 << REGIONS.index(name) for name in HARD)
    rows = {}
    for test in found:
        volume = test.stack.volume(test.name)
        whole = Box.whole(volume.shape)
        predictor = load_segmenter(model, volume).fit_to(volume, lambda *_: None)
        wrong = decide(predictor.scores(test.stack.grey, Block(0, whole, whole))) != test.stack.truth
        hard = (test.stack.regions & bits) > 0
        rows[test.name] = {"error": float(wrong.mean()), "hard_error": float(wrong[hard].mean())}
    return {name: mean(row[name] for row in rows.values()) for name in ("error", "hard_error")} | {"each": rows}


def measured(rounds: int) -> dict[str, dict[str, Any]]:
    """What each network costs."""
    speed = speeds(rounds)
    unet = median(speed["unet"])
    return {kind.name: row(kind, cost_of(kind.build), speed[kind.name], unet) for kind in KINDS}


def known() -> dict[str, dict[str, Any]]:
    """What the last run wrote of that."""
    rows = json.loads((RESULTS / "cost.json").read_text(encoding="utf-8"))["networks"]
    return {name: {key: values[key] for key in COSTS} for name, values in rows.items()}


def row(kind: Kind, cost: Cost, speed: list[float], slowest: float) -> dict[str, Any]:
    return {
        "parameters": cost.parameters,
        "kflop_per_pixel": cost.flop_per_pixel / 1e3,
        "mvoxel_per_s": median(speed),
        "each_mvoxel_per_s": speed,
        "times_unet": median(speed) / slowest,
        "planes": planes_of(kind.model),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--budget", type=float, default=240.0, help="seconds of training of each network, on one core")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--phantoms", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=3, help="of measuring speeds; 0 keeps those of the last run")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--speed-only", action="store_true")
    options = parser.parse_args()
    rows = measured(options.rounds) if options.rounds else known()
    report(rows, options.budget)
    if not options.speed_only:
        found = held_out(data_folder("geometry"))
        training_stacks(range(options.phantoms), options.work / "phantoms")
        jobs = [(kind, seed) for kind in KINDS for seed in options.seeds]
        fit = partial(trained, work=options.work, budget=options.budget, count=options.phantoms)
        with ProcessPoolExecutor(options.workers, initializer=on_one_core) as pool:
            for (kind, seed), model in zip(jobs, pool.map(fit, jobs), strict=True):
                rows[kind.name].setdefault("runs", []).append({"seed": seed, **errors(model, found)})
                report(rows, options.budget)


def report(rows: dict[str, dict[str, Any]], budget: float) -> None:
    """Write what is known so far: a run that is stopped has not run for nothing."""
    for values in rows.values():
        runs = values.get("runs", [])
        values.update({key: float(np.mean([run[key] for run in runs])) for key in ("error", "hard_error") if runs})
    write_results("cost", {"budget_s": budget, "edge": EDGE, "networks": rows})


if __name__ == "__main__":
    main()
