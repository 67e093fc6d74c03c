"""The 3-D view: a closed surface of the right size and place, facing outwards, few enough triangles."""

from __future__ import annotations

import base64
import zlib
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core import VOID_SOLID, LabelVolume, Volume, VoxelSize
from keramos.reports import ReportContent
from keramos.reports.surface import Mesh, mesh_of, surface_view
from keramos.reports.surface.field import Field, fields_of

SIZE = VoxelSize(20, 10, 10)


def ball(radius_nm: float = 150.0) -> LabelVolume:
    """A ball of solid in the middle of 400 nm cubed, of voxels that are not cubes."""
    z, y, x = np.meshgrid(
        *(np.arange(n) * d + d / 2 - 200 for n, d in zip((20, 40, 40), SIZE.zyx, strict=True)), indexing="ij"
    )
    return LabelVolume.from_array((z**2 + y**2 + x**2 < radius_nm**2).astype(np.uint8), VOID_SOLID, SIZE)


def corners(mesh: Mesh) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    places = mesh.vertices.astype(float) / 32767 * mesh.extent / 2
    a, b, c = (places[mesh.triangles[:, i].astype(int)] for i in range(3))
    return a, b, c


def enclosed(mesh: Mesh) -> float:
    a, b, c = corners(mesh)
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)


def solid_mesh(labels: LabelVolume, most: int = 60_000) -> Mesh:
    (field,) = fields_of(labels, (1,))
    mesh = mesh_of(field, most)
    assert mesh is not None
    return mesh


def test_a_ball_keeps_its_size_in_nm() -> None:
    mesh = solid_mesh(ball())
    places = mesh.vertices.astype(float) / 32767 * mesh.extent / 2
    assert np.linalg.norm(places, axis=1) == pytest.approx(150, abs=12)
    # Labels have steps: the half-filled surface lies within half a voxel of the ball's.
    assert enclosed(mesh) == pytest.approx(4 / 3 * np.pi * 150**3, rel=0.03)
    outwards = np.einsum("ij,ij->i", places / np.linalg.norm(places, axis=1, keepdims=True), mesh.normals[:, :3] / 127)
    assert outwards.min() > 0.7
    assert mesh.normals[:, 3].min() > 40, "nothing stands before a ball"


def test_a_full_volume_is_its_box() -> None:
    full = LabelVolume.from_array(np.ones((6, 12, 24), np.uint8), VOID_SOLID, SIZE)
    mesh = solid_mesh(full)
    assert mesh.edges == (120, 120, 240)
    assert enclosed(mesh) == pytest.approx(120 * 120 * 240, rel=0.02), "corners are cut"
    np.testing.assert_allclose(mesh.vertices.max(axis=0), [32767, 16384, 16384], atol=1)


def test_the_surface_is_closed() -> None:
    noise = np.random.default_rng(0).random((16, 16, 16)) > 0.5
    mesh = solid_mesh(LabelVolume.from_array(noise.astype(np.uint8), VOID_SOLID))
    edges = np.concatenate([mesh.triangles[:, [0, 1]], mesh.triangles[:, [1, 2]], mesh.triangles[:, [2, 0]]]).astype(
        int
    )
    there, back = {tuple(edge) for edge in edges}, {tuple(edge) for edge in edges[:, ::-1]}
    assert there == back, "each edge is passed in both directions"


def test_too_many_triangles_are_made_fewer() -> None:
    noise = np.random.default_rng(0).random((60, 60, 60)) > 0.5
    mesh = solid_mesh(LabelVolume.from_array(noise.astype(np.uint8), VOID_SOLID), most=5_000)
    assert 100 < len(mesh.triangles) <= 5_000
    assert mesh_of(Field(np.zeros((4, 4, 4), np.float32), (1, 1, 1))) is None


def test_fields_hold_the_shares_of_the_voxels() -> None:
    codes = np.zeros((4, 8, 8), np.uint8)
    codes[:, :2, :3] = 1
    (field,) = fields_of(LabelVolume.from_array(codes, VOID_SOLID), (1,), most_cells=2)
    assert field.edges == (4, 4, 4)
    np.testing.assert_allclose(field.share, [[[6 / 16, 0], [0, 0]]])


def unpacked(text: str) -> NDArray[np.uint16]:
    """Numbers from their differences, number by number, as the script sums them up."""
    raw = zlib.decompress(base64.b64decode(text))
    count, last, numbers = len(raw) // 2, 0, []
    for low, high in zip(raw[:count], raw[count:], strict=True):
        last = (last + low + 256 * high) % 65536
        numbers.append(last)
    return np.array(numbers, np.uint16)


@pytest.mark.usefixtures("pictures_not_rendered")
def test_the_page_holds_the_best_methods_phases_and_the_truth(content: ReportContent) -> None:
    shown = surface_view(content)
    assert shown is not None
    surfaces = shown.data["surfaces"]
    assert [item["name"] for item in surfaces] == ["Close: solid", "Close: void", "Truth: solid"]
    for item in surfaces:
        triangles, columns = unpacked(item["triangles"]), unpacked(item["vertices"])
        vertices = columns.view(np.int16).reshape(3, -1).T
        normals = np.frombuffer(zlib.decompress(base64.b64decode(item["normals"])), np.int8).reshape(-1, 4)
        assert np.abs(vertices).max() == 32767, "the longest edge"
        assert len(triangles) == 3 * item["count"]
        assert triangles.max() == len(vertices) - 1 == len(normals) - 1
    # 4 slices of 50 nm, 32 rows of 20, 64 columns of 10.
    assert surfaces[0]["lengths"] == ["640\u00a0nm", "640\u00a0nm", "200\u00a0nm"]
    np.testing.assert_allclose(surfaces[0]["box"], [1, 1, 200 / 640])


@pytest.mark.usefixtures("pictures_not_rendered")
def test_without_labels_or_depth_there_is_no_surface(content: ReportContent) -> None:
    assert surface_view(ReportContent("t", content.volume)) is None
    flat = np.ones((1, 8, 8), np.uint8)
    labels = LabelVolume.from_array(flat, VOID_SOLID)
    assert surface_view(ReportContent("t", Volume.from_array(flat), labels)) is None
    truth_only = replace(content, methods=())
    shown = surface_view(truth_only)
    assert shown is not None
    assert [item["name"] for item in shown.data["surfaces"]] == ["Truth: solid", "Truth: void"]
