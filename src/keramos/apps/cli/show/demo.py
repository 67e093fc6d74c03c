"""Show what the demo reached."""

from __future__ import annotations

import shlex
from typing import Any

from keramos.apps.cli.console import print_facts
from keramos.apps.cli.scores import print_scores
from keramos.project.demo import DemoResult
from keramos.settings.others import DemoSettings


def show_demo(settings: DemoSettings, result: DemoResult) -> dict[str, Any]:  # noqa: ARG001
    """Print the scores of each method, then four lines: the result, its page, the studio on the same stack, and how to
    begin with own data."""
    print_scores("3-D scores on the slices nobody annotated", result.evaluations)
    *others, (name, best) = result.evaluations.items()
    rest = ", ".join(f"{other} {evaluation.positive_scores.iou:.3f}" for other, evaluation in others)
    studio = shlex.join(["keramos", "studio", str(result.folder / "images.ome.zarr")])
    print_facts(
        [
            ("result", f"{name}: IoU {best.positive_scores.iou:.3f} ({rest}); numbers in {result.folder / 'run.json'}"),
            ("page", str(result.report)),
            ("studio", studio),
            ("own data", "keramos start STACK --voxel-size Z_NM Y_NM X_NM"),
        ]
    )
    return result.record.model_dump(mode="json")
