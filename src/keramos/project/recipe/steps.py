"""What each table of a recipe does: parameters, inputs, outputs and the step itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keramos.core import VoxelSize, byte_size
from keramos.core.files import write_text
from keramos.core.progress import Reporter
from keramos.measurements import QuantifySettings
from keramos.networks import ARCHITECTURES, BUNDLED
from keramos.project.inputs import Reading
from keramos.project.quantities import QUANTITIES
from keramos.project.recipe.schema import EvaluateTable, QuantifyTable, Recipe, TrainTable
from keramos.project.verbs.evaluate import evaluate
from keramos.project.verbs.export import export
from keramos.project.verbs.phantom import phantom
from keramos.project.verbs.quantify import quantify
from keramos.project.verbs.report import report
from keramos.project.verbs.segment import segment
from keramos.project.verbs.train import train
from keramos.segmenters import SEGMENTERS, SegmentSettings


@dataclass(frozen=True)
class Step:
    """One step. `act(fresh, reporter)` makes the outputs; what it gives is shown, as name and value.

    Attributes:
        inputs: files, folders, patterns or names of models that decide the result, by what they are for.
        outputs: what there must be afterwards.
    """

    name: str
    parameters: Mapping[str, Any]
    inputs: Mapping[str, str | Path]
    outputs: Sequence[Path]
    act: Callable[[bool, Reporter], Mapping[str, str]] = field(repr=False)


@dataclass(frozen=True)
class Places:
    """Where a recipe's files are: `home` is the recipe's folder, `out` that of the results."""

    home: Path
    out: Path

    @property
    def model(self) -> Path:
        return self.out / "model.keramos"

    @property
    def segmentation(self) -> Path:
        return self.out / "segmentation.ome.zarr"

    @property
    def phantom(self) -> Path:
        return self.out / "phantom"

    @property
    def quantities(self) -> Path:
        return self.out / "quantities"

    def path(self, text: str) -> str:
        """A path of the recipe: relative ones begin at its folder."""
        return str(self.home / text)


def steps_of(recipe: Recipe, places: Places) -> list[Step]:
    """The steps in their order."""
    made = _Steps(recipe, places)
    found = [
        made.phantom() if recipe.phantom else None,
        made.train(recipe.train) if recipe.train else None,
        made.segment(),
        made.evaluate(recipe.evaluate) if recipe.evaluate else None,
        made.quantify(recipe.quantify) if recipe.quantify else None,
        *(made.export(target) for target in (recipe.export.to if recipe.export else ())),
        made.report() if recipe.report is not None else None,
    ]
    return [step for step in found if step is not None]


@dataclass(frozen=True)
class _Steps:
    recipe: Recipe
    places: Places

    @property
    def images(self) -> str:
        stack = self.recipe.stack
        return str(self.places.phantom / "images.ome.zarr") if stack is None else self.places.path(stack.images)

    @property
    def learned_slices(self) -> tuple[int, ...] | None:
        """Those that the recipe's training uses, as far as it says so."""
        train, phantom = self.recipe.train, self.recipe.phantom
        if train is None or train.slices is not None or phantom is None:
            return None if train is None else train.slices
        return phantom.hand_labels or None

    @property
    def model(self) -> str:
        name = self.recipe.segment.model
        if name is None:
            return str(self.places.model)
        return name if name in SEGMENTERS or name in BUNDLED else self.places.path(name)

    @property
    def truth(self) -> str:
        table = self.recipe.evaluate
        if table is not None and table.truth is not None:
            return self.places.path(table.truth)
        return str(self.places.phantom / "truth-as-imaged.ome.zarr")

    def reading(self, labelled: Mapping[str, Any] | None = None) -> Reading:
        stack = self.recipe.stack
        size = None if stack is None or stack.voxel_size is None else VoxelSize.of(stack.voxel_size)
        return Reading(size, None if stack is None else stack.box, **(labelled or {}))

    def read_as(self) -> dict[str, Any]:
        """How the images are read, as parameters."""
        return {} if self.recipe.stack is None else self.recipe.stack.model_dump(exclude={"images"}, exclude_none=True)

    def phantom(self) -> Step:
        table = self.recipe.phantom
        assert table is not None
        size = None if table.voxel_size is None else VoxelSize.of(table.voxel_size)
        chosen = table.model_dump(exclude={"voxel_size", "hand_labels"})
        names = ["images", "truth", "truth-as-imaged", "regions", *(["hand-labels"] if table.hand_labels else [])]

        def act(fresh: bool, reporter: Reporter) -> dict[str, str]:
            phantom(
                self.places.phantom,
                voxel_size=size,
                hand_labelled=table.hand_labels,
                fresh=fresh,
                reporter=reporter,
                **chosen,
            )
            return {"phantom": str(self.places.phantom)}

        outputs = [self.places.phantom / f"{name}.ome.zarr" for name in names]
        return Step("phantom", table.model_dump(), {}, outputs, act)

    def train(self, table: TrainTable) -> Step:
        labels, model = self._labels(table), table.model
        more = {"network": ARCHITECTURES.find(model or "compact").size(table.size)} if table.size else {}
        start = table.start if table.start is None or table.start in BUNDLED else self.places.path(table.start)

        def act(fresh: bool, reporter: Reporter) -> dict[str, str]:
            fitted = train(
                self.images,
                labels,
                out=self.places.model,
                model=model,
                budget_s=table.budget,
                epochs=table.epochs,
                device=self.recipe.device,
                seed=table.seed,
                start=start,
                slices=self.learned_slices,
                more={**more, "hold_out": table.hold_out, "fresh": fresh},
                keep_stopped=False,
                reading=self.reading(_labelled(table)),
                reporter=reporter,
            )
            scores = ", ".join(f"{name.replace('_', ' ')} {value:.4f}" for name, value in fitted.card.scores.items())
            return {"model": str(fitted.path), "check": scores}

        inputs = {"images": self.images, "labels": labels, **({} if start is None else {"from": start})}
        parameters = {**table.model_dump(exclude={"labels", "start"}), **self.read_as(), "device": self.recipe.device}
        return Step("train", parameters, inputs, [self.places.model], act)

    def _labels(self, table: TrainTable) -> str:
        if table.labels is not None:
            return self.places.path(table.labels)
        phantom = self.recipe.phantom
        name = "hand-labels" if phantom is not None and phantom.hand_labels else "truth-as-imaged"
        return str(self.places.phantom / f"{name}.ome.zarr")

    def segment(self) -> Step:
        table, out = self.recipe.segment, self.places.segmentation

        def act(fresh: bool, reporter: Reporter) -> dict[str, str]:
            settings = SegmentSettings(
                scores=table.scores,
                uncertainty=table.uncertainty,
                threshold=table.threshold,
                remove_specks=table.remove_specks,
                fill_holes=table.fill_holes,
                backend=table.backend,
                workers=table.workers,
                scheduler=table.scheduler,
                fresh=fresh,
                memory_bytes=byte_size(table.memory),
            )
            segment(
                self.images,
                self.model,
                out=out,
                average_views=table.average_views,
                resample=table.resample,
                device=self.recipe.device,
                settings=settings,
                reading=self.reading(),
                reporter=reporter,
            )
            return {"segmentation": str(out)}

        parameters = {**table.model_dump(exclude={"model"}), **self.read_as(), "device": self.recipe.device}
        return Step("segment", parameters, {"images": self.images, "model": self.model}, [out], act)

    def evaluate(self, table: EvaluateTable) -> Step:
        out, pictures = self.places.out / "scores.json", self.places.out / "overlays"
        left_out = (*table.leave_out, *(self.learned_slices or ()))
        regions = self.places.phantom / "regions.ome.zarr" if self.recipe.phantom else None

        def act(_: bool, reporter: Reporter) -> dict[str, str]:
            found = evaluate(
                self.places.segmentation,
                self.truth,
                leave_out=left_out,
                overlay=pictures if table.overlay else None,
                images=self.images,
                regions=regions,
                reading=self.reading(_labelled(table)),
                reporter=reporter,
            )
            write_text(out, json.dumps(found.to_json(), indent=1, allow_nan=False) + "\n")
            iou = found.positive_scores.iou
            return {"scores": str(out), "IoU": "not defined" if iou is None else f"{iou:.4f}"}

        parameters = {**table.model_dump(exclude={"truth"}), "left_out": left_out, **self.read_as()}
        inputs: dict[str, str | Path] = {"segmentation": self.places.segmentation, "truth": self.truth}
        return Step("evaluate", parameters, inputs, [out, *([pictures] if table.overlay else [])], act)

    def quantify(self, table: QuantifyTable) -> Step:
        out = self.places.quantities

        def act(_: bool, reporter: Reporter) -> dict[str, str]:
            settings = QuantifySettings(
                table.phases,
                table.connectivity,
                table.workers,
                byte_size(table.memory),
                table.transport,
                table.thickness,
                table.conductivity,
                table.domain**3,
            )
            quantify(self.places.segmentation, out=out, settings=settings, reporter=reporter)
            return {"quantities": str(out)}

        inputs = {"segmentation": self.places.segmentation}
        return Step("quantify", table.model_dump(exclude={"memory", "workers"}), inputs, [out / QUANTITIES], act)

    def export(self, target: str) -> Step:
        what = self.places.segmentation if target == "tiff" else Path(self.model)
        suffix = {"tiff": ".tif", "onnx": ".onnx", "bioimageio": ".zip"}[target]
        out = self.places.out / f"{'segmentation' if target == 'tiff' else 'model'}{suffix}"

        def act(_: bool, reporter: Reporter) -> dict[str, str]:
            export(str(what), out, to=target, fresh=True, reporter=reporter)
            return {target: str(out)}

        return Step(f"export {target}", {}, {"segmentation" if target == "tiff" else "model": what}, [out], act)

    def report(self) -> Step:
        out, table = self.places.out / "report.html", self.recipe.evaluate
        left_out = (*table.leave_out, *(self.learned_slices or ())) if table else ()
        labelled = {} if table is None else _labelled(table)
        quantities = None if self.recipe.quantify is None else self.places.quantities

        def act(_: bool, reporter: Reporter) -> dict[str, str]:
            truth = None if table is None else self.truth
            report(
                self.places.segmentation,
                out,
                images=self.images,
                truth=truth,
                leave_out=left_out,
                quantities=quantities,
                reading=self.reading(labelled),
                reporter=reporter,
            )
            return {"report": str(out)}

        inputs: dict[str, str | Path] = {"segmentation": self.places.segmentation}
        if table is not None:
            inputs["truth"] = self.truth
        if quantities is not None:
            inputs["quantities"] = quantities / QUANTITIES
        return Step("report", {"left_out": left_out, **labelled, **self.read_as()}, inputs, [out], act)


def _labelled(table: TrainTable | EvaluateTable) -> dict[str, Any]:
    return {"phases": table.phases, "positive": table.positive, "ignore": table.ignore}
