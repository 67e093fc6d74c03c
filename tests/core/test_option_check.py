"""Values that no option takes are refused in words, at any size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pytest

from keramos.core import did_you_mean, escape_controls
from keramos.core.errors import FormatError, OptionError, SettingsError
from keramos.core.options import Settings, option
from keramos.settings.conversions import to_bytes
from keramos.settings.quantify import MeasurementOptions
from keramos.settings.train import TrainingOptions


@dataclass(frozen=True, kw_only=True)
class Example(Settings):
    count: int = option(1, help="Count.", low=0)
    share: float | None = option(None, help="Share.")
    name: str = option("", help="Name.")
    deep: bool = option(False, help="Deep.")
    way: Literal["fast", "slow"] = option("fast", help="Way.")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"count": True}, "count: expected a whole number, found True"),
        ({"count": 1.5}, "count: expected a whole number, found 1.5"),
        ({"count": "3"}, "count: expected a whole number, found 3"),
        ({"count": 10**23}, "count: expected at most 1000000000000, found 100000000000000000000000"),
        ({"count": -(10**400)}, "count: expected at least 0, found a number of about 401 digits"),
        ({"share": True}, "share: expected a number, found True"),
        ({"share": float("inf")}, "share: expected a finite number, found inf"),
        ({"share": float("nan")}, "share: expected a finite number, found nan"),
        ({"name": 3}, "name: expected a text, found 3"),
        ({"deep": 1}, "deep: expected true or false, found 1"),
        ({"way": "fats"}, "way: expected fast or slow, found 'fats'; did you mean fast?"),
        ({"way": "x" * 999}, "way: expected fast or slow, found 'xxx"),
    ],
)
def test_values_of_another_kind(change: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError) as caught:
        Example(**change)
    assert str(caught.value).startswith(words)
    assert len(str(caught.value)) < 200


def test_numbers_of_numpy_are_numbers() -> None:
    assert Example(count=np.int64(3), share=np.float32(0.5)).share == 0.5


@pytest.mark.parametrize(
    ("settings", "change"),
    [
        (TrainingOptions, {"budget": float("inf")}),
        (TrainingOptions, {"epochs": 10**20}),
        (TrainingOptions, {"seed": 10**22}),
        (TrainingOptions, {"width": 10**9}),
        (MeasurementOptions, {"memory": 1}),
        (MeasurementOptions, {"memory": "1"}),
        (MeasurementOptions, {"conductivity": 3}),
    ],
)
def test_endless_and_absurd_runs(settings: type[Settings], change: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=f"^{next(iter(change))}: "):
        settings(**change)


def test_a_slip_of_the_unit_of_memory() -> None:
    with pytest.raises(SettingsError, match="expected at least 4 KiB, found 2KiB"):
        to_bytes("2KiB")


def test_near_names_of_any_length() -> None:
    assert did_you_mean("otso", ["otsu", "sauvola"]) == "; did you mean otsu?"
    assert did_you_mean("", ["otsu"]) == did_you_mean("x" * 10_000, ["otsu"]) == ""


def test_what_a_terminal_would_obey_is_escaped() -> None:
    hostile = "a\x1b]0;title\x07b\x9b2J\u202egnp\x00"
    assert escape_controls(hostile) == r"a\x1b]0;title\x07b\x9b2J\u202egnp\x00"
    assert escape_controls("ä µm\tΩ\n水") == "ä µm\tΩ\n水"
    assert str(FormatError(f"found {hostile}")) == r"found a\x1b]0;title\x07b\x9b2J\u202egnp\x00"
    assert str(OptionError("x", hostile)).isprintable()
    assert str(FormatError("found " + "y" * 5000 + " in a.toml")) == f"found {'y' * 100}... in a.toml"
