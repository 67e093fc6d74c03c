"""keramos evaluate"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keramos.apps.cli.console import print_facts, reporter
from keramos.apps.cli.options import (
    BoxOption,
    IgnoreOption,
    JsonOption,
    PhasesOption,
    PositiveOption,
    VoxelSizeOption,
    numbers,
    reading,
    write_json,
)
from keramos.apps.cli.scores import calibration_text, print_calibration, print_phases, print_regions
from keramos.core.errors import SettingsError


def evaluate(
    prediction: Annotated[str, typer.Argument(metavar="PREDICTION", help="Labels of any software.")],
    truth: Annotated[str, typer.Argument(metavar="TRUTH", help="True labels; 255 where nobody annotated.")],
    overlay: Annotated[
        Path | None, typer.Option("--overlay", metavar="DIR", help="Write pictures of hits and errors.")
    ] = None,
    images: Annotated[
        str | None, typer.Option("--images", metavar="P", help="Images to show in the pictures where no truth is.")
    ] = None,
    regions: Annotated[
        Path | None, typer.Option("--regions", metavar="P", help="A phantom's regions.ome.zarr: score each by itself.")
    ] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option("--leave-out", metavar="Z [Z ...]", help="Do not score these slices: those trained on."),
    ] = None,
    voxel_size: VoxelSizeOption = None,
    box: BoxOption = None,
    phases: PhasesOption = None,
    positive: PositiveOption = None,
    ignore: IgnoreOption = None,
    json_file: JsonOption = None,
) -> None:
    """Score a segmentation against truth, in 2-D or over a whole volume.

    Example: keramos evaluate segmentation.ome.zarr truth.tif --leave-out 48 --overlay pictures
    """
    if images is not None and overlay is None:
        raise SettingsError("expected --images only with --overlay, whose pictures show them, found no --overlay")
    from keramos.inspection import evaluation_findings, tell
    from keramos.project.verbs.evaluate import evaluate as score

    with reporter() as telling:
        evaluation = score(
            prediction,
            truth,
            leave_out=numbers(leave_out or [], "--leave-out"),
            overlay=overlay,
            images=images,
            regions=regions,
            reading=reading(voxel_size, box, phases, positive, ignore),
            reporter=telling,
        )
        tell(evaluation_findings(evaluation), telling)
    print_phases(f"{prediction} against {truth}", evaluation)
    if evaluation.regions:
        print_regions(evaluation.regions)
    if evaluation.calibration is not None:
        print_calibration(evaluation.calibration)
    facts = [("mean IoU", _text(evaluation.mean_iou)), ("accuracy", _text(evaluation.accuracy))]
    facts += [("voxels", f"{evaluation.voxels:,}"), ("intervals", evaluation.bootstrap.method)]
    share = evaluation.boundary_band.share_of_errors
    if share is not None:
        facts.append(("errors", f"{100 * share:.0f} % lie within a pixel of the true boundary"))
    if evaluation.calibration is not None:
        facts.append(("scores", calibration_text(evaluation.calibration)))
    if overlay is not None:
        facts.append(("pictures", f"{overlay}: hits pale blue, false aqua, missed yellow, rightly negative brown"))
    print_facts(facts)
    write_json(json_file, {**evaluation.to_json(), "findings": telling.findings})


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
