"""Bodies and defects are found by registration, also from another package; a seed gives the same as ever."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keramos.core.errors import SettingsError
from keramos.io import open_labels, open_volume
from keramos.simulation import DEFECTS, STRUCTURES, PhantomSettings, PhantomStack, make_phantom

BODY = '''
from dataclasses import dataclass

import numpy as np

from keramos.simulation import Body, Matter, Structure


@dataclass(frozen=True)
class Planks(Body):
    """Planks of 200 nm along x, one every 400 nm; the key moves them."""

    key: int

    @property
    def adjustable(self):
        return False

    def sample(self, positions_nm):
        z, y, x = positions_nm
        inside = 100 - np.abs((x + self.key) % 400 - 200)
        return Matter(np.broadcast_to(inside.astype(np.float32), (len(z), len(y), len(x))))


TOY = Structure("planks", Planks)
'''

DEFECT = '''
from dataclasses import dataclass, replace

from keramos.simulation import Defect


@dataclass(frozen=True)
class Fog:
    """Light on every pixel."""

    grey: float

    def scale(self, factor):
        return replace(self, grey=self.grey * factor)

    def apply(self, grey, sections):
        return grey + self.grey


TOY = Defect("fog", "image", 100, draw=lambda rng, solid_grey: Fog(float(rng.uniform(20, 30))))
'''

KERAMOS_0_1 = {
    "shine_through": {
        "floor_grey": 176.5039470749895,
        "attenuation_nm": 280.92072864436113,
        "relief": 0.46246018919607,
    },
    "edge_brightening": {"rise_grey": 48.0122804617817, "width_nm": 45.03746339838906},
    "probe": {"sigma_nm": 17.2437789132714},
    "shading": {"fall_per_um": 0.0224528652060785},
    "curtains": {"key": 1617945692905411, "streaks": 0.015513587048384042, "stripe_share": 0.5810718128711756},
    "noise": {"seed": 4760314939849405, "read_variance": 25.906402599028947, "correlation": 0.07165615700778777},
    "channelling": {"contrast": 0.005813466270212134},
    "redeposition": {"key": 5806758942318921, "cover": 0.16638930955305076, "grey": 96.54216000637886},
    "charging": {"key": 3809187903478008, "halo_grey": 1.9275446628468313, "tail_nm": 667.8487295191144},
    "interaction_volume": {"share": 0.0540610902247618, "sigma_nm": 53.66113554374785},
    "scan_lines": {"key": 6984990216840719, "gain": 0.0036821075889529905},
    "brightness_drift": {"key": 1635910837771010, "wander": 0.005673688697045773, "jump": 0.006345680576176145},
    "stage_drift": {"key": 6758338396916689, "jitter_nm": 4.9532882196336665, "wander_nm": 6.864344158435426},
    "slice_thickness": {"key": 3643207445825219, "error": 0.047445880747653726},
}
"""Written by Keramos 0.1 for seed 3, in the order of phantom.json."""


def test_a_seed_gives_the_parameters_of_version_0_1() -> None:
    parameters = PhantomStack(PhantomSettings((2, 8, 8), seed=3)).parameters
    assert list(parameters["imaging"]) == ["base_level", *KERAMOS_0_1]
    assert parameters["imaging"]["base_level"]["solid_grey"] == pytest.approx([131.03054968514226], rel=1e-12)
    for name, values in KERAMOS_0_1.items():
        drawn = {key: parameters["imaging"][name][key] for key in values}
        assert drawn == pytest.approx(values, rel=1e-12), name


def test_every_defect_of_keramos_has_a_place_and_a_stream_of_its_own() -> None:
    assert sorted(defect.stream or 0 for defect in DEFECTS.values()) == list(range(1, 15))
    assert len({defect.place for defect in DEFECTS.values()}) == len(DEFECTS)
    chain = sorted(DEFECTS.values(), key=lambda defect: defect.place)
    assert [defect.name for defect in chain] == [
        *("slice_thickness", "stage_drift"),
        *("channelling", "shine_through", "redeposition", "edge_brightening", "charging"),
        *("shading", "curtains", "interaction_volume", "probe", "scan_lines", "brightness_drift", "noise"),
    ]


def test_a_body_of_another_package_through_the_command_line(
    install: Callable[..., Path], keramos: Callable[..., Any], tmp_path: Path
) -> None:
    command = ("phantom", "--out", tmp_path / "p", "--shape", 2, 16, 96)
    assert "polycrystal" in keramos(*command, "--structure", "planks").complaint
    install(STRUCTURES, "toy_body", BODY)
    assert keramos(*command, "--structure", "planks").status == 0
    truth = open_labels(tmp_path / "p" / "truth.ome.zarr").read()
    assert np.array_equal(truth, np.broadcast_to(truth[:1, :1], truth.shape))
    assert truth.mean() == pytest.approx(0.5, abs=0.05)
    written = json.loads((tmp_path / "p" / "phantom.json").read_text("utf-8"))
    assert written["body"]["structure"] == "planks"


def test_a_defect_of_another_package_through_the_command_line(
    install: Callable[..., Path], keramos: Callable[..., Any], tmp_path: Path
) -> None:
    command = ("phantom", "--shape", 2, 32, 32, "--severity", 0.25, "--seed", 3)
    assert "noise" in keramos(*command, "--out", tmp_path / "x", "--defects", "fog").complaint
    install(DEFECTS, "toy_defect", DEFECT)
    for name, more in (("plain", ()), ("foggy", ("--defects", "fog"))):
        assert keramos(*command, "--out", tmp_path / name, *more).status == 0
    plain, foggy = (open_volume(tmp_path / name / "images.ome.zarr").read() for name in ("plain", "foggy"))
    written = json.loads((tmp_path / "foggy" / "phantom.json").read_text("utf-8"))["imaging"]
    assert 10 <= written["fog"]["grey"] <= 15, "half as strong at severity 0.25"
    dark = plain < 230
    np.testing.assert_allclose(foggy[dark] - plain[dark].astype(float), written["fog"]["grey"], atol=1)
    without = json.loads((tmp_path / "plain" / "phantom.json").read_text("utf-8"))["imaging"]
    assert without == {name: values for name, values in written.items() if name != "fog"}


def test_an_unknown_defect_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"one of the defects brightness_drift, .*found 'fog'"):
        make_phantom((1, 8, 8), defects=("fog",))
