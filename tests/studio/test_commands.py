"""A command that is copied from the page does what the job did, whatever is in its paths."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Mapping
from typing import Any

import pytest

from keramos.apps.cli import main as cli
from keramos.apps.cli.commands import Command
from keramos.apps.studio.workers.catalogue import VERBS, describe_verbs
from keramos.apps.studio.workers.commands import write_recipe_table
from keramos.settings.command_line import write_command

ODD = "a 'b' $HOME \"c\" ; *?.ome.zarr"
JOBS: dict[str, dict[str, Any]] = {
    "check": {"images": ODD, "labels": "-labels.tif", "slices": ["3", "5-7"]},
    "prepare": {
        "raw": ODD,
        "out": "o.ome.zarr",
        "look": "look.html",
        "slice_thickness": 20.5,
        "voxel_size": [20, 1.5, 3],
    },
    "train": {"images": [ODD, "b.tif"], "labels": ["c.tif", "d.tif"], "out": "m.keramos", "from": "porous-solid"},
    "segment": {"images": "-odd.tif", "model": "m.keramos", "out": ODD, "scores": True, "threshold": 0.1 + 0.2},
    "quantify": {"labels": ODD, "out": "q", "transport": False, "phase": ["void", "solid"], "memory": "2GiB"},
    "report": {"runs": [ODD, "b"], "out": "r.html", "quantify": False},
    "export": {"path": [ODD], "out": "x.tif", "to": "tiff"},
}


@pytest.mark.parametrize("verb", VERBS)
def test_the_command_gives_the_same_settings(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[Mapping[str, Any]] = []

    def keep(command: Command, options: dict[str, Any], numbers: object) -> int:
        parsed.append({"settings": command.verb.make_settings(**options)})
        return 0

    monkeypatch.setattr(cli, "run_command", keep)
    given = JOBS[verb]
    words = shlex.split(write_command(verb, describe_verbs()[verb], given))
    assert words[:2] == ["keramos", verb]
    assert cli.run(words[1:]) == 0
    fields = {"from": "from_"}
    expected = VERBS[verb].settings(**{fields.get(name, name): value for name, value in given.items()})
    own = type(expected).of(parsed[0]["settings"])
    sure = [name for name, value in given.items() if not str(value).startswith("-")]
    assert {name: own.to_json()[name] for name in sure} == {name: expected.to_json()[name] for name in sure}
    assert all("odd.tif" in str(own.to_json()["images"]) for name in given if given[name] == "-odd.tif")


def test_the_table_is_toml_and_leaves_out_what_the_order_of_steps_gives() -> None:
    table = write_recipe_table("segment", describe_verbs()["segment"], JOBS["segment"])
    assert tomllib.loads(table) == {"segment": {"model": "m.keramos", "scores": True, "threshold": 0.1 + 0.2}}
