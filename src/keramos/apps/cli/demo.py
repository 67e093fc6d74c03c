"""keramos demo"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keramos.apps.cli.console import print_facts, reporter
from keramos.apps.cli.options import JsonOption, write_json
from keramos.apps.cli.scores import print_scores


def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for all results.")] = Path("keramos-demo"),
    quick: Annotated[bool, typer.Option("--quick", help="A smaller phantom and a shorter training.")] = False,
    json_file: JsonOption = None,
) -> None:
    """The whole job on simulated images: phantom, one annotated slice, train, segment, evaluate, report.

    Example: keramos demo --out demo
    """
    from keramos.project.demo import run_demo

    with reporter() as telling:
        result = run_demo(out, quick=quick, reporter=telling)
    print_scores("3-D scores on the slices nobody annotated", result.evaluations)
    print_facts([("report", str(result.report)), ("numbers", str(result.folder / "run.json"))])
    write_json(json_file, result.record.model_dump(mode="json"))
