"""One step of a recipe: a verb with its settings, and what it leaves."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from keramos.core.files import write_text
from keramos.core.options import Settings, list_options
from keramos.core.progress import Reporter
from keramos.project.outputs import check_file
from keramos.project.verb import Verb

if TYPE_CHECKING:
    from keramos.learning import TrainResult


def find_verb(step: str) -> Verb[Any, Any, Any]:
    """The verb that a step runs, imported when there is such a step: only recipes with a training wait for PyTorch."""
    return cast(Verb[Any, Any, Any], getattr(import_module(f"keramos.project.verbs.{step}"), step))


@dataclass(frozen=True)
class Step:
    """One step: a verb with its settings, and what there must be afterwards.

    Attributes:
        name: of the verb; of an export with its format.
        settings: all options of the verb.
        outputs: files and folders that the step makes.
        numbers: a file for the numbers of a verb that writes none by itself.
    """

    name: str
    settings: Settings
    outputs: Sequence[Path]
    numbers: Path | None = None

    @property
    def inputs(self) -> dict[str, tuple[Any, ...]]:
        """Files, folders, patterns or names of models that decide the result, by option."""
        return self.settings.inputs()

    def act(self, fresh: bool, owned: bool, reporter: Reporter) -> dict[str, str]:
        """Run the verb; give what is to be shown of the result, as name and value.

        `fresh` starts over what may be unfinished; `owned` says that an earlier run of the recipe made what is there.
        """
        name, settings = self.name.split()[0], self.settings
        if name == "export":
            settings = settings.replace(fresh=fresh or owned, owned=owned)
        elif any(row.name == "fresh" for row in list_options(type(settings))):
            settings = settings.replace(fresh=fresh)
        if self.numbers is not None:
            check_file(self.numbers, "scores" if name == "evaluate" else "estimates", replace=owned or fresh)
        result = find_verb(name).run(settings, reporter, replace=owned)
        if self.numbers is not None:
            write_text(self.numbers, json.dumps(result.to_json(), indent=1, allow_nan=False) + "\n")
        names = [*_names_of(self.name), *(["its page"] if getattr(settings, "look", None) else [])]
        made = {name: str(path) for name, path in zip(names, self.outputs, strict=False)}
        return {**made, **_SUMMARIES.get(name, lambda _: {})(result)}


def _names_of(step: str) -> list[str]:
    """The name of the first output of a step."""
    shown = {
        "train": "model",
        "prepare": "volume",
        "segment": "segmentation",
        "evaluate": "scores",
        "quantify": "quantities",
        "reconcile": "estimates",
    }
    return [shown.get(step, step.split()[-1])]


def _summarise_training(fitted: TrainResult) -> dict[str, str]:
    scores = (f"{name.replace('_', ' ')} {value:.4f}" for name, value in fitted.card.scores.items())
    return {"check": ", ".join(scores)}


def _summarise_scores(evaluation: Any) -> dict[str, str]:
    iou = evaluation.positive_scores.iou
    return {"IoU": "not defined" if iou is None else f"{iou:.4f}"}


_SUMMARIES: dict[str, Callable[[Any], dict[str, str]]] = {"train": _summarise_training, "evaluate": _summarise_scores}
