"""Methods without a network on phantoms whose materials shine through: Otsu, Sauvola, salzer, prill.

By name alone, without labels, and with parameters chosen on the middle slice as the simulated annotator drew it. The
phantoms are those of `depth.py`. IoU of the solid and wrong voxels / all voxels, of the stack without the chosen slice
and of its hard regions; the processor's time for the stack on one core.

    KERAMOS_DATA=... python benchmarks/shine_through.py
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from depth import HARD, PHASES, VOXELS, Test, held_out
from measured import data_folder, on_one_core, write_results
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import Box, LabelVolume
from keramos.learning import TrainSettings, collect_annotated, train_model
from keramos.segmenters import decide, load_segmenter, planes_of
from keramos.simulation import REGIONS

METHODS = ("otsu", "sauvola", "salzer", "prill")


def choose(name: str, test: Test, out: Path) -> Path:
    """The method with its parameters chosen on the annotated middle slice."""
    pair = (test.stack.volume(test.name), LabelVolume.from_array(test.hand, PHASES, VOXELS, test.name))
    data = collect_annotated([pair], planes=planes_of(name))
    return train_model(data, TrainSettings(model=name, scored_slices=0), out / f"{name}.keramos", half_range=128).path


def scored(model: str | Path, test: Test) -> dict[str, Any]:
    """Scores of one method on one phantom."""
    volume, whole, truth = test.stack.volume(test.name), Box.whole(test.stack.truth.shape), test.stack.truth
    began = time.process_time()
    segmenter = load_segmenter(model, volume).fit_to(volume)
    found = decide(segmenter.scores(test.stack.grey, Block(0, whole, whole)))
    seconds = time.process_time() - began
    kept = np.arange(len(truth)) != len(truth) // 2
    both, either = ((found & truth)[kept] == 1).sum(), ((found | truth)[kept] == 1).sum()
    wrong = (found != truth)[kept]
    regions = test.stack.regions[kept]
    return {
        "iou": float(both / either),
        "error": float(wrong.mean()),
        "regions": {name: share_wrong(wrong, regions, name) for name in REGIONS},
        "seconds": round(seconds, 2),
        "parameters": segmenter.summary(),
    }


def share_wrong(wrong: NDArray[np.bool_], regions: NDArray[np.uint8], name: str) -> float | None:
    """Wrong voxels of a region over all of it; None where there is none."""
    inside = (regions >> REGIONS.index(name) & 1) == 1
    return float(wrong[inside].mean()) if inside.any() else None


def main() -> None:
    on_one_core()
    tests = held_out(data_folder("geometry"))
    results: dict[str, Any] = {test.name: {} for test in tests}
    for test in tests:
        add(results, test, "without labels", {name: scored(name, test) for name in METHODS})
    for test in tests:
        with tempfile.TemporaryDirectory() as out:
            rows = {name: scored(choose(name, test, Path(out)), test) for name in METHODS}
        add(results, test, "one annotated slice", rows)


def add(results: dict[str, Any], test: Test, case: str, rows: dict[str, Any]) -> None:
    """Show and keep the scores of a phantom."""
    results[test.name][case] = rows
    for name, values in rows.items():
        hard = ", ".join(f"{place} {values['regions'][place]:.2f}" for place in HARD)
        print(f"{test.name}, {case}: {name} IoU {values['iou']:.3f}, errors: {hard}", flush=True)
    write_results("shine_through", results)


if __name__ == "__main__":
    main()
