"""Facts about a segmentation that travel with its labels: of what images it is, and by what model."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keramos.core import Finding, LabelVolume, Triple, Volume, VoxelSize, triple
from keramos.core.errors import KeramosError, MissingFileError
from keramos.core.progress import Reporter, report_findings
from keramos.io import describe, source_fingerprint
from keramos.networks import ModelCard, load_bundled, load_checkpoint, read_onnx_model
from keramos.project.inputs import read_images
from keramos.segmenters import SEGMENTERS, is_onnx
from keramos.settings.reading import ReadImageOptions


@dataclass(frozen=True)
class SegmentationFacts:
    """Facts about a segmentation.

    Attributes:
        images: the name of the images that were segmented.
        fingerprint: that of their files or pixels, as in the model card of what was trained on them.
        origin: the place of the first voxel (z y x) in the images.
        model: the name or path of the model.
        model_sha256: that of the model's file; None for a threshold by name.
        card: the model card; None for a threshold by name.
        findings: what was said when the segmentation was made.
        preparation: how the images were made of raw slices, as JSON values; empty where they were not prepared.
    """

    images: str
    fingerprint: str
    origin: Triple
    model: str
    model_sha256: str | None = None
    card: ModelCard | None = None
    findings: tuple[Finding, ...] = ()
    preparation: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        card = None if self.card is None else self.card.model_dump(mode="json")
        return {
            "images": {"name": self.images, "fingerprint": self.fingerprint, "origin": list(self.origin)},
            "model": {"name": self.model, "sha256": self.model_sha256, "card": card},
            "findings": [finding.to_json() for finding in self.findings],
            **({"preparation": dict(self.preparation)} if self.preparation else {}),
        }


def collect_facts(volume: Volume, model: str | Path) -> SegmentationFacts:
    """The facts of a segmentation of `volume` by a model file, or by a bundled model or a threshold of that name."""
    images = (volume.name, source_fingerprint(volume), volume.origin)
    if str(model) in SEGMENTERS:
        return SegmentationFacts(*images, str(model), preparation=volume.facts)
    if is_onnx(model):
        exported = read_onnx_model(model)
        return SegmentationFacts(*images, str(model), exported.sha256, exported.card, preparation=volume.facts)
    checkpoint = load_bundled(str(model), volume.shape[0], volume.voxel_size) or load_checkpoint(model)
    return SegmentationFacts(*images, str(model), checkpoint.sha256, checkpoint.card, preparation=volume.facts)


def facts_of(labels: LabelVolume) -> SegmentationFacts | None:
    """The facts that labels carry; None for labels of other software or of version 0.1, and for facts that this
    version does not understand."""
    try:
        images, model = labels.facts["images"], labels.facts["model"]
        return SegmentationFacts(
            images["name"],
            images["fingerprint"],
            triple(images["origin"]),
            model["name"],
            model["sha256"],
            None if model["card"] is None else ModelCard.model_validate(model["card"]),
            tuple(Finding.from_json(row) for row in labels.facts["findings"]),
            labels.facts.get("preparation") or {},
        )
    except (KeyError, TypeError, ValueError):  # pydantic's errors are ValueErrors
        return None


def leave_out_said(findings: Iterable[Finding], said: Iterable[Finding], first: int) -> list[Finding]:
    """Findings about a segmentation without those about slices of which the same was said already: of the labels, or
    of the images, whose slice `first` is the first of the labels."""
    told: dict[str, set[int]] = {}
    for one in said:
        told.setdefault(one.kind, set()).update(z - first for z in one.slices)
    return [one for one in findings if not one.slices or not told.get(one.kind, set()).issuperset(one.slices)]


def report_of_stack(findings: Iterable[Finding], volume: Volume, card: ModelCard | None, reporter: Reporter) -> None:
    """Pass on findings about a stack, in short those that were told when the model of the card was trained on this very
    stack, which its file keeps. FindingError where one is fatal."""
    is_of_stack = card is not None and source_fingerprint(volume) in card.training.sources
    told = findings_of_training(card) if is_of_stack else []
    report_rest(findings, told, "told in the training; keramos check tells all of it", reporter)


def report_rest(findings: Iterable[Finding], told: Collection[Finding], where: str, reporter: Reporter) -> None:
    """Pass on findings, those that were told before in short, with `where`. FindingError where one is fatal."""
    for finding in findings:
        if finding in told and finding.severity != "fatal":
            reporter.remind(finding, where)
        else:
            report_findings([finding], reporter)


def findings_of_training(card: ModelCard | None) -> list[Finding]:
    """The findings that a card keeps; none of one by another version, which does not say all of them."""
    try:
        return [Finding.from_json(row) for row in (() if card is None else card.training.findings)]
    except (KeyError, TypeError, ValueError):
        return []


def is_segmentation(path: Path) -> bool:
    """Whether a path is a store of labels that a segmentation made."""
    try:
        facts = describe(path) if path.is_dir() else {}
    except KeramosError:
        return False
    return facts.get("kind") == "labels" and any(step["verb"] == "segment" for step in facts["provenance"])


def step_of(labels: LabelVolume) -> Mapping[str, Any] | None:
    """The parameters of the segmentation that made labels; None if none did."""
    steps = [step.parameters for step in labels.provenance.steps if step.verb == "segment"]
    return steps[-1] if steps else None


def model_of(labels: LabelVolume) -> str:
    """The model that the segmentation of labels names; its method where it names none, as in a comparison."""
    step = step_of(labels) or {}
    return str(step.get("model") or step.get("predictor", ""))


def card_of(labels: LabelVolume) -> ModelCard | None:
    """The card of the model that made labels: the one that they carry, or else that of the model at its path; None
    where there is none."""
    facts, step = facts_of(labels), step_of(labels)
    if facts is not None or step is None:
        return None if facts is None else facts.card
    return load_card(Path(str(step.get("model", ""))))


def load_card(path: Path) -> ModelCard | None:
    """The card of a model file; None where the file is not there any more, or is no model."""
    try:
        return read_onnx_model(path).card if is_onnx(path) else load_checkpoint(path).card
    except KeramosError:
        return None


def images_of(labels: LabelVolume) -> Volume:
    """The images that were segmented, at the path that the segmentation names.

    Raises:
        MissingFileError: they are not there any more, or no segmentation made the labels.
    """
    step = step_of(labels)
    if step is None:
        raise MissingFileError(f"{labels.name} names no images that it was segmented from; give them with --images")
    size, place = step.get("voxel_size_nm"), str(step["images"])
    options = ReadImageOptions(
        voxel_size=VoxelSize.of(size) if size else None, box=step.get("box"), detector=step.get("detector")
    )
    try:
        return read_images(place, options, Reporter(), channels=True)
    except MissingFileError:
        raise MissingFileError(
            f"expected the images of {labels.name} at {place}, found nothing there; give them with --images"
        ) from None
