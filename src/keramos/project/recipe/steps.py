"""The steps of a recipe: the settings of each verb, from its table and from what the steps before it make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from keramos.core.errors import SettingsError
from keramos.core.object_path import as_path, is_address
from keramos.core.options import Settings, list_options
from keramos.io import JOIN, split_channels
from keramos.networks import BUNDLED
from keramos.project.estimates import ESTIMATES
from keramos.project.preparing.also import place_beside
from keramos.project.preparing.drawn import LABELS
from keramos.project.quantities import QUANTITIES
from keramos.project.recipe.schema import STEPS, Recipe
from keramos.project.recipe.step import Step, find_verb
from keramos.project.workspace import Workspace, find_model_in_use
from keramos.segmenters import SEGMENTERS
from keramos.settings.train import AUTO, FRESH
from keramos.writers import WRITERS

_SCORES = "scores.json"
_OBJECTS = {"table": "objects.csv", "object_ids": "object-ids.ome.zarr", "network": "network.csv"}


@dataclass(frozen=True)
class Places:
    """Folders of a recipe: `home` holds the recipe, `out` the results."""

    home: Path
    out: Path

    def path(self, text: str) -> str:
        """A path of the recipe, or several joined by `+`: relative ones begin at its folder."""
        return JOIN.join(
            part if is_address(part) else str(self.home / part) for part in split_channels(text, self.home)
        )


def find_output(folder: Path, name: str, key: str) -> Path:
    """A place in a folder of results. SettingsError for an address: recipes write to a disk; `key` asked for it."""
    if is_address(name):
        raise SettingsError(
            f"expected a path on a disk for {key} of the recipe, found {as_path(name)}; recipes only read from object "
            "stores: write to a disk and copy the results"
        )
    return folder / name


def build_steps(recipe: Recipe, places: Places) -> list[Step]:
    """The steps in their order.

    Raises:
        SettingsError: an option that a verb refuses; the message names the table.
    """
    wiring = _Wiring(recipe, places)
    steps = []
    for name in STEPS:
        if name == "export":
            steps += [wiring.export(table) for table in recipe.exports]
        elif name in recipe.tables or name == "segment":
            steps.append(getattr(wiring, name)())
    return steps


@dataclass(frozen=True)
class _Wiring:
    """The steps of a recipe, with what they give each other."""

    recipe: Recipe
    places: Places

    def phantom(self) -> Step:
        settings = self._settings("phantom", out=self._phantom)
        hand = ["hand-labels"] if self.recipe.table("phantom").get("hand_labels") else []
        names = [*self._phantom_images, "truth", "truth-as-imaged", "regions", *hand]
        return Step("phantom", settings, [self._phantom / f"{name}.ome.zarr" for name in names])

    def prepare(self) -> Step:
        table = dict(self.recipe.table("prepare"))
        shown = table.pop("look", None)
        page = self._place("[prepare] look", shown, "preparation.html")
        wired = {"raw": self._stack, **self._stack_reading, "out": self._prepared, "look": page if shown else None}
        outputs = [self._prepared, *([page] if shown else [])]
        if "also" in table:
            outputs.append(place_beside(self._prepared, str(table["also"])))
        if "labels" in table:
            outputs.append(place_beside(self._prepared, LABELS))
        return Step("prepare", self._settings("prepare", table, **wired), outputs)

    def train(self) -> Step:
        out, wired = self.places.out / "model.keramos", {"images": self._images, "slices": self._learned_slices}
        if "labels" in self.recipe.table("prepare") and "labels" not in self.recipe.table("train"):
            wired["labels"] = str(place_beside(self._prepared, LABELS))
        elif "labels" not in self.recipe.table("train"):
            hand = self.recipe.table("phantom").get("hand_labels")
            wired["labels"] = str(self._phantom / f"{'hand-labels' if hand else 'truth-as-imaged'}.ome.zarr")
        settings = self._settings("train", out=out, keep_stopped=False, **self._reading, **self._device, **wired)
        return Step("train", settings, [out])

    def segment(self) -> Step:
        out, wired = self._segmentation, {"images": self._images, **self._reading, **self._device}
        if "train" in self.recipe.tables:
            wired["model"] = str(self.places.out / "model.keramos")
        return Step("segment", self._settings("segment", out=out, **wired), [out])

    def evaluate(self) -> Step:
        scores, table = self.places.out / _SCORES, dict(self.recipe.table("evaluate"))
        drawn = table.pop("overlay", None)
        pictures = self._place("[evaluate] overlay", drawn, "overlays")
        shown = {"overlay": pictures, "images": self._images} if drawn else {}
        regions = {"regions": str(self._phantom / "regions.ome.zarr")} if self._has_phantom else {}
        wired = {**regions, **shown, **self._reading, "truth": self._truth, "leave_out": self._left_out}
        settings = self._settings("evaluate", table, prediction=str(self._segmentation), **wired)
        return Step("evaluate", settings, [scores, *([pictures] if drawn else [])], scores)

    def quantify(self) -> Step:
        out, table = self.places.out / "quantities", dict(self.recipe.table("quantify"))
        given = {name: table.pop(name) for name in _OBJECTS if name in table}
        beside = {
            name: self._place(f"[quantify] {name}", value, _OBJECTS[name]) for name, value in given.items() if value
        }
        table |= {name: str(place) for name, place in beside.items()}
        settings = self._settings("quantify", table, labels=str(self._segmentation), out=out)
        tables = (out / "quantities.csv", out / "curves.csv")
        return Step("quantify", settings, [out / QUANTITIES, *tables, *beside.values()])

    def reconcile(self) -> Step:
        out = self.places.out / ESTIMATES
        return Step("reconcile", self._settings("reconcile", labels=str(self._segmentation)), [out], out)

    def report(self) -> Step:
        out, scored = self.places.out / "report.html", "evaluate" in self.recipe.tables
        labelled = {key: self.recipe.table("evaluate").get(key) for key in ("phases", "positive", "ignore", "slices")}
        wired = {**self._reading, **labelled, "images": self._images}
        wired |= {"truth": self._truth, "leave_out": self._left_out} if scored else {}
        if "quantify" in self.recipe.tables:
            wired["quantities"] = str(self.places.out / "quantities")
        if "reconcile" in self.recipe.tables:
            wired["estimates"] = str(self.places.out / ESTIMATES)
        table = dict(self.recipe.table("report"))
        figures = [self._place("[report] figures", table.pop("figures"), "figures")] if table.get("figures") else []
        wired |= {"figures": figures[0]} if figures else {}
        settings = self._settings("report", table, runs=str(self._segmentation), out=out, **wired)
        return Step("report", settings, [out, *figures])

    def export(self, table: Mapping[str, Any]) -> Step:
        to = str(table["to"])
        writer = WRITERS.find(to)
        usual = (
            f"{'model' if writer.takes == 'model' else 'segmentation'}{writer.suffixes[0]}" if writer.suffixes else to
        )
        out = self._place("[export] out", table.get("out") or usual, usual)
        path = {"model": self._model, "pairs": self._images}.get(writer.takes, str(self._segmentation))
        wired = {**(self._reading if writer.takes == "pairs" else {}), "path": path, "out": out}
        given = {key: value for key, value in table.items() if key != "out"}
        return Step(f"export {to}", self._settings("export", given, **wired), [out])

    def _place(self, key: str, given: Any, usual: str) -> Path:
        """The path of an output beside the others: the one that is given, or its usual name."""
        return find_output(self.places.out, given, key) if isinstance(given, str) else self.places.out / usual

    def _settings(self, step: str, table: Mapping[str, Any] | None = None, **wired: Any) -> Settings:
        """Settings of a verb: what is wired, then what the recipe's table says."""
        rows = {row.name: row for row in list_options(STEPS[step])}
        given = self.recipe.table(step) if table is None else table
        own = {name: value for name, value in given.items() if name not in rows}
        values = {
            rows[name].field: self._beside(rows[name].about.reads, value)
            for name, value in given.items()
            if name in rows
        } | own
        try:
            return cast("Settings", find_verb(step).make_settings(**{**wired, **values}))
        except SettingsError as error:
            raise SettingsError(f"[{step}]: {error}") from None

    def _beside(self, is_read: bool, value: Any) -> Any:
        """A path that is read, beside the recipe unless it is the name of a model, and of a project's folder of models
        the one in use; any other value as it is."""
        if not is_read or value is None:
            return value
        if isinstance(value, list):
            return [self.places.path(item) for item in value]
        if value in SEGMENTERS or value in BUNDLED or value in (AUTO, FRESH):
            return value
        project = Workspace(self.places.home)
        path = self.places.path(value)
        return find_model_in_use(project) if Path(path) == project.models else path

    @property
    def _has_phantom(self) -> bool:
        return "phantom" in self.recipe.tables

    @property
    def _phantom(self) -> Path:
        return self.places.out / "phantom"

    @property
    def _segmentation(self) -> Path:
        return self.places.out / "segmentation.ome.zarr"

    @property
    def _prepared(self) -> Path:
        return self.places.out / "prepared.ome.zarr"

    @property
    def _stack(self) -> str:
        stack = self.recipe.stack
        if stack is None:
            return JOIN.join(str(self._phantom / f"{name}.ome.zarr") for name in self._phantom_images)
        return self.places.path(stack["images"])

    @property
    def _phantom_images(self) -> list[str]:
        """The names of the phantom's images; where it has second ones, both are trained on and segmented."""
        also = self.recipe.table("phantom").get("also")
        return ["images"] if also is None else ["images", f"images-{also}"]

    @property
    def _stack_reading(self) -> dict[str, Any]:
        """Options of reading the user's images."""
        return {key: value for key, value in (self.recipe.stack or {}).items() if key != "images"}

    @property
    def _images(self) -> str:
        """The images that are segmented."""
        return str(self._prepared) if "prepare" in self.recipe.tables else self._stack

    @property
    def _reading(self) -> dict[str, Any]:
        """Options of reading them: a prepared volume is as it is."""
        return {} if "prepare" in self.recipe.tables else self._stack_reading

    @property
    def _device(self) -> dict[str, Any]:
        return {"device": self.recipe.device}

    @property
    def _model(self) -> str:
        name = self.recipe.table("segment").get("model")
        return str(self.places.out / "model.keramos") if name is None else str(self._beside(True, name))

    @property
    def _truth(self) -> str:
        truth = self.recipe.table("evaluate").get("truth")
        return str(self._phantom / "truth-as-imaged.ome.zarr") if truth is None else self.places.path(truth)

    @property
    def _learned_slices(self) -> Any:
        """The slices that the recipe's training uses, as far as it says so."""
        train = self.recipe.tables.get("train")
        if train is None or train.get("slices") is not None:
            return None if train is None else train["slices"]
        return self.recipe.table("phantom").get("hand_labels")

    @property
    def _left_out(self) -> list[Any]:
        """Slices that are not scored: those that were learnt from, and those that [evaluate] names."""
        return [*_to_list(self.recipe.table("evaluate").get("leave_out")), *_to_list(self._learned_slices)]


def _to_list(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]
