"""Show scores against truth."""

from __future__ import annotations

from typing import Any

from keramos.apps.cli.console import print_facts
from keramos.apps.cli.scores import calibration_text, print_calibration, print_phases, print_regions
from keramos.apps.cli.structure import print_structure, print_tolerance
from keramos.scoring import Evaluation
from keramos.settings.evaluate import EvaluateSettings


def show_evaluate(settings: EvaluateSettings, evaluation: Evaluation) -> dict[str, Any]:
    """Print a row for each phase, region and bin of scores, and the means."""
    print_phases(f"{_name(settings.prediction)} against {_name(settings.truth)}", evaluation)
    if evaluation.regions:
        print_regions(evaluation.regions)
    if evaluation.calibration is not None:
        print_calibration(evaluation.calibration)
    print_tolerance(evaluation)
    second = evaluation.second
    if evaluation.microstructure is not None:
        print_structure(evaluation.microstructure, None if second is None else second.microstructure)
    facts = [("mean IoU", _text(evaluation.mean_iou)), ("accuracy", _text(evaluation.accuracy))]
    facts += [("voxels", f"{evaluation.voxels:,}"), ("intervals", evaluation.bootstrap.method)]
    share = evaluation.boundary_band.share_of_errors
    if share is not None:
        facts.append(("errors", f"{100 * share:.0f} % lie within a pixel of the true boundary"))
    if evaluation.calibration is not None:
        facts.append(("scores", calibration_text(evaluation.calibration)))
    if second is not None:
        facts.append(("second annotator", f"{_text(second.positive_scores.iou)} IoU of {second.positive}: the ceiling"))
    if evaluation.microstructure is not None:
        facts.append(("noise floor", evaluation.microstructure.noise_floor))
    elif settings.microstructure:
        facts.append(("microstructure", "not compared, because the voxel size is not known; give --voxel-size Z Y X"))
    if settings.overlay is not None:
        facts.append(("pictures", f"{settings.overlay}: TP pale blue, FP aqua, FN yellow, TN brown"))
    print_facts(facts)
    return evaluation.to_json()


def _name(labels: object) -> str:
    return str(getattr(labels, "name", labels))


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
