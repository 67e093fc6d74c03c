"""Commands made from the verbs' settings: their options, help and completion. Nothing heavy is imported for that."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from inspect import Parameter as Argument
from inspect import Signature, cleandoc
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

from cyclopts import Group, Parameter

from keramos.apps.cli.numbers_file import NumbersFile
from keramos.apps.cli.stopping import KEPT
from keramos.core.options import Declared, Settings, choices, list_options
from keramos.settings.check import CheckSettings
from keramos.settings.compare import CompareSettings
from keramos.settings.evaluate import EvaluateSettings
from keramos.settings.export import ExportSettings
from keramos.settings.others import (
    DemoSettings,
    FetchSettings,
    ImportAuthorsSettings,
    InfoSettings,
    ModelsSettings,
    RunSettings,
)
from keramos.settings.phantom import PhantomSettings
from keramos.settings.prepare import PrepareSettings
from keramos.settings.quantify import QuantifySettings
from keramos.settings.reconcile import ReconcileSettings
from keramos.settings.replay import ReplaySettings
from keramos.settings.report import ReportSettings
from keramos.settings.segment import SegmentSettings
from keramos.settings.start import StartSettings
from keramos.settings.studio import StudioSettings
from keramos.settings.suggest import SuggestSettings
from keramos.settings.train import TrainSettings


@dataclass(frozen=True)
class Command:
    """A command: its name, the settings of its verb, and examples. The verb is `keramos.<name>`; what it made is shown
    by `show_<name>` in `apps/cli/show/<name>.py`."""

    name: str
    settings: type[Settings]
    examples: tuple[str, ...]
    more_options: Callable[[], Sequence[Declared]] = tuple
    """Options of the members of an open set that the verb uses."""

    @property
    def identifier(self) -> str:
        """The name in Python."""
        return self.name.replace("-", "_")

    @property
    def resumes(self) -> bool:
        """Whether the verb goes on with an output that is there; then `--fresh` starts over."""
        return self.name in KEPT

    @property
    def verb(self) -> Any:
        return getattr(import_module("keramos"), self.identifier)

    @property
    def show(self) -> Callable[[Any, Any], Mapping[str, Any]]:
        """Print a result; gives its numbers, and under `next` the command that is likely to follow."""
        module = import_module(f"keramos.apps.cli.show.{self.identifier}")
        shown: Callable[[Any, Any], Mapping[str, Any]] = getattr(module, f"show_{self.identifier}")
        return shown


def _segmenter_options() -> Sequence[Declared]:
    from keramos.segmenters import segmenter_options  # late: networks take two seconds to import

    return segmenter_options()


def _writer_options() -> Sequence[Declared]:
    from keramos.writers import writer_options  # late: only the options of `export` are made of them

    return writer_options()


COMMANDS = (
    Command("demo", DemoSettings, ("keramos demo --out demo",)),
    Command(
        "start",
        StartSettings,
        (
            "keramos start stack.tif --voxel-size 20 26.4 20.8 --out recipe.toml",
            "keramos start raw --labels slice48.tif --slices 48 --out recipe.toml",
        ),
    ),
    Command("run", RunSettings, ("keramos run examples/phantom.toml",)),
    Command(
        "phantom",
        PhantomSettings,
        (
            "keramos phantom --out phantom --shape 64 256 256 --severity 0.7",
            "keramos phantom --out raw --raw thermo --shape 60 400 400 --voxel-size 20 10 10",
        ),
    ),
    Command("studio", StudioSettings, ("keramos studio stack.tif", "keramos studio stack-studio")),
    Command(
        "check",
        CheckSettings,
        ("keramos check stack.tif --labels slice48.tif --slices 48 --json findings.json",),
    ),
    Command(
        "prepare",
        PrepareSettings,
        ("keramos prepare raw --out prepared.ome.zarr --slice-thickness 20 --look prepared.html",),
    ),
    Command(
        "train",
        TrainSettings,
        ("keramos train --images stack.tif --labels slice48.tif --slices 48 --out model.keramos",),
    ),
    Command(
        "segment",
        SegmentSettings,
        ("keramos segment stack.tif --model model.keramos --out segmentation.ome.zarr",),
        _segmenter_options,
    ),
    Command(
        "suggest",
        SuggestSettings,
        ("keramos suggest stack.tif --model model.keramos --count 3 --out next.png",),
    ),
    Command(
        "evaluate",
        EvaluateSettings,
        ("keramos evaluate segmentation.ome.zarr truth.tif --leave-out 48 --overlay pictures",),
    ),
    Command("quantify", QuantifySettings, ("keramos quantify segmentation.ome.zarr --out quantities",)),
    Command(
        "reconcile",
        ReconcileSettings,
        ("keramos reconcile segmentation.ome.zarr --phase void --json estimates.json",),
    ),
    Command(
        "compare",
        CompareSettings,
        (
            "keramos compare --images s5.tif --labels l5.tif --test-images s55.tif --test-labels l55.tif "
            "--stack stack.tif --preset laptop --out comparison",
        ),
    ),
    Command("replay", ReplaySettings, ("keramos replay report.html --out replay",)),
    Command(
        "report",
        ReportSettings,
        (
            "keramos report segmentation.ome.zarr --truth truth.tif --out report.html",
            "keramos report fresh.ome.zarr aged.ome.zarr --out aging.html",
            "keramos report --groups 'fresh=fresh*' 'aged=aged*' --tables tables --out aging.html",
            "keramos report --sheet samples.csv --against hours --out aging.html",
        ),
    ),
    Command("info", InfoSettings, ("keramos info model.keramos", "keramos info stack.tif --support")),
    Command("models", ModelsSettings, ("keramos models --speed",)),
    Command(
        "export",
        ExportSettings,
        (
            "keramos export segmentation.ome.zarr --to tiff --out segmentation.tif",
            "keramos export segmentation.ome.zarr --to mesh --phase solid --out solid.stl",
            "keramos export segmentation.ome.zarr --to vti --compress --out segmentation.vti",
            "keramos export model.keramos --to onnx --out model.onnx",
            'keramos export model.keramos --to bioimageio --authors "Ada Lee" --out model.zip',
            "keramos export stack.tif --labels slice48.tif --slices 48 --to nnunet --name Ceramic --out nnUNet_raw",
        ),
        _writer_options,
    ),
    Command("fetch", FetchSettings, ("keramos fetch authors --out authors",)),
    Command(
        "import-authors", ImportAuthorsSettings, ("keramos import-authors authors/unet.h5 --out paper-unet.keramos",)
    ),
)
"""All commands, in the order of the help."""

_GROUPS = {
    name: Group(name, sort_key=place)
    for place, name in enumerate(("Files", "Method", "Output", "Reading", "Resources"))
}
_JSON, _FRESH = "json_file", "fresh"
_WHOLE = (int, int | None, tuple[int, int, int])


def callback(
    command: Command, run: Callable[[Command, dict[str, Any], NumbersFile | None], int], rows: Sequence[Declared]
) -> Callable[..., int]:
    """A function whose signature has the options of these rows, as the command-line library reads it; none at all
    without rows, for a command that is not called."""
    has_fresh = any(row.field == _FRESH for row in rows)

    def call(*arguments: Any, **options: Any) -> int:
        positional = dict(zip([row.field for row in rows if row.about.argument], arguments, strict=False))
        path = options.pop(_JSON, None)
        fresh = options.get(_FRESH) if has_fresh else options.pop(_FRESH, None)
        return run(
            command, {**positional, **options}, None if path is None else NumbersFile(path, command.name, bool(fresh))
        )

    parameters = sorted((_parameter(row) for row in rows), key=lambda parameter: parameter.kind)
    more = [_json_parameter(), *([] if has_fresh else [_fresh_parameter()])] if rows else []
    call.__signature__ = Signature([*parameters, *more])  # type: ignore[attr-defined]
    call.__name__ = command.identifier
    examples = "\n\n".join(f"Example: {example}" for example in command.examples)
    call.__doc__ = f"{cleandoc(command.settings.__doc__ or '')}\n\n{examples}"
    return call


def command_options(command: Command) -> list[Declared]:
    """The options that a command line has for a verb."""
    return [*own_options(command), *command.more_options()]


def own_options(command: Command) -> list[Declared]:
    """The options that are always there: those of the members of an open set take time to import."""
    return [row for row in list_options(command.settings) if not row.about.internal]


def _parameter(row: Declared) -> Argument:
    about, several = row.about, row.given == tuple[str, ...]
    is_argument = about.argument
    flag = row.given is bool or bool in get_args(row.given)
    parameter = Parameter(
        name=None if is_argument else [f"--{name.replace('_', '-')}" for name in (row.name, about.also) if name],
        help=about.help,
        metavar=None if flag else about.metavar or None,
        group=_GROUPS[about.group],
        negative=f"--no-{row.name.replace('_', '-')}" if flag and row.default is True else (),
        negative_iterable=(),
        consume_multiple=several and not is_argument,
        show_default=_shows_default(row),
        converter=_to_whole_numbers if row.given in _WHOLE else None,
    )
    kind: Any = row.given if choices(row.kind) == () or row.about.given else row.kind
    shown = row.default if _shows_default(row) else None
    if not row.required and shown is None:
        kind = kind | None
    default = Argument.empty if row.required else shown
    where = Argument.POSITIONAL_ONLY if is_argument else Argument.KEYWORD_ONLY
    if is_argument and several:
        default = Argument.empty if row.required else row.default
        return Argument(row.field, Argument.POSITIONAL_ONLY, default=default, annotation=Annotated[kind, parameter])
    return Argument(row.field, where, default=default, annotation=Annotated[kind, parameter])


def _to_whole_numbers(kind: Any, tokens: Sequence[Any]) -> Any:
    """Whole numbers as they were typed: the library's own conversion would round 1.5 without a word."""
    for token in tokens:
        if not re.fullmatch(r"[+-]?[0-9]+", token.value):
            raise ValueError(f"expected a whole number, found '{token.value}'")
    numbers = tuple(int(token.value) for token in tokens)
    return numbers if tuple in (get_origin(kind), *map(get_origin, get_args(kind))) else numbers[0]


def _shows_default(row: Declared) -> bool:
    """Whether the default says something: not that of a flag, nor an empty one."""
    return row.default not in (None, (), "") and row.default is not False and not isinstance(row.default, Mapping)


def _json_parameter() -> Argument:
    parameter = Parameter(name="--json", help="Write every number to this file.", group=_GROUPS["Output"])
    return Argument(_JSON, Argument.KEYWORD_ONLY, default=None, annotation=Annotated[Path | None, parameter])


def _fresh_parameter() -> Argument:
    """For commands without outputs of their own that could be replaced."""
    parameter = Parameter(name="--fresh", help="Replace an earlier --json file.", group=_GROUPS["Output"], negative=())
    return Argument(_FRESH, Argument.KEYWORD_ONLY, default=None, annotation=Annotated[bool | None, parameter])


def command_named(arguments: Sequence[str]) -> Command | None:
    """The command that a command line calls."""
    names = {command.name: command for command in COMMANDS}
    return next((names[argument] for argument in arguments if argument in names), None)
