"""The forms of the plug-in: each is made from the settings of its verb, as the command line is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from keramos.apps.napari.form import Form
from keramos.apps.napari.layers import LayerData
from keramos.apps.napari.reader import read_coded, read_images
from keramos.apps.napari.results import SHOW, add_layers
from keramos.core.options import Declared, list_options, option
from keramos.core.progress import Reporter
from keramos.project.verb import Verb
from keramos.project.verbs.check import check
from keramos.project.verbs.prepare import prepare
from keramos.project.verbs.quantify import quantify
from keramos.project.verbs.segment import segment
from keramos.segmenters import segmenter_options
from keramos.settings.kinds import input_path
from keramos.settings.reading import ReadOptions


@dataclass(frozen=True, kw_only=True)
class OpenSettings(ReadOptions):
    """Options of opening a file or folder as layers."""

    path: str = input_path(help="A file, a folder or a pattern of slices.", metavar="PATH", argument=True)
    what: Literal["images", "labels"] = option("images", help="Whether it holds grey values or labels.")
    in_memory: bool = option(False, help="Read labels at once, so that they can be painted on.")


def open_given(given: dict[str, Any], _: Reporter) -> list[LayerData]:
    """The layers of a path that is read with options."""
    settings = OpenSettings(**given)
    options = ReadOptions.of(settings)
    if settings.what == "labels":
        return [read_coded(settings.path, options, in_memory=settings.in_memory)]
    return read_images(settings.path, options)


class VerbForm(Form):
    """The form of a verb; `more` are options of members of an open set that it uses."""

    verb: Verb[Any, Any, Any]
    more: tuple[Declared, ...] = ()
    first: tuple[str, ...] = ()
    placed: tuple[str, ...] = ()

    def __init__(self, napari_viewer: Any) -> None:
        name = self.verb.body.__name__
        settings: Any = self.verb.settings
        rows = [*list_options(settings), *self.more]
        show = SHOW[name]

        def run(given: dict[str, Any], reporter: Reporter) -> Any:
            return self.verb.run(self.verb.make_settings(**given), reporter)

        super().__init__(
            napari_viewer,
            name.capitalize(),
            rows,
            run,
            lambda given, result: show(napari_viewer, given, result),
            first=self.first,
            placed=self.placed,
        )


class CheckForm(VerbForm):
    """Look for what is wrong with a stack, and with labels of it."""

    verb, first = check, ("labels",)


class PrepareForm(VerbForm):
    """Make a calibrated volume of a raw stack."""

    verb, first, placed = prepare, ("out", "slice_thickness"), ("out",)


class SegmentForm(VerbForm):
    """Segment a stack."""

    verb, first = segment, ("resample",)

    def __init__(self, napari_viewer: Any) -> None:
        self.more = tuple(segmenter_options())
        super().__init__(napari_viewer)


class QuantifyForm(VerbForm):
    """Measure the microstructure of labels."""

    verb, first = quantify, ("phase", "thickness", "transport")


class OpenForm(Form):
    """Open a file or folder with options of reading: where its metadata does not say all, or labels are of other
    software."""

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__(
            napari_viewer,
            "Open",
            [*list_options(OpenSettings)],
            open_given,
            lambda _, layers: add_layers(napari_viewer, layers),
            first=[row.field for row in list_options(OpenSettings)],
        )
