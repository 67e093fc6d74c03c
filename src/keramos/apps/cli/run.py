"""keramos run"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from keramos.apps.cli.console import print_facts, reporter
from keramos.apps.cli.options import JsonOption, write_json


def run(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE.toml", help="The pipeline; see examples/.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which steps would be done, and why.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Do every step again.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Run a whole pipeline. Steps that nothing has changed for are skipped; a killed one goes on where it stopped.

    Example: keramos run examples/phantom.toml
    """
    from keramos.project.recipe import run_recipe

    with reporter() as telling:
        done = run_recipe(recipe, fresh=fresh, dry=dry_run, reporter=telling)
    print_facts([(step.name, _told(step.state, step.why, step.seconds, dry_run)) for step in done])
    print_facts([fact for step in done for fact in step.facts.items() if fact[1]])
    write_json(json_file, {"steps": [asdict(step) for step in done]})


def _told(state: str, why: str, seconds: float | None, dry_run: bool) -> str:
    if seconds is not None:
        return f"done in {seconds:.0f} s" + (f" ({why})" if state == "changed" else "")
    return f"would be done: {why}" if dry_run and state != "up to date" else state
