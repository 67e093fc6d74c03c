"""A maker's layout from another package is found, and its facts come with their sources."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from keramos.acquisition import VENDORS, Fact, read_facts

TOY = """
from keramos.acquisition import Fact, Vendor

TOY = Vendor(
    "toy",
    "Toy Microscopes",
    recognises=lambda tags: 65000 in tags,
    read=lambda tags: {"voxel_size_y_nm": Fact(float(tags[65000]), "tag 65000")},
)
"""


def test_a_vendor_from_outside_reads_its_tags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_facts({65000: "12.5"}) == {}
    (tmp_path / "toy_vendor.py").write_text(TOY)
    facts = tmp_path / "toy_vendor-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-vendor\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[keramos.vendors]\ntoy = toy_vendor\n")
    monkeypatch.syspath_prepend(tmp_path)
    VENDORS.refresh()
    try:
        assert read_facts({65000: "12.5"}) == {"voxel_size_y_nm": Fact(12.5, "tag 65000")}
        assert read_facts({34682: "x"}) == {}
    finally:
        monkeypatch.undo()
        VENDORS.refresh()
        sys.modules.pop("toy_vendor", None)
    assert "toy" not in VENDORS
