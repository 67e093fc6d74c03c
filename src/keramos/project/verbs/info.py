"""Say what a file is."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from keramos.core import Finding
from keramos.core.progress import Reporter
from keramos.io import Unfinished, describe
from keramos.networks import load_checkpoint
from keramos.project.questions import list_questions
from keramos.project.support import describe_machine
from keramos.project.verb import verb
from keramos.settings.others import InfoSettings

MODEL_SUFFIXES = (".keramos", ".safetensors")


@verb(InfoSettings)
def info(settings: InfoSettings, reporter: Reporter) -> dict[str, Any]:
    """Say what a file is, as JSON values: a model's card; or shape, voxel size, phases and provenance of a stack; of
    raw slices also what the microscope wrote, and what it did not and will be asked for; of a segmentation also its
    images, the model card, and the findings of when it was made. With `support` also the machine and the versions of
    packages, without a file if need be.

    Raises:
        MissingFileError, FormatError: nothing there, or nothing that Keramos reads.
    """
    about = {} if settings.path is None else _describe(settings.path, settings.detector, reporter)
    return {**about, "support": describe_machine()} if settings.support else about


def _describe(path: str | Path, detector: str | None, reporter: Reporter) -> dict[str, Any]:
    if Path(path).suffix in MODEL_SUFFIXES:
        checkpoint = load_checkpoint(path)
        size = sum(tensor.numel() for tensor in checkpoint.weights.values())
        about = {"path": str(path), "kind": "model", "sha256": checkpoint.sha256, "values": size}
        return {**about, "card": checkpoint.card.model_dump(mode="json")}
    facts = describe(path, detector=detector)
    if facts.get("unfinished"):
        reporter.finding(_report_unfinished(str(path), Unfinished(**facts["unfinished"])))
    findings = [*facts.get("findings", ()), *(facts.get("segmentation") or {}).get("findings", ())]
    for row in findings:
        reporter.finding(Finding.from_json(row))
    return {**facts, "asked_for": _list_questions(facts), "findings": findings}


def _list_questions(facts: dict[str, Any]) -> list[dict[str, str]]:
    """The questions that a raw stack leaves open; none for volumes that no microscope wrote as slices."""
    stated = (facts.get("acquisition") or {}).get("facts", {})
    is_raw = "maker" in stated or "of slices" in str(facts.get("format"))
    if facts["kind"] != "image" or not is_raw:
        return []
    return [asdict(question) for question in list_questions({name: row["value"] for name, row in stated.items()})]


def _report_unfinished(path: str, unfinished: Unfinished) -> Finding:
    """A finding about a store that a killed run has left half-written; other verbs refuse it."""
    return Finding(
        "unfinished-store",
        f"{path} is {unfinished}",
        "what is missing reads as not annotated or as 0, and no other command takes it",
        unfinished.advice,
    )
