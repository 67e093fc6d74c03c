"""The form of a verb: its fields, a button that runs it, one that cancels it, and what it says meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from magicgui import widgets as mg

from keramos.apps.napari.contents import images_of, prepare_labels
from keramos.apps.napari.fields import Field, make_field, takes
from keramos.apps.napari.job import Job, Outcome
from keramos.apps.napari.messages import explain, name_fields, say_finding, say_note, say_refusal
from keramos.apps.napari.scratch import make_folder
from keramos.core import Finding, LabelVolume, Volume
from keramos.core.errors import KeramosError, OptionError
from keramos.core.options import Declared
from keramos.core.progress import Reporter

_MORE = "More options"
_FIRST_GROUP = "Files"
_LOG_HEIGHT = 160


class Form(mg.Container[Any]):
    """Fields for the options of a verb.

    `run` is called with the values of the fields that say something, and a reporter, in a thread of its own; `show`
    with the values and what it gave, in the window's. The options `first` are always shown. Outputs that the verb must
    write, and those `placed`, lie in a temporary folder where nobody says another place.
    """

    def __init__(
        self,
        viewer: Any,
        title: str,
        rows: Sequence[Declared],
        run: Callable[[dict[str, Any], Reporter], Any],
        show: Callable[[dict[str, Any], Any], None],
        *,
        first: Sequence[str] = (),
        placed: Sequence[str] = (),
    ) -> None:
        self.viewer, self.title = viewer, title
        self._run, self._show, self._placed = run, show, placed
        self._job: Job | None = None
        self.fields = {row.field: make_field(row, self._list_layers) for row in rows if not row.about.internal}
        shown, hidden = self._split(first)
        self._more = mg.CheckBox(value=False, label=_MORE, tooltip="Show all options of the command.")
        self._details = mg.Container(widgets=hidden, labels=True, visible=False)
        self.run_button = mg.PushButton(text=title)
        self.cancel_button = mg.PushButton(text="Cancel", enabled=False)
        self.log = mg.TextEdit(value="", label="", tooltip="Notes and findings of the run.")
        self.log.read_only, self.log.max_height = True, _LOG_HEIGHT
        buttons = [self.run_button, self.cancel_button]  # one below the other: docks are narrow
        super().__init__(widgets=[*shown, self._more, self._details, *buttons, self.log], labels=True, scrollable=True)
        self._more.changed.connect(self._show_details)
        self.run_button.changed.connect(self.start)
        self.cancel_button.changed.connect(self.cancel)

    @property
    def is_running(self) -> bool:
        """Whether the verb is at work."""
        return self._job is not None

    def start(self) -> None:
        """Run the verb with what the fields say; a refusal is shown."""
        try:
            given = self._gather()
        except (KeramosError, MemoryError, OSError) as error:
            self._refuse(explain(error))
            return
        self.log.value = ""
        self._job = Job(lambda reporter: self._run(_read_labels(given, reporter.note), reporter), self.title)
        self._job.said.connect(self._say)
        self._job.noticed.connect(self._notice)
        self._job.ended.connect(lambda outcome: self._end(given, outcome))
        self.run_button.enabled, self.cancel_button.enabled = False, True
        self._job.start()

    def cancel(self) -> None:
        """Ask the verb to stop."""
        if self._job is not None:
            self._job.cancel()

    def read(self) -> dict[str, Any]:
        """The values by option: paths and open volumes for layers, and only what differs from the usual.

        Raises:
            OptionError: a layer that is needed and not chosen.
            KeramosError: a layer that cannot be used.
        """
        return _read_labels(self._gather(), say_note)

    def _gather(self) -> dict[str, Any]:
        """The values by option, labels that must be read first as calls that do so."""
        given = {name: field.read() for name, field in self.fields.items() if field.is_set}
        for name, field in self.fields.items():
            if name in self._placed or (field.row.required and field.row.about.writes):
                given.setdefault(name, make_folder() / f"{field.row.about.writes}.ome.zarr")
            elif field.row.required and name not in given:
                raise OptionError(field.row.name, "needed, and not given; open or choose it first")
        for name in [name for name in given if self.fields[name].row.about.reads]:
            given[name] = self._content_of(self.fields[name], given)
        return given

    def _content_of(self, field: Field, given: dict[str, Any]) -> Any:
        value = given[field.row.field]
        if isinstance(value, str | Path):
            return str(Path(value).expanduser()) if str(value).startswith("~") else value
        if takes(field.row, LabelVolume) and not takes(field.row, Volume):
            return prepare_labels(value, given)
        return images_of(value)

    def _split(self, first: Sequence[str]) -> tuple[list[Any], list[Any]]:
        """The widgets that are always shown, and those under more options, by group."""
        fields = list(self.fields.values())
        is_shown = {
            field.row.field: field.row.required or field.row.about.argument or field.row.field in first
            for field in fields
        }
        groups = dict.fromkeys([_FIRST_GROUP, *(field.row.about.group for field in fields)])
        hidden: list[Any] = []
        for group in groups:
            inside = [field.widget for field in fields if field.row.about.group == group]
            inside = [widget for widget in inside if not is_shown[widget.name]]
            hidden += [mg.Label(value=f"<b>{group}</b>", label=""), *inside] if inside else []
        shown = [field for field in fields if is_shown[field.row.field]]
        shown.sort(key=lambda field: not (field.row.required and field.row.about.reads))
        return [field.widget for field in shown], hidden

    def _list_layers(self, kind: str) -> list[Any]:
        return [layer for layer in self.viewer.layers if layer._type_string == kind]

    def _show_details(self, shown: bool) -> None:
        self._details.visible = shown

    def _end(self, given: dict[str, Any], outcome: Outcome) -> None:
        self._job = None
        self.run_button.enabled, self.cancel_button.enabled = True, False
        if outcome.is_cancelled:
            self._say("cancelled; what was finished is kept where it was written")
        elif outcome.refusal:
            self._refuse(outcome.refusal)
        else:
            self._show(given, outcome.result)

    def _refuse(self, sentence: str) -> None:
        self._say(sentence)
        say_refusal(sentence)

    def _say(self, text: str) -> None:
        self.log.value = f"{self.log.value}{name_fields(text)}\n"

    def _notice(self, finding: Finding) -> None:
        self._say(f"{finding.severity}: {finding.text}")
        say_finding(finding)


def _read_labels(given: dict[str, Any], note: Callable[[str], None]) -> dict[str, Any]:
    """The values, with labels that had still to be read."""
    return {name: value(note) if callable(value) else value for name, value in given.items()}
