"""Show what the demo reached."""

from __future__ import annotations

import shlex
from typing import Any

from keramos.apps.cli.console import print_facts
from keramos.apps.cli.scores import print_scores
from keramos.project.demo import DemoResult
from keramos.settings.others import DemoSettings


def show_demo(settings: DemoSettings, result: DemoResult) -> dict[str, Any]:  # noqa: ARG001
    """Print the scores of each method, and where the page is; the studio on the same stack comes next."""
    print_scores("3-D scores on the slices nobody annotated", result.evaluations)
    print_facts([("report", str(result.report)), ("numbers", str(result.folder / "run.json"))])
    studio = shlex.join(["keramos", "studio", str(result.folder / "images.ome.zarr")])
    return {**result.record.model_dump(mode="json"), "next": studio}
