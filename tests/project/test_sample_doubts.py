"""What else than the material may make samples differ: other methods are noticed, and no others are seen."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import keramos
from keramos.core import LabelVolume, PhaseTable, Quantity, VoxelSize
from keramos.measurements import Measured, Measurements
from keramos.measurements.groups import GroupedSample, compare_samples
from keramos.project.sample_doubts import check_groups

SOLVED = "fraction over relative diffusivity; finite volumes; residual {}, fluxes through sections within {} %"


def said_of_methods(*methods: str) -> list[str]:
    """What is found of samples whose neck diameters were measured so, the first two in one group."""
    samples = [
        GroupedSample(
            f"s{n}",
            "a" if n < 2 else "b",
            Measurements((Measured("neck-diameter", "necks", Quantity(50.0 + n, "nm", how), "pore"),)),
        )
        for n, how in enumerate(methods)
    ]
    found = check_groups(compare_samples(samples, ["neck-diameter"]), {})
    return [one.message for one in found if one.kind == "unlike-measurements"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("necks of objects; neck depth 10 nm", "necks of objects; neck depth 200 nm"),
        ("integral range; precision 5 %", "integral range; precision 1 %"),
        ("components connected through faces (6)", "components connected through faces, edges and corners (26)"),
        (SOLVED.format("8.1e-06", 0.01), SOLVED.format("8.1e-06", 0.01).replace("finite volumes", "lattice")),
    ],
    ids=range(4),
)
def test_other_methods_are_noticed_and_said_in_full(one: str, other: str) -> None:
    (message,) = said_of_methods(one, one, other)
    assert f'"{one}" or "{other}"' in message


def test_how_far_a_solver_came_is_no_other_method() -> None:
    assert said_of_methods(SOLVED.format("8.1e-06", 0.01), SOLVED.format("nan", "1e-05"), SOLVED.format("0", 0)) == []


def test_samples_of_one_version_and_the_same_options_have_the_same_methods() -> None:
    """All solvers, and directions found: two random structures."""
    phases, size, samples = PhaseTable.from_names(["pore", "solid"]), VoxelSize(20, 20, 20), []
    for seed in range(2):
        field = gaussian_filter(np.random.default_rng(seed).standard_normal((14, 14, 14)), 1.0)
        labels = LabelVolume.from_array((field > np.quantile(field, 0.5)).astype(np.uint8), phases, size)
        measured = keramos.quantify(labels, permeability=True, conductivity={"pore": 1.0, "solid": 2.0})
        samples.append(GroupedSample(f"s{seed}", f"g{seed}", measured))
    rows = samples[0].measurements.quantities
    told = " ".join(row.quantity.method for row in rows)
    assert all(word in told for word in ("residual", "fluxes through", "flows through", "z y x ("))
    found = check_groups(compare_samples(samples, sorted({row.id for row in rows})), {})
    assert [one.message for one in found if one.kind == "unlike-measurements" and one.severity != "note"] == []
