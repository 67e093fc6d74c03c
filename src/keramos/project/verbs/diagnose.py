"""Say what is probably wrong with a segmentation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from keramos.inspection import Finding, segmentation_findings
from keramos.learning import Fitted
from keramos.networks import load_checkpoint
from keramos.project.inputs import Images, Reading
from keramos.segmenters import SEGMENTERS


def diagnose(
    images: Images,
    model: str | Path | Fitted,
    fractions: Mapping[str, float],
    *,
    reading: Reading | None = None,
) -> list[Finding]:
    """What is probably wrong with a segmentation of images by a model, whose phases take these `fractions` of it (see
    `phase_fractions`); nothing of thresholds by name and of bundled models, which have learnt nothing of this material.

    Raises:
        KeramosError: an unreadable file.
    """
    path = model.path if isinstance(model, Fitted) else model
    if str(path) in SEGMENTERS or not Path(path).is_file():
        return []
    return segmentation_findings(load_checkpoint(path).card, (reading or Reading()).volume(images), fractions)
