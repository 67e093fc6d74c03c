"""The verbs that can be run from the page, and their options as the forms show them.

Options of a verb's own settings are light; those of segmenters and writers take networks to import, so that a worker
describes them: `python -m keramos.apps.studio.workers.catalogue`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from keramos.core.options import Declared, Settings, choices, list_options, plain
from keramos.settings.check import CheckSettings
from keramos.settings.export import ExportSettings
from keramos.settings.prepare import PrepareSettings
from keramos.settings.quantify import QuantifySettings
from keramos.settings.report import ReportSettings
from keramos.settings.segment import SegmentSettings
from keramos.settings.train import TrainSettings

Row = dict[str, Any]
"""An option: its name, label, help, unit, default, bounds, choices and kind, as JSON values."""


@dataclass(frozen=True)
class RunnableVerb:
    """A verb of the page: its settings, what it is called, and the names of its outputs in the folder of a run.

    `optional` outputs are written where they are asked for. `in_recipe` says whether a recipe has a table for it, and
    `resumes` whether it goes on with what it has done.
    """

    settings: type[Settings]
    title: str
    outputs: dict[str, str]
    optional: tuple[str, ...] = ()
    in_recipe: bool = True
    resumes: bool = False


VERBS: dict[str, RunnableVerb] = {
    "check": RunnableVerb(CheckSettings, "Check the stack", {}, in_recipe=False),
    "prepare": RunnableVerb(
        PrepareSettings, "Prepare raw slices", {"out": "prepared.ome.zarr", "look": "before-after.html"}, resumes=True
    ),
    "train": RunnableVerb(TrainSettings, "Train longer", {"out": "model.keramos"}, resumes=True),
    "segment": RunnableVerb(SegmentSettings, "Segment the stack", {"out": "segmentation.ome.zarr"}, resumes=True),
    "quantify": RunnableVerb(QuantifySettings, "Measure", {"out": "quantities"}, resumes=True),
    "report": RunnableVerb(
        ReportSettings, "Write the report", {"out": "report.html", "figures": "figures"}, ("figures",)
    ),
    "export": RunnableVerb(ExportSettings, "Export", {"out": "export"}),
}
"""By name, in the order in which a project does them."""


_NOT_FROM_A_PAGE = ("scheduler",)
"""A page must not make a worker connect to wherever it says."""


def describe_options(rows: Sequence[Declared]) -> list[Row]:
    """The options that a form shows, as JSON values; not those that only Python callers can give, nor the address of
    another machine.

    Example:
        >>> rows = describe_options(list_options(SegmentSettings))
        >>> next(row for row in rows if row["name"] == "threshold")["high"]
        1
    """
    return [_describe(row) for row in rows if not row.about.internal and row.name not in _NOT_FROM_A_PAGE]


def describe_verbs() -> dict[str, list[Row]]:
    """The options of each verb's own settings."""
    return {name: describe_options(list_options(verb.settings)) for name, verb in VERBS.items()}


def _describe(row: Declared) -> Row:
    about = row.about
    return {
        "name": row.name,
        "label": row.name.replace("_", " ").capitalize(),
        "help": about.help,
        "unit": about.unit,
        "kind": _name_kind(row),
        "choices": list(choices(row.kind)),
        "default": plain(row.default),
        "low": about.low,
        "high": about.high,
        "group": about.group,
        "metavar": about.metavar,
        "required": row.required,
        "reads": about.reads,
        "writes": about.writes,
        "argument": about.argument,
        "wired": about.wired,
    }


def _name_kind(row: Declared) -> str:
    """The kind of field that a form has for an option: true or false, choice, number, whole number, numbers, list or
    text."""
    given = row.given
    kinds = {given, *get_args(given)}
    if choices(row.kind):
        return "choice"
    if given == tuple[str, ...]:
        return "list"
    if given == tuple[float, float, float] or given == tuple[int, int, int]:
        return "numbers"
    if bool in kinds:
        return "true or false"
    if str in kinds:
        return "text"
    return "number" if float in kinds else "whole number" if int in kinds else "text"


def main() -> None:
    """Send the options of all verbs, those of segmenters and writers among them, and the suffix of each format."""
    from keramos.apps.studio.workers.lines import Channel
    from keramos.networks import BUNDLED
    from keramos.segmenters import SEGMENTERS, segmenter_options
    from keramos.writers import WRITERS, writer_options

    more = {"segment": segmenter_options(), "export": writer_options()}
    verbs = {name: [*rows, *describe_options(more.get(name, []))] for name, rows in describe_verbs().items()}
    suffixes = {writer.name: writer.suffixes[0] if writer.suffixes else "" for writer in WRITERS.values()}
    names = [*SEGMENTERS, *BUNDLED]
    Channel(lambda _: None).send({"type": "catalogue", "verbs": verbs, "suffixes": suffixes, "models": names})


if __name__ == "__main__":
    main()
