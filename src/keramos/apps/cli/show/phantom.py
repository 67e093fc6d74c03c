"""Show what a phantom consists of."""

from __future__ import annotations

import shlex
from typing import Any

from keramos.apps.cli.console import print_facts
from keramos.project.raw_phantoms import truth_folder
from keramos.settings.bundled import POROUS_SOLID
from keramos.settings.phantom import PhantomSettings


def show_phantom(settings: PhantomSettings, parameters: dict[str, Any]) -> dict[str, Any]:
    """Print the files; the next command segments the images with the bundled weights."""
    if settings.raw is not None:
        return _show_raw(settings, parameters)
    names = ["truth.ome.zarr", "truth-as-imaged.ome.zarr", "regions.ome.zarr", "phantom.json"]
    images = ["images.ome.zarr", *([f"images-{settings.also}.ome.zarr"] if settings.also else [])]
    names = [*images, *names]
    names += ["hand-labels.ome.zarr"] if parameters["hand_labelled"] else []
    print_facts([(name.split(".")[0], str(settings.out / name)) for name in names])
    following = ["segment", str(settings.out / "images.ome.zarr"), "--model", POROUS_SOLID, "--out", "OUT.ome.zarr"]
    return {**parameters, "next": shlex.join(["keramos", *following])}


def _show_raw(settings: PhantomSettings, parameters: dict[str, Any]) -> dict[str, Any]:
    """Print the folders; the next command says what the files tell."""
    truth = truth_folder(settings.out)
    print_facts(
        [("raw slices", str(settings.out)), *((name, str(truth / name)) for name in ("truth.json", "truth.ome.zarr"))]
    )
    return {**parameters, "next": shlex.join(["keramos", "info", str(settings.out)])}
