"""A verb: a function whose options are a `Settings` class, called with keywords from Python or with a value of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import update_wrapper
from inspect import cleandoc, signature
from typing import Any, Generic, ParamSpec, TypeVar, cast

from keramos.core.optional import explain_missing_pytorch
from keramos.core.options import Settings, list_options
from keramos.core.progress import Reporter
from keramos.project.notebook_reporter import choose_reporter
from keramos.project.outputs import check_outputs
from keramos.project.shortage import shortage_told

S = TypeVar("S", bound=Settings)
P = ParamSpec("P")
R = TypeVar("R")


class Verb(Generic[P, S, R]):
    """A callable `keramos.<verb>`.

    `verb(**options)` takes the options of its settings by keyword (those that lead also by place), and a `reporter` for
    progress and notes, which are shown below the cell where a notebook calls it without one;
    `verb.run(settings, reporter)` takes them as a value, as the command line and recipes do.
    """

    def __init__(self, settings: Callable[P, S], body: Callable[[S, Reporter], R]) -> None:
        self.settings, self.body = settings, body
        update_wrapper(self, body)
        self.__signature__ = signature(settings)
        self.__doc__ = f"{cleandoc(body.__doc__ or '')}\n\nArgs:\n{_describe_options(cast('type[Settings]', settings))}"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        reporter = cast("Reporter | None", kwargs.pop("reporter", None))
        return self.run(self.make_settings(*args, **kwargs), reporter or choose_reporter())

    def make_settings(self, *args: Any, **given: Any) -> S:
        """Settings of options, those of members of an open set among them (`options` of the settings)."""
        names = signature(self.settings).parameters
        self._check_names(args, given)
        own = {name: given.pop(name) for name in list(given) if name not in names} if "options" in names else {}
        if own:
            given["options"] = own
        return self.settings(*args, **given)

    def _check_names(self, args: tuple[Any, ...], given: Mapping[str, Any]) -> None:
        """TypeError for an option that the verb does not have, or for one that it needs and is not given."""
        parameters = signature(self.settings).parameters
        unknown = [name for name in given if name not in parameters and "options" not in parameters]
        if unknown:
            near = get_close_matches(unknown[0], parameters, 1)
            advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(parameters)}"
            raise TypeError(f"{self.body.__name__} has no option {unknown[0]}; {advice}")
        needed = [row.field for row in list_options(cast("type[Settings]", self.settings)) if row.required]
        leading = list(parameters)[: len(args)]
        missing = [name for name in needed if name not in given and name not in leading]
        if missing:
            raise TypeError(
                f"{self.body.__name__} needs {' and '.join(missing)}, found only {', '.join(given) or 'none'}"
            )

    def run(self, settings: S, reporter: Reporter | None = None, *, replace: bool = False) -> R:
        """Do it with these settings; without a reporter, in silence.

        Earlier outputs are refused unless the settings say that they may be replaced, or `replace` does: for recipes
        and the demo, whose own they are.
        """
        check_outputs(cast("Settings", settings), replace=replace)
        with shortage_told(cast("Settings", settings)), explain_missing_pytorch():
            return self.body(settings, reporter or Reporter())


def _describe_options(settings: type[Settings]) -> str:
    """A line for each option, as docstrings have it."""
    lines = []
    for row in list_options(settings):
        unit = f" Unit: {row.about.unit}." if row.about.unit else ""
        default = " Required." if row.required else f" Default: {row.default!r}."
        lines.append(f"    {row.field}: {row.about.help}{unit}{default}")
    return "\n".join(lines)


def verb(settings: Callable[P, S]) -> Callable[[Callable[[S, Reporter], R]], Verb[P, S, R]]:
    """Make a function of settings and a reporter a verb."""

    def decorate(body: Callable[[S, Reporter], R]) -> Verb[P, S, R]:
        return Verb(settings, body)

    return decorate
