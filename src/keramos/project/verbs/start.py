"""Look at a stack and propose what to do with it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from keramos.core import Finding
from keramos.core.errors import FormatError
from keramos.core.files import write_text
from keramos.core.progress import FindingCollector, Reporter
from keramos.project.proposed_recipe import NEEDS_PREPARATION, Proposal
from keramos.project.questions import Question
from keramos.project.verb import verb
from keramos.project.verbs.check import check
from keramos.project.verbs.info import info
from keramos.settings.check import CheckSettings
from keramos.settings.others import InfoSettings
from keramos.settings.start import StartSettings

_SIZE_QUESTIONS = ("the size of a pixel", "the distance of slices", "whether images that are not corrected are tilted")
_VOXEL_SIZE = "the voxel size"
_KNOWN_SIZES_NM = (4, 50)
"""Voxel sizes that the bundled weights take."""


@dataclass(frozen=True)
class StartResult:
    """The answer of `keramos start`: a stack described, and the work proposed for it.

    Attributes:
        facts: what the files state, as `keramos.info` gives it.
        edges: the voxel size in nm along z y x, None where it is unknown.
        findings: what is doubtful about the stack and the labels, the gravest first.
        missing: what has to be added, the gravest first, each with its effect and the option that gives it.
        steps: the steps of the proposed recipe.
        recipe: the recipe as text.
        path: the file it was written to; None where it was not.
    """

    facts: Mapping[str, Any]
    edges: tuple[float | None, float | None, float | None]
    findings: tuple[Finding, ...]
    missing: tuple[Question, ...]
    steps: tuple[str, ...]
    recipe: str
    path: Path | None

    def to_json(self) -> dict[str, Any]:
        """JSON values by the names of the attributes."""
        return {
            "facts": dict(self.facts),
            "voxel_size_nm": list(self.edges),
            "findings": [finding.to_json() for finding in self.findings],
            "missing": [asdict(question) for question in self.missing],
            "steps": list(self.steps),
            "recipe": self.recipe,
            "path": None if self.path is None else str(self.path),
        }


@verb(StartSettings)
def start(settings: StartSettings, reporter: Reporter) -> StartResult:
    """Look at a stack: what it is, what is missing, and a recipe for it, written where `out` is given.

    Raises:
        FormatError: the file holds labels, scores or a model, no images.
        KeramosError: files that cannot be read, or labels that do not fit the stack.
    """
    collector = FindingCollector(reporter, quiet=True)
    facts = info.run(InfoSettings(path=settings.images, detector=settings.detector), collector)
    if facts["kind"] != "image":
        raise FormatError(
            f"expected the images of a stack, found {facts['kind']} in {settings.images}; "
            "keramos quantify measures labels, keramos info shows what a file is"
        )
    shared = ("images", "labels", "slices", "voxel_size", "box", "detector", "phases", "positive", "ignore")
    checking = CheckSettings(**{name: getattr(settings, name) for name in shared})
    findings = check.run(checking, collector).findings
    stated = facts["voxel_size_nm"] or (None, None, None)
    edges = tuple(stated) if settings.voxel_size is None else settings.voxel_size.zyx
    is_raw = bool((facts.get("acquisition") or {}).get("facts", {}).get("maker"))
    doubtful = any(finding.kind in NEEDS_PREPARATION and finding.severity != "note" for finding in findings)
    prepares = not facts.get("preparation") and (is_raw or doubtful)
    proposal = Proposal(settings, edges, prepares, choose_slice(facts["shape"][0], findings))
    recipe = proposal.to_toml()
    if settings.out is not None:
        write_text(settings.out, recipe)
    missing = tuple(_list_missing(settings, facts, edges, proposal))
    return StartResult(facts, edges, findings, missing, proposal.steps, recipe, settings.out)


def choose_slice(slices: int, findings: Sequence[Finding]) -> int:
    """The slice to annotate: the one nearest to the middle that no finding is about.

    Example:
        >>> choose_slice(9, [Finding("blank-slice", "slice 4 is blank", "it is void", slices=(4,))])
        5
    """
    doubtful = {z for finding in findings for z in finding.slices}
    middle = slices // 2
    return min(range(slices), key=lambda z: (z in doubtful, abs(z - middle), -z))


def _list_missing(
    settings: StartSettings, facts: Mapping[str, Any], edges: Sequence[float | None], proposal: Proposal
) -> list[Question]:
    asked = [Question(**row) for row in facts["asked_for"]]
    if settings.voxel_size is not None:
        asked = [question for question in asked if question.what not in _SIZE_QUESTIONS]
    if edges == (None, None, None):  # both questions about it have one answer
        asked = [question for question in asked if question.what not in _SIZE_QUESTIONS[:2]]
    if None in edges and not any(question.what in _SIZE_QUESTIONS[:2] for question in asked):
        size = " ".join(axis if edge is None else f"{edge:g}" for axis, edge in zip("ZYX", edges, strict=True))
        asked.insert(0, Question(_VOXEL_SIZE, "nothing is measured in nm", f"--voxel-size {size}"))
    sizes = [question for question in asked if question.what in (_VOXEL_SIZE, *_SIZE_QUESTIONS)]
    others = [question for question in asked if question not in sizes]
    asked = list(sizes)
    if settings.labels is None:
        z = proposal.slice_to_annotate
        draw = shlex.join(["keramos", "studio", str(settings.images)])
        effect = "the bundled weights have seen simulated stacks only; trained on one slice they know this material"
        remedy = f"draw slice {z} (the first is 0) in {draw}; then --labels P --slices {z}"
        asked.append(Question("an annotated slice", effect, remedy))
    low, high = _KNOWN_SIZES_NM
    if settings.labels is None and any(edge is not None and not low <= edge <= high for edge in edges):
        effect = f"the bundled weights know voxels of {low} to {high} nm"
        asked.append(Question("weights for this voxel size", effect, "train on an annotated slice with --from none"))
    return [*asked, *others]
