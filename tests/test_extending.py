"""The page "Extending Keramos" is run as it stands: its modules are installed as a package from outside, then its
scripts and commands run one after the other in one folder."""

from __future__ import annotations

import json
import re
import shlex
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pictures import leave_pictures_out

from keramos.core.registry import Registry
from keramos.io import open_labels, open_volume
from keramos.networks import load_checkpoint

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "extending.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
REGISTRIES = {
    "keramos.formats": ("keramos.io.format", "FORMATS"),
    "keramos.writers": ("keramos.writers", "WRITERS"),
    "keramos.measurements": ("keramos.measurements", "MEASUREMENTS"),
    "keramos.report_sections": ("keramos.reports", "REPORT_SECTIONS"),
    "keramos.architectures": ("keramos.networks", "ARCHITECTURES"),
    "keramos.segmenters": ("keramos.segmenters", "SEGMENTERS"),
    "keramos.checks": ("keramos.inspection", "CHECKS"),
    "keramos.bodies": ("keramos.simulation", "STRUCTURES"),
    "keramos.defects": ("keramos.simulation", "DEFECTS"),
    "keramos.remedies": ("keramos.preparation", "REMEDIES"),
    "keramos.tools": ("keramos.annotation.drawing", "TOOLS"),
    "keramos.place_kinds": ("keramos.annotation.proofreading", "KINDS"),
}
MODULE = re.compile(r"# (\w+)\.py\n")


def registries() -> list[Registry[Any]]:
    return [getattr(import_module(module), name) for module, name in REGISTRIES.values()]


def modules() -> dict[str, str]:
    """The modules of the page by name."""
    return {match[1]: text for kind, text in BLOCKS if kind == "python" and (match := MODULE.match(text))}


def entry_points() -> dict[str, dict[str, str]]:
    """The entry points of the page by group."""
    groups: dict[str, dict[str, str]] = {}
    for kind, text in BLOCKS:
        if kind == "toml":
            for group, entries in tomllib.loads(text)["project"]["entry-points"].items():
                groups.setdefault(group, {}).update(entries)
    return groups


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The package of the page; gives the folder to work in."""
    site, work = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("work")
    facts = site / "toys-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: toys\nVersion: 1.0\n", encoding="utf-8")
    lines = [line for group, rows in entry_points().items() for line in (f"[{group}]", *map(" = ".join, rows.items()))]
    (facts / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name, text in modules().items():
        (site / f"{name}.py").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site)
        patch.chdir(work)
        leave_pictures_out(patch)
        for registry in registries():
            registry.refresh()
        yield work
    for name in modules():
        sys.modules.pop(name, None)
    for registry in registries():
        registry.refresh()


@pytest.fixture(scope="module")
def printed(installed: Path) -> dict[str, str]:
    """What each command of the page printed; the page is run once."""
    from keramos.apps.cli.main import run

    texts: dict[str, str] = {}
    for kind, text in BLOCKS:
        if kind == "python" and not MODULE.match(text):
            exec(compile(text, "docs/extending.md", "exec"), {})
        if kind == "sh":
            for command in text.strip().splitlines():
                program, *arguments = shlex.split(command)
                assert program == "keramos"
                with redirect_stdout(StringIO()) as out:
                    assert run(arguments) == 0, command
                texts[command] = out.getvalue()
    return texts


def test_the_page_runs(printed: dict[str, str]) -> None:
    assert {kind for kind, _ in BLOCKS} == {"python", "toml", "sh"}
    assert printed


def test_the_page_registers_its_modules_in_every_set_of_its_table(installed: Path) -> None:
    assert set(entry_points()) == set(REGISTRIES) == set(re.findall(r"`(keramos\.\w+)` \|$", PAGE, flags=re.MULTILINE))
    assert {module for rows in entry_points().values() for module in rows.values()} == set(modules())
    for registry in registries():
        names = set(registry)
        assert len(names) > len(entry_points()[registry.group])


def test_models_lists_the_toys(printed: dict[str, str], keramos: Callable[..., Any], tmp_path: Path) -> None:
    assert "two convolutions, a toy" in printed["keramos models"]
    assert keramos("models", "--json", tmp_path / "m.json").status == 0
    rows = {row["name"]: row for row in json.loads((tmp_path / "m.json").read_text("utf-8"))["models"]}
    # A 3x3 convolution from 1 to 8 channels and one from 8 to 2; a multiplication and an addition are two operations.
    assert rows["two-layers"]["kflop_per_pixel"] == pytest.approx(2 * (9 * 8 + 9 * 8 * 2) / 1000, abs=0.05)
    assert rows["two-layers"]["sizes"] == {"S": {"width": 8}, "M": {"width": 16}}
    assert rows["brightest"]["options"] == ["share"]


def test_the_toy_network_is_trained_at_its_size_and_segments(installed: Path, printed: dict[str, str]) -> None:
    card = load_checkpoint(installed / "two-layers.keramos").card
    assert (card.architecture, card.architecture_settings["width"]) == ("two-layers", 16)
    assert card.training.steps > 0
    assert open_labels(installed / "two-layers.ome.zarr").shape == (8, 96, 96)
    assert "two-layers" in printed["keramos info two-layers.keramos"]


def test_the_toy_segmenter_decides_by_name_and_by_its_model_file(installed: Path, printed: dict[str, str]) -> None:
    grey = open_volume(installed / "phantom" / "images.ome.zarr").read()
    by_name = open_labels(installed / "brightest.ome.zarr").read()
    np.testing.assert_array_equal(by_name, grey > np.quantile(grey, 0.5))
    share = np.mean(open_labels(installed / "phantom" / "truth.ome.zarr").read()[4] == 1)
    trained = open_labels(installed / "as-bright.ome.zarr").read()
    np.testing.assert_array_equal(trained, grey > np.quantile(grey, 1 - share))
    assert "brightest" in printed["keramos info brightest.keramos"]


def test_an_option_that_a_segmenter_does_not_have_is_refused(
    installed: Path, printed: dict[str, str], keramos: Callable[..., Any], tmp_path: Path
) -> None:
    assert printed
    images = installed / "phantom" / "images.ome.zarr"
    command = ("segment", images, "--model", "brightest", "--out", tmp_path / "o.ome.zarr")
    assert "brightest has no option otsu scope" in keramos(*command, "--otsu-scope", "stack").complaint
    assert "brightest" in keramos(*command, "--uncertainty").complaint


def test_sizes_are_those_of_the_member(
    installed: Path, printed: dict[str, str], keramos: Callable[..., Any], tmp_path: Path
) -> None:
    assert printed
    images, labels = (installed / "phantom" / f"{name}.ome.zarr" for name in ("images", "truth"))
    command = ("train", "--images", images, "--labels", labels, "--out", tmp_path / "m.keramos")
    assert "S or M of two-layers" in keramos(*command, "--model", "two-layers", "--size", "L").complaint
    assert "with unet" in keramos(*command, "--model", "unet", "--size", "S").complaint


def test_the_toy_remedy_undoes_the_toy_defect(installed: Path, printed: dict[str, str]) -> None:
    assert printed
    before, after = (
        open_volume(installed / path).read().astype(float) for path in ("interlaced/images.ome.zarr", "even.ome.zarr")
    )
    darker = [np.median(grey[:, 1::2]) / np.median(grey[:, ::2]) for grey in (before, after)]
    assert darker[0] < 0.985
    assert darker[1] == pytest.approx(1, abs=0.01)


def test_the_toy_tool_draws_what_is_brighter(installed: Path, printed: dict[str, str]) -> None:
    assert printed
    grey, labels = (
        open_volume(installed / "plates" / "images.ome.zarr").read()[2],
        open_labels(installed / "labels.ome.zarr"),
    )
    expected = np.full(grey.shape, 255)
    expected[grey > int(grey[30, 20]) + 10] = 1
    np.testing.assert_array_equal(labels.read()[2], expected)
    assert labels.provenance.steps[-1].parameters["edits"] == [{"tool": "brighter", "source": "drawn", "count": 1}]
