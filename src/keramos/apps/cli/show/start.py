"""Show what a stack is, what is missing, and the recipe that is proposed for it."""

from __future__ import annotations

import shlex
from math import prod
from pathlib import Path
from typing import Any

from keramos.apps.cli.console import print_facts
from keramos.apps.cli.following import ask_for_voxel_size
from keramos.project.verbs.start import StartResult
from keramos.settings.start import StartSettings

_PREPARE = "keramos prepare "


def show_start(settings: StartSettings, result: StartResult) -> dict[str, Any]:
    """Print what the stack is, its findings, what is missing and the recipe; running the recipe comes next."""
    recipe = " -> ".join(result.steps)
    facts = [("what", _describe(result)), ("voxel size", _describe_voxels(result))]
    facts += [(finding.severity, finding.text) for finding in result.findings]
    facts += _list_missing(settings, result)
    print_facts([*facts, ("recipe", recipe if result.path is None else f"{result.path}: {recipe}")])
    if result.path is None:
        print_facts([("", line) for line in result.recipe.splitlines()])
    return {**result.to_json(), "next": _next(settings, result)}


def _list_missing(settings: StartSettings, result: StartResult) -> list[tuple[str, str]]:
    """Rows of one thing to do first, of others that follow, and one of all that matters for raw slices alone."""
    of_preparation = [row for row in result.missing if row.option.startswith(_PREPARE) and ";" not in row.option]
    first = [row for row in result.missing if row not in of_preparation]
    names = ["first", *["then"] * len(first)]
    facts = [(name, f"{row.what}: {row.effect}; {row.option}") for name, row in zip(names, first, strict=False)]
    if of_preparation:
        listed = ", ".join(f"{row.what} ({row.option.removeprefix(_PREPARE)})" for row in of_preparation)
        where = shlex.join(["keramos", "info", str(settings.images)])
        facts.append(("not stated", f"{listed}: options of {_PREPARE.strip()}; what each is for: {where}"))
    return facts


def _describe(result: StartResult) -> str:
    facts = result.facts
    maker = (facts.get("acquisition") or {}).get("facts", {}).get("maker", {}).get("value")
    kind = "a prepared volume" if facts.get("preparation") else f"raw slices by {maker}" if maker else "a stack"
    shape = " x ".join(map(str, facts["shape"]))
    million = prod(facts["shape"]) / 1e6
    return f"{kind} ({facts['format']}): {shape} voxels (z y x, {million:.3g} million), {facts['dtype']}"


def _describe_voxels(result: StartResult) -> str:
    if result.edges == (None, None, None):
        return "unknown"
    known = " x ".join("?" if edge is None else f"{edge:g}" for edge in result.edges)
    sources = dict.fromkeys(
        source for name, source in result.facts["sources"].items() if name in ("z", "y", "x") and source
    )
    return f"{known} nm (z y x)" + (f", from {'; '.join(sources)}" if sources else "")


def _next(settings: StartSettings, result: StartResult) -> str:
    """Run the recipe; before it is written, the same command with a place for it, and for a size that is missing."""
    if result.path is not None:
        return shlex.join(["keramos", "run", str(result.path)])
    words = ["keramos", "start", str(settings.images)]
    for name in ("labels", "phases", "positive", "ignore", "box", "detector"):
        if getattr(settings, name) is not None:
            words += [f"--{name}", str(getattr(settings, name))]
    if settings.slices is not None:
        words += ["--slices", *map(str, settings.slices)]
    if settings.voxel_size is not None:
        words += ["--voxel-size", *(f"{edge:g}" for edge in settings.voxel_size.zyx)]
    elif result.edges == (None, None, None):
        words += ask_for_voxel_size(None)
    return shlex.join([*words, "--out", str(Path("recipe.toml"))])
