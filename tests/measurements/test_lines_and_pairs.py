"""Triple lines and interfaces between pairs of phases: what a loop finds, and how bad input is answered."""

from __future__ import annotations

from collections import defaultdict
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from shapes import CUBIC, FLAT, codes_of

from keramos.core import VoxelSize
from keramos.core.errors import LabelError, OptionError
from keramos.measurements import Measurements, quantify_with
from keramos.settings.quantify import MeasurementOptions

Corner = tuple[int, int, int]
TRIPLE, ACTIVE = "triple-phase-boundary-length", "active-triple-phase-boundary-length"
ISOLATED, UNKNOWN = "isolated-triple-phase-boundary-fraction", "unknown-triple-phase-boundary-fraction"


LINES = ["triple-line", "active-triple-line"]


def measured(codes: NDArray[np.uint8], size: VoxelSize = FLAT, names: str = "pore carbon binder", **options: object):
    members = [*LINES, "pair-interfaces", "interface"]
    return quantify_with(members, codes_of(codes, size, names), MeasurementOptions(**options))  # type: ignore[arg-type]


def random_codes(seed: int, smooth: float = 1.0, shape: Corner = (11, 12, 13)) -> NDArray[np.uint8]:
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).random((3, *shape)), (0, *[smooth] * 3))
    return noise.argmax(axis=0).astype(np.uint8)


def edges_of(codes: NDArray[np.uint8]) -> dict[tuple[Corner, Corner], int]:
    """Edges with a triple line, from corner to corner, and their axis; corners are numbered as the voxel before."""
    edges = {}
    for axis, at in product(range(3), np.ndindex(*codes.shape)):
        u, v = (np.eye(3, dtype=int)[other] for other in range(3) if other != axis)
        if any((np.array(at) + u + v)[o] >= codes.shape[o] for o in range(3)):
            continue
        ring = [int(codes[tuple(at + step)]) for step in (0 * u, u, u + v, v)]
        phases = {code for code in ring if code != 255}
        if len(phases) >= 3 and ring[0] != ring[2] and ring[1] != ring[3]:
            start = tuple(int(n) for n in np.array(at) - np.eye(3, dtype=int)[axis])
            edges[start, at] = axis
    return edges


def length_by_loop(codes: NDArray[np.uint8], size: VoxelSize) -> float:
    """The length of triple lines per volume (1/um2) of cells of annotated voxels, edge by edge."""
    edges, at_corner = edges_of(codes), defaultdict(list)
    for edge in edges:
        for corner in edge:
            at_corner[corner].append(edge)
    known = np.lib.stride_tricks.sliding_window_view(codes < 255, (2, 2, 2)).all(axis=(3, 4, 5))
    total = 0.0
    for edge, axis in edges.items():
        steps = np.array(edge[1]) - np.array(edge[0])
        for side in (0, 1):
            here, corner = edge, edge[side]
            for _ in range(4):
                others = [other for other in at_corner[corner] if other != here]
                if len(others) != 1:
                    break
                here = others[0]
                far = here[1] if here[0] == corner else here[0]
                steps += (np.array(far) - np.array(corner)) * (1 if side else -1)
                corner = far
        legs = np.abs(steps) * size.zyx
        share = np.linalg.norm(legs) / legs.sum() if legs.sum() else 2 / 3
        inside = [c for c in edge if min(c) >= 0 and all(n < m for n, m in zip(c, known.shape, strict=True))]
        cells = [cell for cell in inside if known[cell]]
        total += share * size.zyx[axis] / 2 * len(cells)
    return 1e6 * total / (known.sum() * size.volume_nm3)


@pytest.mark.parametrize(("seed", "holes"), [(0, False), (1, True)])
def test_triple_lines_are_what_a_loop_finds(seed: int, holes: bool) -> None:
    codes = random_codes(seed)
    if holes:
        codes[np.random.default_rng(9).random(codes.shape) < 0.02] = 255
        codes[:3, :4] = 255
    for memory in (2**31, 40 * 3 * 300):
        found = measured(codes, memory=memory).find(TRIPLE).value
        assert found == pytest.approx(length_by_loop(codes, FLAT), rel=1e-5)


def test_lines_of_four_phases_are_those_of_each_three() -> None:
    noise = ndimage.gaussian_filter(np.random.default_rng(2).random((4, 14, 14, 14)), (0, 1, 1, 1))
    found = measured(noise.argmax(axis=0).astype(np.uint8), names="a b c d")
    parts = {row.phase: row.quantity.value for row in found.quantities if row.id == TRIPLE}
    total = parts.pop("")
    assert set(parts) >= {"a / b / c", "a / b / d", "a / c / d", "b / c / d"}
    assert sum(parts.values()) == pytest.approx(total)


@pytest.mark.parametrize("count", [8, 9, 16, 17, 32, 33, 63, 64])
def test_the_last_of_many_phases_have_lines(count: int) -> None:
    """A straight line along z, in one cell of each layer of them; no number of more phases than bits."""
    codes = np.full((6, 8, 9), count - 3, np.uint8)
    codes[:, 4:, :4] = count - 2
    codes[:, 4:, 4:] = count - 1
    names = [f"p{n}" for n in range(count)]
    found = quantify_with(LINES, codes_of(codes, CUBIC, " ".join(names)), MeasurementOptions())
    lengths = {row.phase: row.quantity.value for row in found.quantities if row.id in (TRIPLE, ACTIVE)}
    if count == 64:
        assert not lengths
        assert "no triple lines: 64 phases, more than 63" in found.notes
        return
    assert set(lengths) == {"", " / ".join(names[-3:])}
    assert list(lengths.values()) == pytest.approx([1e6 / (7 * 8 * 100)] * 2)


@pytest.mark.parametrize("names", ["pore carbon binder", "pore carbon binder unused"])
def test_interfaces_of_a_phase_sum_to_its_surface(names: str) -> None:
    """With a fourth phase in the table, each two are counted together; with three, as the complement of the third."""
    found = measured(random_codes(3, 1.5, (18, 18, 18)), names=names)
    areas = {row.phase: row.quantity.value for row in found.quantities if row.id == "interface-area"}
    assert set(areas) == {"pore / carbon", "pore / binder", "carbon / binder"}
    for phase in ("pore", "carbon", "binder"):
        whole = sum(area for pair, area in areas.items() if phase in pair.split(" / "))
        assert whole == pytest.approx(found.find("specific-surface-area", phase).value)
        pairs = [row for row in found.quantities if row.id == "coverage" and row.phase.startswith(phase)]
        assert len(pairs) == 2
        assert sum(row.quantity.value for row in pairs) == pytest.approx(1)


def test_only_pairs_of_the_phases_that_are_asked_for_are_given() -> None:
    found = measured(random_codes(3), phase=("carbon", "binder"))
    assert {row.phase for row in found.quantities if row.id == "interface-area"} == {"carbon / binder"}


def three_rods() -> NDArray[np.uint8]:
    """Carbon from end to end of z, pore and binder around it; far away, in another part, an isolated speck of binder in
    pore that touches an enclosed speck of carbon."""
    codes = np.zeros((12, 20, 12), np.uint8)
    codes[:, :, 6:] = 2
    codes[:, 2:5, 4:8] = 1
    codes[5:7, 12:14, 2:4] = 2
    codes[5:7, 12:14, 1:2] = 1
    return codes


def test_a_line_at_an_isolated_speck_is_dead() -> None:
    found = measured(three_rods(), CUBIC)
    total, active = found.find(TRIPLE).value, found.find(ACTIVE).value
    assert 0 < active < total
    assert found.find(ISOLATED).value == pytest.approx(1 - active / total)
    assert found.find(UNKNOWN).value == 0
    # Two lines along z beside carbon: in 11 of 12 voxels' length, 4 of them at its corners with both others.
    assert active == pytest.approx(2 * 1e6 / (19 * 11 * 100))


@pytest.mark.parametrize(
    ("faces", "state"),
    [
        (("pore=z0", "carbon=z0", "binder=z1"), "active"),
        (("pore=z", "carbon=y0", "binder=z1"), "unknown"),  # carbon does not reach that face, but others
        (("pore=x0", "carbon=z", "binder=x1"), "active"),
        (("pore=x1",), "unknown"),
        (("pore=x0",), "active"),
    ],
)
def test_electrodes_say_which_lines_are_active(faces: tuple[str, ...], state: str) -> None:
    found = measured(three_rods(), CUBIC, electrodes=faces)
    active = found.find(ACTIVE)
    assert (active.value > 0) == (state == "active")
    assert (found.find(UNKNOWN).value > 0) == (state == "unknown")
    assert "or pore" in active.method
    flipped = measured(three_rods()[::-1].copy(), CUBIC, electrodes=[face.replace("z0", "z1") for face in faces])
    if not any("z1" in face for face in faces):
        assert flipped.find(ACTIVE).value == pytest.approx(active.value)


def test_active_lines_are_of_the_largest_annotated_box() -> None:
    codes = np.pad(three_rods(), ((0, 0), (0, 3), (0, 0)), mode="edge")
    codes[:4, 20:] = 255
    found, alone = measured(codes, CUBIC), measured(three_rods(), CUBIC)
    assert found.find(ACTIVE).domain == "largest annotated box 0:12,0:20,0:12"
    assert found.find(ACTIVE).value == pytest.approx(alone.find(ACTIVE).value)


def test_faces_that_are_none_are_refused() -> None:
    with pytest.raises(OptionError, match=r"a face z0, z1, y0, y1, x0, x1 or an axis, found 'pore=top'"):
        MeasurementOptions(electrodes=["pore=top", "carbon=z", "binder=z"])  # type: ignore[arg-type]
    with pytest.raises(LabelError, match="expected a phase named pore or carbon or binder, found 'nickel'"):
        measured(three_rods(), electrodes={"pore": "z0", "carbon": "z1", "nickel": "z"})


@pytest.mark.parametrize("shape", [(1, 12, 12), (8, 1, 12), (2, 2, 2)])
def test_flat_volumes_give_what_there_is(shape: Corner) -> None:
    found: Measurements = measured(random_codes(5, 0.5, shape))
    given = {row.id for row in found.quantities}
    assert (TRIPLE in given) == (min(shape) > 1)


def test_phases_that_are_absent_have_no_interfaces() -> None:
    found = measured(np.minimum(random_codes(6), 1))
    assert {row.phase for row in found.quantities if row.id == "interface-area"} == {"pore / carbon"}
    assert found.find(TRIPLE).value == 0
    assert found.find(ACTIVE).value == 0
    assert found.find("coverage", "pore / carbon").value == pytest.approx(1)
    assert found.find("coverage", "carbon / pore").value == pytest.approx(1)
