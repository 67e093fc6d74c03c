"""Train the bundled weights `porous-solid` on phantoms only; the same seed gives the same weights.

phantoms -> network of one slice    -> temperature on other phantoms -> weights for single images
         -> network of seven slices -> temperature on other phantoms -> weights for stacks

    python pretraining/porous_solid.py --work DIR [--only slice] [--phantoms 320] [--size S] [--seed 0]

DIR holds the phantoms and unfinished trainings, so that the same command resumes. The weights are written to
src/keramos/networks/weights/. An epoch is 1,000 crops. Muon learns faster than AdamW and serves stacks. Of
single images it learns what is particular to the phantoms' noise: at four times its variance it errs more than AdamW.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from phantoms import Stack, training_stacks

from keramos.apps.cli.console import TerminalReporter
from keramos.blocks import Block
from keramos.core import Box
from keramos.core.progress import Reporter
from keramos.learning import AnnotatedSlices, Ranges, TrainSettings, collect_annotated, train_model
from keramos.networks import ARCHITECTURES, BUNDLED, Checkpoint, load_checkpoint, save_checkpoint
from keramos.segmenters import planes_of, segmenter_of

VALIDATION = range(900, 916)
"""Numbers of the phantoms for the calibration of the temperature."""
RANGES = Ranges(any_rotation=False, zoom=1.3, noise=0.2, jitter=0.15, flicker=0.04, missing=0.05)
"""Phantoms have their own rotations, jitter, flicker and noise; these widen them slightly."""
MODELS = {"slice": "compact", "stack": "compact-7"}
LEARNING: dict[str, dict[str, Any]] = {
    "slice": {"optimiser": "adamw", "learning_rate": 2e-3, "epochs": 200},
    "stack": {"optimiser": "muon", "epochs": 240},
}
WIDER = {"slice": 1.2, "stack": 1.1}
"""Factors of the fitted temperature: what networks get wrong on strange bodies under strong noise, they get wrong with
confidence. These keep calibration errors within 0.02 on all of benchmarks/calibrated_noise.py."""
FILES = {"slice": BUNDLED["porous-solid"].slice, "stack": BUNDLED["porous-solid"].stack}
NOTES = (
    "Trained on simulated stacks only: void and solid of {count} phantoms (polycrystals, random fields, spheres, "
    "fibres, platelets, particles; 35 to 92 % solid) with voxels of 7 to 60 x 10 to 58 x 10 to 42 nm (z y x), "
    "seen along a line of sight 38 degrees from the section's normal, towards larger z and y. Stacks in cutting order "
    "are expected, y as the microscope wrote it. Look at the result; annotate one slice where it errs."
)


def annotated(stacks: Sequence[Stack], planes: int) -> AnnotatedSlices:
    """All slices of phantoms, with their neighbours."""
    names = [f"phantom {number}" for number in range(len(stacks))]
    pairs = [(stack.volume(name), stack.labels(name)) for stack, name in zip(stacks, names, strict=True)]
    return collect_annotated(pairs, planes=planes)


def fit(kind: str, stacks: Sequence[Stack], out: Path, *, seed: int, size: str, reporter: Reporter) -> Checkpoint:
    """The model of one training; a finished training is loaded."""
    if not out.is_file():
        model = MODELS[kind]
        settings = TrainSettings(
            model=model,
            seed=seed,
            augmentation=RANGES,
            adapts=True,
            network=ARCHITECTURES[model].size(size),
            scored_slices=0,
            **LEARNING[kind],
        )
        train_model(annotated(stacks, planes_of(model)), settings, out, half_range=128, reporter=reporter)
    return load_checkpoint(out)


def calibrate_temperature(model: Checkpoint, tests: Sequence[Stack], wider: float) -> Checkpoint:
    """The model with the temperature fitted on phantoms it was not trained on, times `wider`."""
    from keramos.scoring import fit_temperature

    predictor, logits, codes = segmenter_of(model), [], []
    for stack in tests:
        volume = stack.volume("phantom")
        whole = Box.whole(volume.shape)
        scores = predictor.fit_to(volume, lambda *_: None).scores(stack.grey, Block(0, whole, whole))
        # Logarithms of scores are logits, up to a constant that cancels.
        logits.append(np.log(np.maximum(scores, 1e-12)).reshape(len(scores), -1))
        codes.append(stack.truth.ravel())
    temperature = wider * fit_temperature(np.concatenate(logits, axis=1), np.concatenate(codes))
    return replace(model, card=model.card.model_copy(update={"temperature": temperature}))


def describe(model: Checkpoint, count: int) -> Checkpoint:
    """The model with its notes and licence; the number of phantoms replaces the list of slices."""
    short = {"images": (f"{count} phantoms",), "sources": (), "annotated_slices": ()}
    card = model.card.model_copy(
        update={
            "training": model.card.training.model_copy(update=short),
            "licence": "BSD-3-Clause",
            "notes": NOTES.format(count=count),
            "removes_flicker": len(model.card.z_offsets_nm) > 1,
        }
    )
    return replace(model, card=card)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--only", choices=MODELS, nargs="+", default=list(MODELS))
    parser.add_argument("--phantoms", type=int, default=320)
    parser.add_argument("--size", default="S")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    stacks = training_stacks(range(options.phantoms), options.work / "phantoms")
    tests = training_stacks(VALIDATION, options.work / "phantoms")
    for kind in options.only:
        with TerminalReporter() as reporter:
            fitted = fit(
                kind,
                stacks,
                options.work / f"{kind}.keramos",
                seed=options.seed,
                size=options.size,
                reporter=reporter,
            )
        ready, out = describe(calibrate_temperature(fitted, tests, WIDER[kind]), options.phantoms), FILES[kind]
        save_checkpoint(out, ready.card, ready.weights)
        print(f"written: {out} ({out.stat().st_size / 2**20:.2f} MiB), temperature {ready.card.temperature:.3f}")


if __name__ == "__main__":
    main()
