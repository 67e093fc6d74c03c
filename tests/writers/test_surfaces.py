"""Surfaces: closed, of the right size, place and shape, whatever the format; read by trimesh.

The bias of the estimators, for a ball of 200 nm on voxels of about 20: its volume is within 1 % (0.2 % of it the
mesh's, the rest what voxels a ball has), its area up to 2 % too large (steps that smoothing leaves).
"""

from __future__ import annotations

from math import pi
from pathlib import Path

import numpy as np
import pytest
import trimesh

from keramos.core import VOID_SOLID, Box, LabelVolume, PhaseTable, VoxelSize
from keramos.core.errors import LabelError, SettingsError, VoxelSizeError
from keramos.writers.mesh.settings import MeshSettings
from keramos.writers.mesh.triangles import triangles_of
from keramos.writers.mesh.write import write_mesh

CUBES = VoxelSize(20, 20, 20)
SIZE = VoxelSize(20, 26.4, 20.8)
FORMATS = (".stl", ".ply", ".obj", ".vtp")


def labels_of(mask: np.ndarray, size: VoxelSize | None = CUBES) -> LabelVolume:
    return LabelVolume.from_array(mask.astype(np.uint8), VOID_SOLID, size)


def places(size: VoxelSize, lengths_nm: tuple[float, float, float]) -> list[np.ndarray]:
    """Where the voxels of a volume have their middles: z, y, x in nm."""
    axes = [
        np.arange(round(length / edge)) * edge + edge / 2 for length, edge in zip(lengths_nm, size.zyx, strict=True)
    ]
    return list(np.meshgrid(*axes, indexing="ij"))


def ball(size: VoxelSize, radius_nm: float, middle_zyx: tuple[float, float, float], side_nm: float) -> np.ndarray:
    there = places(size, (side_nm, side_nm, side_nm))
    return sum((place - at) ** 2 for place, at in zip(there, middle_zyx, strict=True)) < radius_nm**2


def surface(labels: LabelVolume, folder: Path, suffix: str = ".ply", **settings: object) -> trimesh.Trimesh:
    """Written, and read again by trimesh (STL has no shared vertices: those at one place become one)."""
    out = folder / f"surface{suffix}"
    write_mesh(labels, out, settings=MeshSettings(**settings))
    mesh = trimesh.load_mesh(out, process=suffix == ".stl", maintain_order=True)
    assert [path.name for path in folder.iterdir()] == [out.name]
    out.unlink()
    return mesh


def edges_of(faces: np.ndarray) -> np.ndarray:
    return np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])


@pytest.mark.parametrize("size", [CUBES, SIZE], ids=str)
@pytest.mark.parametrize("suffix", [".stl", ".ply", ".obj"])
def test_a_ball_in_nm(tmp_path: Path, suffix: str, size: VoxelSize) -> None:
    mesh = surface(labels_of(ball(size, 200, (243.7, 268.1, 309.2), 560), size), tmp_path, suffix)
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.euler_number == 2
    assert mesh.volume == pytest.approx(4 / 3 * pi * 200**3, rel=0.01), "positive: triangles face outwards"
    assert 1 < mesh.area / (4 * pi * 200**2) < 1.02
    np.testing.assert_allclose(mesh.center_mass, [309.2, 268.1, 243.7], atol=1)
    np.testing.assert_allclose(np.linalg.norm(mesh.vertices - [309.2, 268.1, 243.7], axis=1), 200, atol=13)


def test_all_formats_hold_the_same_triangles(tmp_path: Path, read_vtk, ternary: LabelVolume) -> None:
    write_mesh(ternary, tmp_path / "a.vtp")
    file = read_vtk(tmp_path / "a.vtp")
    np.testing.assert_array_equal(file.arrays["offsets"], 3 * np.arange(1, len(file.arrays["offsets"]) + 1))
    piece = file.root.find("PolyData/Piece")
    assert int(piece.attrib["NumberOfPolys"]) == len(file.arrays["offsets"])
    assert int(piece.attrib["NumberOfPoints"]) == len(file.arrays["Points"])
    expected = file.arrays["Points"][file.arrays["connectivity"].reshape(-1, 3)]
    (tmp_path / "a.vtp").unlink()
    for suffix in (".stl", ".ply", ".obj"):
        np.testing.assert_allclose(surface(ternary, tmp_path, suffix).triangles, expected, atol=1e-4)


@pytest.mark.parametrize("suffix", FORMATS)
def test_files_in_pieces_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ternary: LabelVolume, suffix: str
) -> None:
    write_mesh(ternary, tmp_path / f"a{suffix}")
    monkeypatch.setattr("keramos.writers.mesh.surface_file._AT_ONCE", 7)
    monkeypatch.setattr("keramos.writers.vtk.polydata._AT_ONCE", 7)
    write_mesh(ternary, tmp_path / f"b{suffix}")
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_stl_bytes(tmp_path: Path) -> None:
    """80 bytes that do not begin with `solid`, the count, then 50 bytes each: normal, corners, 0."""
    write_mesh(labels_of(ball(SIZE, 100, (150, 150, 150), 300), SIZE), tmp_path / "a.stl")
    raw = (tmp_path / "a.stl").read_bytes()
    count = int.from_bytes(raw[80:84], "little")
    assert len(raw) == 84 + 50 * count
    assert not raw.lower().startswith(b"solid")
    rows = np.frombuffer(raw[84:], np.uint8).reshape(count, 50)
    numbers = np.frombuffer(rows[:, :48].tobytes(), "<f4").reshape(count, 4, 3).astype(float)
    assert not rows[:, 48:].any()
    normals = np.cross(numbers[:, 2] - numbers[:, 1], numbers[:, 3] - numbers[:, 1])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    np.testing.assert_allclose(numbers[:, 0], normals, atol=1e-3)
    assert (np.einsum("ij,ij->i", numbers[:, 0], numbers[:, 1:].mean(axis=1) - 150) > 0).all(), "outwards"


def test_euler_numbers(tmp_path: Path) -> None:
    fine = VoxelSize(10, 10, 10)
    z, y, x = (place - 200 for place in places(fine, (400, 400, 400)))
    torus = (np.hypot(y, x) - 120) ** 2 + z**2 < 50**2
    shell = (z**2 + y**2 + x**2 < 180**2) & (z**2 + y**2 + x**2 > 100**2)
    ring = surface(labels_of(torus, fine), tmp_path)
    assert ring.is_watertight
    assert ring.euler_number == 0
    assert ring.volume == pytest.approx(2 * pi**2 * 120 * 50**2, rel=0.015)
    hollow = surface(labels_of(shell, fine), tmp_path)
    assert (hollow.euler_number, hollow.body_count) == (4, 2)
    assert hollow.volume == pytest.approx(4 / 3 * pi * (180**3 - 100**3), rel=0.005)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_even_noise_is_closed_by_a_surface_without_forks(tmp_path: Path, share: float) -> None:
    noise = np.random.default_rng(1).random((9, 10, 11)) < share
    mesh = surface(labels_of(noise, SIZE), tmp_path)
    edges = edges_of(mesh.faces)
    there, counts = np.unique(edges, axis=0, return_counts=True)
    assert (counts == 1).all(), "each edge is passed once in each direction"
    assert {tuple(edge) for edge in there} == {tuple(edge[::-1]) for edge in there}
    assert mesh.volume > 0


def test_what_touches_at_an_edge_or_a_corner_is_apart(tmp_path: Path) -> None:
    for other, bodies in (((1, 1, 2), 1), ((1, 2, 2), 2), ((2, 2, 2), 2)):
        mask = np.zeros((4, 4, 4), bool)
        mask[1, 1, 1] = mask[other] = True
        assert surface(labels_of(mask), tmp_path).body_count == bodies


@pytest.mark.parametrize("slices", [1, 2, 3, 7])
def test_slabs_equal_whole(slices: int) -> None:
    labels = labels_of(np.random.default_rng(2).random((9, 6, 7)) < 0.5)
    whole = triangles_of(labels, "solid")
    slabs = triangles_of(labels, "solid", slab=slices * 42)
    assert len(slabs.vertices) == len(whole.vertices) == len(np.unique(slabs.vertices, axis=0))
    for one in (whole, slabs):
        assert one.faces.max() == len(one.vertices) - 1

    def soup(triangles) -> list[tuple]:
        """The triangles' corners, each turned so that its least comes first."""
        corners = [[tuple(corner) for corner in face] for face in triangles.vertices[triangles.faces].tolist()]
        return sorted(tuple(face[face.index(min(face)) :] + face[: face.index(min(face))]) for face in corners)

    assert soup(slabs) == soup(whole)


def test_reading_slab_by_slab_is_the_same_surface(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = labels_of(np.random.default_rng(2).random((9, 6, 7)) < 0.5)
    whole = surface(labels, tmp_path)
    monkeypatch.setattr("keramos.writers.slabs.thickness", lambda _: 2)
    np.testing.assert_array_equal(surface(labels, tmp_path).triangles, whole.triangles)


@pytest.mark.parametrize("smooth", [0, 1, 10, 50])
def test_the_border_closes_a_phase_flat_and_in_place(tmp_path: Path, smooth: int) -> None:
    """Its edges are bevelled by half a voxel: 0.4 % of a box of 20 voxels."""
    full = surface(labels_of(np.ones((20, 20, 20)), SIZE), tmp_path, smooth=smooth)
    assert full.is_watertight
    np.testing.assert_allclose(full.bounds, [[0, 0, 0], [416, 528, 400]], rtol=1e-6)
    assert 0.994 < full.volume / (416 * 528 * 400) < 1
    _, y, x = np.indices((24, 24, 24)) - 11.5
    rod = surface(labels_of(np.hypot(y, x) < 8, SIZE), tmp_path, smooth=smooth)
    assert rod.is_watertight
    assert rod.bounds[:, 2].tolist() == [0, 480], "a rod through the whole volume ends at its borders"
    assert rod.area_faces[rod.face_normals[:, 2] > 0.999].sum() == pytest.approx(pi * 64 * 26.4 * 20.8, rel=0.15)


@pytest.mark.parametrize("seed", [1, 19, 33])
def test_smoothing_never_leaves_the_volume(tmp_path: Path, seed: int) -> None:
    """A filter that keeps the volume overshoots at sharp corners, in these by up to a twentieth of a voxel."""
    rng = np.random.default_rng(seed)
    noise = rng.random(rng.integers(1, 9, 3)) < rng.choice([0.2, 0.5, 0.8, 0.95])
    mesh = surface(labels_of(noise), tmp_path, smooth=50)
    assert (mesh.bounds[0] >= 0).all()
    assert (mesh.bounds[1] <= np.array(noise.shape[::-1]) * 20).all()


def test_smoothing_takes_steps_off_and_leaves_the_volume(tmp_path: Path) -> None:
    labels = labels_of(ball(SIZE, 120, (280, 280, 280), 560), SIZE)
    meshes = {passes: surface(labels, tmp_path, smooth=passes) for passes in (0, 1, 2, 3, 9, 10, 25)}
    steps = [np.linalg.norm(mesh.vertices - 280, axis=1).std() for mesh in meshes.values()]
    areas = [mesh.area for mesh in meshes.values()]
    assert steps == sorted(steps, reverse=True)
    assert areas[:6] == sorted(areas[:6], reverse=True)
    assert steps[5] < steps[0] / 1.4
    for passes, mesh in meshes.items():
        assert mesh.volume == pytest.approx(meshes[0].volume, rel=0.01 if passes <= 10 else 0.03), passes
    points = meshes[0].vertices / [20.8, 26.4, 20] * 2
    np.testing.assert_allclose(points, np.round(points), atol=1e-4)


def test_voxels_that_are_no_cubes_only_stretch_it(tmp_path: Path) -> None:
    noise = np.random.default_rng(3).random((7, 8, 9)) < 0.4
    cubes, stretched = (surface(labels_of(noise, size), tmp_path) for size in (VoxelSize(1, 1, 1), SIZE))
    np.testing.assert_allclose(stretched.triangles, cubes.triangles * [20.8, 26.4, 20], rtol=1e-5, atol=1e-4)


def test_a_thin_sheet_stays(tmp_path: Path) -> None:
    """A blur of the mask would swallow it."""
    mask = np.zeros((16, 16, 16), bool)
    mask[8] = True
    sheet = surface(labels_of(mask), tmp_path)
    assert sheet.body_count == 1
    assert sheet.volume == pytest.approx(16 * 16 * 20**3, rel=0.1)
    assert sheet.bounds[:, 2] == pytest.approx([160, 180], abs=2)


def test_a_box_lies_where_it_lies_in_the_whole(tmp_path: Path) -> None:
    mask = np.zeros((20, 20, 20), bool)
    mask[8:12, 7:12, 9:15] = True
    labels = labels_of(mask, SIZE)
    whole, part = (surface(one, tmp_path) for one in (labels, labels.crop(Box((3, 2, 5), (18, 17, 19)))))
    np.testing.assert_allclose(part.triangles, whole.triangles, atol=1e-3)


def test_coarser_is_as_large(tmp_path: Path) -> None:
    labels = labels_of(ball(SIZE, 200, (280, 280, 280), 560), SIZE)
    fine, coarse = (surface(labels, tmp_path, coarsen=merged) for merged in (1, 2))
    assert len(coarse.faces) < len(fine.faces) / 3
    assert coarse.volume == pytest.approx(fine.volume, rel=0.03)
    # The first voxel decides ties, which moves the ball a little; by less than a quarter of a merged voxel.
    assert (np.abs(coarse.center_mass - fine.center_mass) < np.array([20.8, 26.4, 20]) / 2).all()


def test_of_three_phases_the_positive_one_unless_named(tmp_path: Path, ternary: LabelVolume) -> None:
    codes = ternary.read()
    for phase, code in ((None, 1), ("void", 0), ("nickel & φ", 2)):
        expected = surface(labels_of(codes == code, SIZE), tmp_path)
        np.testing.assert_array_equal(surface(ternary, tmp_path, phase=phase).triangles, expected.triangles)


def test_too_many_triangles_are_refused_with_a_way_out() -> None:
    labels = labels_of(np.random.default_rng(4).random((10, 10, 10)) < 0.5)
    count = len(triangles_of(labels, "solid").faces)
    assert len(triangles_of(labels, "solid", most=count).faces) == count
    with pytest.raises(SettingsError, match=r"at most 100 triangles, found more.*--coarsen, or take a part .* --box"):
        triangles_of(labels, "solid", most=100, slab=200)


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_cannot_be_meshed_is_refused_and_nothing_is_left(tmp_path: Path, suffix: str) -> None:
    codes = np.ones((4, 4, 4), np.uint8)
    phases = PhaseTable.from_names(["void", "ceria", "nickel"])
    labels, out = LabelVolume.from_array(codes, phases, CUBES), tmp_path / f"a{suffix}"
    with pytest.raises(LabelError, match="expected voxels of the phase nickel to mesh, found none"):
        write_mesh(labels, out)
    with pytest.raises(LabelError, match="void or ceria or nickel, found 'gold'"):
        write_mesh(labels, out, settings=MeshSettings(phase="gold"))
    with pytest.raises(VoxelSizeError, match="--voxel-size"):
        write_mesh(LabelVolume.from_array(codes, phases), out)
    for merged in (0, 5):
        with pytest.raises(SettingsError, match=f"--coarsen from 1 to 4, .* found {merged}"):
            write_mesh(labels, out, settings=MeshSettings(coarsen=merged))
    for passes in (-1, 51):
        with pytest.raises(SettingsError, match=f"smooth.* at (least 0|most 50), found {passes}"):
            MeshSettings(smooth=passes)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a", "a.step", "a.stl.gz", ".stl"])
def test_other_suffixes_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=r"expected a file called \*\.stl, .* \*\.inp for a mesh of voxels"):
        write_mesh(labels_of(np.ones((2, 2, 2))), tmp_path / name)


def test_capital_suffixes_are_the_same(tmp_path: Path) -> None:
    write_mesh(labels_of(np.ones((2, 2, 2))), tmp_path / "A.STL")
    assert trimesh.load_mesh(tmp_path / "A.STL").is_watertight
