"""Run a recipe's steps in their order; what is up to date is skipped."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field

from keramos.blocks import lock_output
from keramos.core import Finding
from keramos.core.files import make_folder
from keramos.core.progress import FindingCollector, Reporter
from keramos.project.recipe.inputs_check import refuse_missing_inputs
from keramos.project.recipe.read import read_recipe
from keramos.project.recipe.step import Step
from keramos.project.recipe.step_cache import State, StepCache, cache_key
from keramos.project.recipe.steps import Places, build_steps, find_output
from keramos.project.verb import verb
from keramos.settings.others import RunSettings

STEPS = "recipe-steps"


@dataclass(frozen=True)
class StepDone:
    """A step, where it stood and why, whether it was run, facts to show, and its findings: those of when it was run."""

    name: str
    state: State
    why: str
    seconds: float | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


@verb(RunSettings)
def run(settings: RunSettings, reporter: Reporter) -> list[StepDone]:
    """Run a recipe's steps; a dry run does none, and says what would be done.

    Raises:
        KeramosError: the recipe is not one, or a step's own; steps that are done stay done.
    """
    file, fresh, dry = settings.recipe, settings.fresh, settings.dry_run
    recipe = read_recipe(file)
    home = file.resolve().parent
    places = Places(home, find_output(home, recipe.out, "out"))
    steps = build_steps(recipe, places)
    refuse_missing_inputs(steps)
    if not dry:
        make_folder(places.out)
    cache, collector = StepCache(places.out / STEPS), FindingCollector(reporter)
    done: list[StepDone] = []
    with nullcontext() if dry else lock_output(places.out, beside=places.out / STEPS):
        for number, step in enumerate(steps, 1):
            # What a step before would make is not known yet.
            upstream = dry and any(before.state != "up to date" for before in done)
            done.append(
                _look(step, cache, upstream)
                if dry
                else _run(step, f"step {number} of {len(steps)}", cache, fresh, collector)
            )
            for finding in done[-1].findings:
                collector.finding(finding)
    return done


def _run(step: Step, place: str, cache: StepCache, fresh: bool, reporter: Reporter) -> StepDone:
    key = cache_key(step.settings.identity(), step.inputs)
    state, why = cache.state(step.name, key, step.outputs)
    if state == "up to date" and not fresh:
        return StepDone(step.name, state, why, findings=cache.findings(step.name))
    began = time.monotonic()
    reason = ", asked for again" if fresh else "" if state == "new" else f", {why}"
    reporter.note(f"{step.name}: {place}{reason}")
    cache.start(step.name, key)
    collector = FindingCollector(reporter)
    facts = step.act(fresh or state == "changed", state != "new", collector)
    cache.finish(step.name, key, step.outputs, collector.findings)
    return StepDone(step.name, state, why, round(time.monotonic() - began, 2), facts, collector.findings)


def _look(step: Step, cache: StepCache, upstream: bool) -> StepDone:
    state, why = cache.state(step.name, cache_key(step.settings.identity(), step.inputs), step.outputs)
    if upstream and state == "up to date":
        return StepDone(step.name, "changed", "a step before it is to be done")
    return StepDone(step.name, state, why, findings=cache.findings(step.name) if state == "up to date" else ())
