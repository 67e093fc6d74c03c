"""Show a segmentation."""

from __future__ import annotations

import shlex
from typing import Any

from keramos.apps.cli.console import print_facts
from keramos.apps.cli.following import ask_for_voxel_size
from keramos.core.share import share_text
from keramos.project.verbs.segment import Segmentation
from keramos.settings.segment import SegmentSettings


def show_segment(settings: SegmentSettings, labels: Segmentation) -> dict[str, Any]:
    """Print where the labels are and the fraction of each phase; the next command measures them."""
    out, fractions = settings.out, labels.phase_fractions
    shown = ", ".join(f"{name} {share_text(fraction, 2)}" for name, fraction in fractions.items())
    facts = [("segmentation", str(out)), ("phase fractions", shown)]
    numbers: dict[str, Any] = {"out": str(out), "shape": list(labels.shape), "phase_fractions": dict(fractions)}
    if settings.uncertainty:
        numbers["uncertainty"] = str(out / "uncertainty")
        facts.append(("uncertainty", f"{out / 'uncertainty'}: 0 sure ... 255 all phases equally likely"))
    removed = [step.parameters for step in labels.provenance.steps if step.verb == "remove"]
    if removed:
        numbers["removed"] = removed[-1]
    print_facts(facts)
    following = ["keramos", "quantify", str(out), *ask_for_voxel_size(labels.voxel_size), "--out", "quantities"]
    return {**numbers, "next": shlex.join(following)}
