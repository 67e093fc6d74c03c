"""A pore network as an export: the file that `quantify --network` writes, and refusals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import keramos
from keramos.core import Box, LabelVolume, PhaseTable, VoxelSize
from keramos.core.errors import LabelError, SettingsError, VoxelSizeError

PHASES = PhaseTable.from_names(("void", "solid"))


SIZE = VoxelSize(10, 10, 20)


def two_voids(size: VoxelSize | None = SIZE) -> LabelVolume:
    """Two voids of different size, joined by a thin neck along x."""
    codes = np.ones((10, 12, 24), np.uint8)
    codes[1:7, 1:7, 1:7] = codes[2:9, 2:10, 11:20] = codes[4:6, 4:6, 7:11] = 0
    return LabelVolume.from_array(codes, PHASES, size, "voids")


@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_it_is_what_quantify_writes(tmp_path: Path, suffix: str) -> None:
    out, beside = tmp_path / f"pores{suffix}", tmp_path / f"beside{suffix}"
    assert keramos.export(two_voids(), out, to="openpnm", neck_depth=5) == out
    keramos.quantify(two_voids(), objects="void", neck_depth=5, network=beside, transport=False)
    assert out.read_bytes() == beside.read_bytes()


def test_pores_and_throats_are_where_they_are(tmp_path: Path) -> None:
    keramos.export(two_voids(), tmp_path / "pores.json", to="openpnm", phase="void", neck_depth=5)
    net = json.loads((tmp_path / "pores.json").read_text())
    assert net["throat.conns"] == [[0, 1]]
    assert sum(net["pore.volume"]) == pytest.approx((6 * 6 * 6 + 7 * 8 * 9 + 2 * 2 * 4) * 2000 * 1e-27)
    first, second = sorted(net["pore.coords"])
    assert first == pytest.approx([80e-9, 40e-9, 40e-9], abs=5e-9)
    assert second == pytest.approx([310e-9, 60e-9, 55e-9], abs=5e-9)
    assert net["throat.cross_sectional_area"] == pytest.approx([400e-18])


def test_what_has_no_network_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "pores.csv"
    with pytest.raises(LabelError, match="a slice does not show"):
        keramos.export(two_voids().crop(Box((3, 0, 0), (4, 12, 24))), out, to="openpnm")
    with pytest.raises(VoxelSizeError):
        keramos.export(two_voids(None), out, to="openpnm")
    with pytest.raises(LabelError, match="named void or solid, found 'pore'"):
        keramos.export(two_voids(), out, to="openpnm", phase="pore")
    with pytest.raises(SettingsError, match=r"\*\.csv, \*\.json"):
        keramos.export(two_voids(), tmp_path / "pores.txt", to="openpnm")
    assert list(tmp_path.iterdir()) == []


def test_only_a_network_is_replaced(tmp_path: Path) -> None:
    out = tmp_path / "pores.csv"
    out.write_text("mine\n")
    with pytest.raises(keramos.KeramosError, match="delete it by hand"):
        keramos.export(two_voids(), out, to="openpnm", fresh=True)
    out.unlink()
    keramos.export(two_voids(), out, to="openpnm")
    keramos.export(two_voids(), out, to="openpnm", fresh=True)
