"""Do scores mean what they say on unseen material and noise? Expected calibration errors in 15 equal-mass bins.

phantoms of bodies that no training has seen, the variance of their noise times 0.5 ... 4 -> bundled weights, without a
label -> calibration error of the scores as they are, and with logits over other temperatures

The temperatures are there to be looked at: what one of them would do on all of these phantoms is no held-out figure.

    KERAMOS_DATA=... python benchmarks/calibrated_noise.py [--noise 0.5 1 2 4] [--temperatures 1.15 1.3 1.5]
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from depth import SHAPE, Test, held_out
from measured import data_folder, write_results
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import Box
from keramos.networks import load_bundled
from keramos.scoring import measure_calibration
from keramos.segmenters import Segmenter, segmenter_of

WEIGHTS = {"stack": SHAPE[0], "single images": 1}


def positive_scores(segmenter: Segmenter, test: Test) -> NDArray[np.float32]:
    """The solid's score of every voxel."""
    volume = test.stack.volume(test.name)
    whole = Box.whole(volume.shape)
    scores = segmenter.fit_to(volume, lambda *_: None).scores(test.stack.grey, Block(0, whole, whole))
    return np.asarray(scores[1], np.float32)


def ece(solid: NDArray[np.float32], truth: NDArray[np.uint8], temperature: float) -> float:
    """The calibration error of the decision's scores, at this temperature."""
    logit = np.log(np.maximum(solid, 1e-7)) - np.log(np.maximum(1 - solid, 1e-7))
    tempered = 1 / (1 + np.exp(-logit / temperature))
    return measure_calibration(np.maximum(tempered, 1 - tempered), (tempered > 0.5) == truth).ece


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--noise", type=float, nargs="+", default=[0.5, 1.0, 2.0, 4.0], help="factors of its variance")
    parser.add_argument("--temperatures", type=float, nargs="+", default=[1.15, 1.3, 1.5])
    options = parser.parse_args()
    rows: dict[str, Any] = {name: {} for name in WEIGHTS}
    for noise in options.noise:
        for test in held_out(data_folder("geometry"), noise):
            for name, depth in WEIGHTS.items():
                weights = load_bundled("porous-solid", depth)
                assert weights is not None
                solid = positive_scores(segmenter_of(weights), test)
                found = {str(t): ece(solid, test.stack.truth, t) for t in (1.0, *options.temperatures)}
                wrong = float(np.mean((solid > 0.5) != test.stack.truth))
                rows[name].setdefault(test.name, {})[str(noise)] = {"ece": found, "wrong": wrong}
                print(f"{name}, {test.name}, noise {noise:g}: {wrong:.4f} wrong, {found}", flush=True)
    worst = {
        name: {
            str(t): max(row["ece"][str(t)] for values in found.values() for row in values.values())
            for t in (1.0, *options.temperatures)
        }
        for name, found in rows.items()
    }
    print(worst)
    write_results("calibrated_noise", {"noise": options.noise, "worst": worst, "rows": rows})


if __name__ == "__main__":
    main()
