"""Meshes of voxels: a hexahedron for each voxel, where it is, as large as it is, sharing its corners."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from keramos.core import Box, LabelVolume, PhaseTable, VoxelSize
from keramos.core.errors import LabelError, SettingsError, VoxelSizeError
from keramos.writers.domain import domain_of
from keramos.writers.mesh.abaqus import set_names
from keramos.writers.mesh.settings import MeshSettings
from keramos.writers.mesh.voxel_file import write_voxel_file
from keramos.writers.mesh.write import write_mesh

EDGES = np.array([20.8, 26.4, 20])  # x, y, z
VOLUME = 20.8 * 26.4 * 20


@dataclass
class Hexahedra:
    """Nodes (X Y Z), the eight of each element, and the code or the set of each element."""

    nodes: np.ndarray
    elements: np.ndarray
    phases: np.ndarray

    def indices(self) -> np.ndarray:
        """The voxel (z, y, x) that each element is, by its middle."""
        places = self.nodes[self.elements].mean(axis=1) / EDGES - 0.5
        np.testing.assert_allclose(places, np.round(places), atol=1e-6)
        return np.round(places).astype(int)[:, ::-1]

    def jacobians(self) -> np.ndarray:
        """Determinants at the eight corners of each element, for the trilinear map that VTK and Abaqus share."""
        signs = np.array(
            [[-1, -1, -1], [1, -1, -1], [1, 1, -1], [-1, 1, -1], [-1, -1, 1], [1, -1, 1], [1, 1, 1], [-1, 1, 1]]
        )
        corners, found = self.nodes[self.elements], []
        for at in signs:
            slopes = np.stack(
                [
                    signs[:, i] * np.prod([1 + signs[:, j] * at[j] for j in range(3) if j != i], axis=0) / 8
                    for i in range(3)
                ]
            )
            found.append(np.linalg.det(np.einsum("in,enk->eik", slopes, corners)))
        return np.stack(found, axis=1)


def from_vtu(file) -> Hexahedra:
    assert (file.arrays["types"] == 12).all()
    np.testing.assert_array_equal(file.arrays["offsets"], 8 * np.arange(1, len(file.arrays["types"]) + 1))
    piece = file.root.find("UnstructuredGrid/Piece")
    assert int(piece.attrib["NumberOfPoints"]) == len(file.arrays["Points"])
    assert int(piece.attrib["NumberOfCells"]) == len(file.arrays["types"])
    assert file.sections["phase"] == "CellData"
    return Hexahedra(file.arrays["Points"], file.arrays["connectivity"].reshape(-1, 8), file.arrays["phase"])


def from_inp(path: Path) -> Hexahedra:
    nodes, elements, sets, target = {}, {}, {}, None
    for line in path.read_text(encoding="ascii").splitlines()[2:]:
        if line.startswith("*"):
            options = re.fullmatch(r"\*(?:NODE|ELEMENT, TYPE=C3D8, ELSET=([A-Za-z]\w*))", line, re.ASCII)
            assert options, line
            target = options[1]
        else:
            number, *rest = line.split(", ")
            if target is None:
                nodes[int(number)] = [float(text) for text in rest]
            else:
                elements[int(number)] = [int(text) - 1 for text in rest]
                sets[int(number)] = target
    assert list(nodes) == list(range(1, len(nodes) + 1))
    assert list(elements) == list(range(1, len(elements) + 1))
    return Hexahedra(np.array(list(nodes.values())), np.array(list(elements.values())), np.array(list(sets.values())))


@pytest.fixture(params=[".vtu", ".inp"])
def suffix(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def meshed(tmp_path: Path, read_vtk, suffix: str):
    """Written and read again."""

    def call(labels: LabelVolume, **settings: object) -> Hexahedra:
        out = tmp_path / f"a{suffix}"
        write_mesh(labels, out, settings=MeshSettings(**settings))
        return from_vtu(read_vtk(out)) if suffix == ".vtu" else from_inp(out)

    return call


def test_each_annotated_voxel_is_an_element(meshed, ternary: LabelVolume) -> None:
    mesh, codes = meshed(ternary), ternary.read()
    names = {0: "void", 1: "ce_r_ia", 2: "nickel____"}
    indices = mesh.indices()
    assert len(np.unique(indices, axis=0)) == len(mesh.elements) == (codes != 255).sum()
    for index, phase in zip(indices, mesh.phases, strict=True):
        code = codes[tuple(index)]
        assert phase in (code, names.get(code))


def test_elements_are_the_voxels_and_not_inside_out(meshed, ternary: LabelVolume) -> None:
    mesh = meshed(ternary)
    np.testing.assert_allclose(mesh.jacobians(), VOLUME / 8, rtol=1e-6)
    corners = mesh.nodes[mesh.elements]
    np.testing.assert_allclose(corners.max(axis=1) - corners.min(axis=1), np.tile(EDGES, (len(corners), 1)), rtol=1e-6)


def test_corners_are_shared_and_used(meshed, ternary: LabelVolume) -> None:
    mesh, codes = meshed(ternary), ternary.read()
    assert len(np.unique(np.round(mesh.nodes, 3), axis=0)) == len(mesh.nodes)
    np.testing.assert_array_equal(np.unique(mesh.elements), np.arange(len(mesh.nodes)))
    corners = {
        (z + dz, y + dy, x + dx)
        for z, y, x in np.argwhere(codes != 255).tolist()
        for dz in (0, 1)
        for dy in (0, 1)
        for dx in (0, 1)
    }
    assert len(mesh.nodes) == len(corners)


def test_one_phase_alone(meshed, ternary: LabelVolume) -> None:
    mesh = meshed(ternary, phase="nickel & φ")
    np.testing.assert_array_equal(mesh.indices(), np.argwhere(ternary.read() == 2))
    np.testing.assert_array_equal(np.unique(mesh.elements), np.arange(len(mesh.nodes)))


def test_a_box_lies_where_it_lies_in_the_whole(meshed, ternary: LabelVolume) -> None:
    box = Box((1, 3, 2), (5, 7, 6))
    mesh = meshed(ternary.crop(box), phase="void")
    np.testing.assert_array_equal(mesh.indices(), np.argwhere(ternary.read(box) == 0) + np.array([1, 3, 2]))


def test_merged_voxels_are_larger_and_what_is_left_over_is_said(
    tmp_path: Path, suffix: str, read_vtk, meshed, notes, ternary: LabelVolume
) -> None:
    out = tmp_path / f"a{suffix}"
    write_mesh(ternary, out, settings=MeshSettings(coarsen=2), reporter=notes)
    mesh = from_vtu(read_vtk(out)) if suffix == ".vtu" else from_inp(out)
    assert notes.notes == ["ternary.tif: the last 0, 1, 1 voxels (z, y, x) do not fill a merged one: left out"]
    np.testing.assert_allclose(mesh.jacobians(), VOLUME, rtol=1e-6)
    np.testing.assert_allclose(mesh.nodes.max(axis=0), EDGES * [8, 6, 6])
    part = meshed(ternary.crop(Box((1, 2, 3), (6, 7, 9))), coarsen=2)
    np.testing.assert_allclose(part.nodes.min(axis=0), EDGES * [3, 2, 1], rtol=1e-6)
    np.testing.assert_allclose(part.nodes.max(axis=0), EDGES * [9, 6, 5], rtol=1e-6)


@pytest.mark.parametrize("coarsen", [1, 2])
def test_slabs_and_pieces_equal_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, coarsen: int, ternary: LabelVolume
) -> None:
    write_mesh(ternary, tmp_path / f"a{suffix}", settings=MeshSettings(coarsen=coarsen))
    monkeypatch.setattr("keramos.writers.slabs.thickness", lambda _: 2)
    monkeypatch.setattr("keramos.writers.coarse.thickness", lambda _: 1)
    monkeypatch.setattr("keramos.writers.mesh.voxels._AT_ONCE", 3)
    monkeypatch.setattr("keramos.writers.vtk.unstructured._AT_ONCE", 4)
    write_mesh(ternary, tmp_path / f"b{suffix}", settings=MeshSettings(coarsen=coarsen))
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_numbers_of_phases_are_named_in_the_file(tmp_path: Path, read_vtk, ternary: LabelVolume) -> None:
    write_mesh(ternary, tmp_path / "a.vtu")
    assert read_vtk(tmp_path / "a.vtu").fields == {"void": 0, 'ce"r<ia': 1, "nickel & φ": 2}


@pytest.mark.parametrize(
    "names",
    [
        ["void", "solid"],
        ["a", "A"],
        ["a", "A", "a_1", "A_1"],
        ["x_2", "x", "X", "X_2"],
        ["1", "PHASE_1", "phase 1"],
        ["é", "ß", "*", ""],
        ["n" * 100, "N" * 99],
    ],
)
def test_names_of_sets_are_what_abaqus_takes(names: list[str]) -> None:
    found = set_names(PhaseTable.from_names(names))
    assert len({name.upper() for name in found}) == len(names)
    for name in found:
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,79}", name)
    assert set_names(PhaseTable.from_names(["void", "solid"])) == ["void", "solid"]


def test_what_cannot_be_meshed_is_refused_and_nothing_is_left(tmp_path: Path, suffix: str, notes) -> None:
    phases, size = PhaseTable.from_names(["void", "ceria", "nickel"]), VoxelSize(20, 26.4, 20.8)
    labels, out = LabelVolume.from_array(np.ones((4, 4, 4), np.uint8), phases, size), tmp_path / f"a{suffix}"
    with pytest.raises(LabelError, match="expected voxels of the phase nickel to mesh, found none in memory"):
        write_mesh(labels, out, settings=MeshSettings(phase="nickel"))
    with pytest.raises(LabelError, match="expected an annotated voxel to mesh, found none"):
        write_mesh(LabelVolume.from_array(np.full((2, 2, 2), 255, np.uint8), phases, size), out)
    with pytest.raises(VoxelSizeError, match="--voxel-size"):
        write_mesh(LabelVolume.from_array(labels.read(), phases), out)
    with pytest.raises(SettingsError, match="--smooth only for a surface"):
        write_mesh(labels, out, settings=MeshSettings(smooth=0))
    with pytest.raises(SettingsError, match=r"at most 10 voxels, found 64 in memory; merge 2 times .* --box"):
        write_voxel_file(domain_of(labels, 1, notes), None, out, notes, most=10)
    assert not list(tmp_path.iterdir())
