"""Train the bundled weights `porous-solid` on phantoms only; the same seed gives the same weights.

phantoms -> one-slice network -> temperature on other phantoms -> weights for single images
                              -> inflated to seven slices, trained equally long -> temperature -> weights for stacks

    python pretraining/porous_solid.py --work DIR [--phantoms 160] [--epochs 60] [--size M] [--seed 0]

DIR holds the phantoms and unfinished trainings, so that the same command resumes. The weights are written to
src/keramos/networks/weights/. An epoch is 1,000 crops; each of the two stages has `--epochs` epochs.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from phantoms import Stack, training_stacks

from keramos.apps.cli.console import reporter as console
from keramos.blocks import Block
from keramos.core import Box
from keramos.core.progress import Reporter
from keramos.learning import AnnotatedSlices, Ranges, TrainSettings, collect_annotated, train_model
from keramos.networks import ARCHITECTURES, BUNDLED, Checkpoint, load_checkpoint, save_checkpoint
from keramos.segmenters import planes_of, segmenter_of

VALIDATION = range(900, 916)
"""Numbers of the phantoms for the calibration of the temperature."""
RANGES = Ranges(any_rotation=False, zoom=1.2, noise=0.2, jitter=0.15, flicker=0.04, missing=0.05)
"""Phantoms have their own rotations, jitter, flicker and noise; these widen them slightly."""
NOTES = (
    "Trained on simulated stacks only: void and solid of {count} phantoms (polycrystals, random fields, spheres, "
    "fibres, platelets, particles) with voxels of about 17 to 23 x 23 to 31 x 18 to 24 nm (z y x), seen along a line "
    "of sight 38 degrees from the section's normal, towards larger z and y. Stacks in cutting order are expected, y as "
    "the microscope wrote it. Look at the result; a minute of training on one annotated slice helps."
)


def annotated(stacks: Sequence[Stack], planes: int) -> AnnotatedSlices:
    """All slices of phantoms, with their neighbours."""
    names = [f"phantom {number}" for number in range(len(stacks))]
    pairs = [(stack.volume(name), stack.labels(name)) for stack, name in zip(stacks, names, strict=True)]
    return collect_annotated(pairs, planes=planes)


def stage(
    model: str,
    stacks: Sequence[Stack],
    out: Path,
    *,
    epochs: int,
    seed: int,
    size: str,
    start: Checkpoint | None = None,
    reporter: Reporter | None = None,
) -> Checkpoint:
    """The model of one training; a finished training is loaded."""
    if not out.is_file():
        settings = TrainSettings(
            model,
            None,
            epochs,
            seed=seed,
            augmentation=RANGES,
            adapts=True,
            network={} if start else ARCHITECTURES[model].size(size),
            learning_rate=1e-3 if start else 2e-3,
        )
        data = annotated(stacks, planes_of(model))
        train_model(data, settings, out, half_range=128, start=start, reporter=reporter)
    return load_checkpoint(out)


def calibrate_temperature(model: Checkpoint, tests: Sequence[Stack]) -> Checkpoint:
    """The model with the temperature fitted on phantoms it was not trained on."""
    from keramos.scoring import fit_temperature

    predictor, logits, codes = segmenter_of(model), [], []
    for stack in tests:
        volume = stack.volume("phantom")
        whole = Box.whole(volume.shape)
        scores = predictor.fit_to(volume, lambda *_: None).scores(stack.grey, Block(0, whole, whole))
        # Logarithms of scores are logits, up to a constant that cancels.
        logits.append(np.log(np.maximum(scores, 1e-12)).reshape(len(scores), -1))
        codes.append(stack.truth.ravel())
    temperature = fit_temperature(np.concatenate(logits, axis=1), np.concatenate(codes))
    return replace(model, card=model.card.model_copy(update={"temperature": temperature}))


def describe(model: Checkpoint, count: int) -> Checkpoint:
    """The model with its notes and licence; the number of phantoms replaces the list of slices."""
    short = {"images": (f"{count} phantoms",), "sources": (), "annotated_slices": ()}
    card = model.card.model_copy(
        update={
            "training": model.card.training.model_copy(update=short),
            "licence": "BSD-3-Clause",
            "notes": NOTES.format(count=count),
        }
    )
    return replace(model, card=card)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--phantoms", type=int, default=160)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--size", default="S")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    work, bundle, common = options.work, BUNDLED["porous-solid"], {"seed": options.seed, "size": options.size}
    stacks = training_stacks(range(options.phantoms), work / "phantoms")
    tests = training_stacks(VALIDATION, work / "phantoms")
    with console() as reporter:
        first = stage("compact", stacks, work / "first.keramos", epochs=options.epochs, reporter=reporter, **common)
        file = work / f"{bundle.stack.stem}.keramos"
        deep = stage("compact-7", stacks, file, epochs=options.epochs, start=first, reporter=reporter, **common)
    for model, out in ((first, bundle.slice), (deep, bundle.stack)):
        ready = describe(calibrate_temperature(model, tests), options.phantoms)
        save_checkpoint(out, ready.card, ready.weights)
        print(f"written: {out} ({out.stat().st_size / 2**20:.2f} MiB), temperature {ready.card.temperature:.3f}")


if __name__ == "__main__":
    main()
