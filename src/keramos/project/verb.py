"""A verb: a function whose options are a `Settings` class, called with keywords from Python or with a value of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from inspect import signature
from typing import Any, Generic, ParamSpec, TypeVar, cast

from keramos.core.options import Settings
from keramos.core.progress import Reporter

S = TypeVar("S", bound=Settings)
P = ParamSpec("P")
R = TypeVar("R")


class Verb(Generic[P, S, R]):
    """A callable `keramos.<verb>`.

    `verb(**options)` takes the options of its settings by keyword (those that lead also by place), and a `reporter` for
    progress and notes; `verb.run(settings, reporter)` takes them as a value, as the command line and recipes do.
    """

    def __init__(self, settings: Callable[P, S], body: Callable[[S, Reporter], R]) -> None:
        self.settings, self.body = settings, body
        update_wrapper(self, body)
        self.__signature__ = signature(settings)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        reporter = cast("Reporter | None", kwargs.pop("reporter", None))
        return self.run(self.make_settings(*args, **kwargs), reporter)

    def make_settings(self, *args: Any, **given: Any) -> S:
        """Settings of options, those of members of an open set among them (`options` of the settings)."""
        names = set(signature(self.settings).parameters)
        own = {name: given.pop(name) for name in list(given) if name not in names} if "options" in names else {}
        if own:
            given["options"] = own
        return self.settings(*args, **given)

    def run(self, settings: S, reporter: Reporter | None = None) -> R:
        """Do it with these settings; without a reporter, in silence."""
        return self.body(settings, reporter or Reporter())


def verb(settings: Callable[P, S]) -> Callable[[Callable[[S, Reporter], R]], Verb[P, S, R]]:
    """Make a function of settings and a reporter a verb."""

    def decorate(body: Callable[[S, Reporter], R]) -> Verb[P, S, R]:
        return Verb(settings, body)

    return decorate
