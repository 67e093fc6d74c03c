"""Show which steps of a recipe were run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from keramos.apps.cli.console import print_facts
from keramos.project.recipe import StepDone
from keramos.settings.others import RunSettings


def show_run(settings: RunSettings, done: Sequence[StepDone]) -> dict[str, Any]:
    """Print each step's state, and what the steps have to say."""
    print_facts([(step.name, _state(step, settings.dry_run)) for step in done])
    print_facts([fact for step in done for fact in step.facts.items() if fact[1]])
    return {"steps": [{**asdict(step), "findings": [one.to_json() for one in step.findings]} for step in done]}


def _state(step: StepDone, dry_run: bool) -> str:
    if step.seconds is not None:
        return f"done in {step.seconds:.0f} s" + (f" ({step.why})" if step.state == "changed" else "")
    return f"would be done: {step.why}" if dry_run and step.state != "up to date" else step.state
