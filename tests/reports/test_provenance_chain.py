"""The chain of steps: what each box says, and its command."""

from __future__ import annotations

import shlex

from keramos.reports.provenance_chain import Link, chain_links


def test_commands_hold_what_is_not_the_default_and_nothing_else() -> None:
    steps = [
        {
            "verb": "phantom",
            "parameters": {"preset": "ba122", "seed": 4, "voxel_size_nm": [9, 8, 7], "body": {"key": 1}},
        },
        {
            "verb": "segment",
            "parameters": {
                "images": "my data/raw.ome.zarr",
                "voxel_size": None,
                "flicker": "auto",
                "remove_specks": 30,
                "options": {},
                "voxel_size_nm": [9, 8, 7],
                "model": "otsu",
                "predictor": "Otsu",
            },
        },
        {"verb": "remove specks", "parameters": {"smaller_than": 30}},
        {
            "verb": "quantify",
            "parameters": {"labels": "a.ome.zarr", "transport": False, "conductivity": {"solid": 3.0}},
        },
    ]
    phantom, segment, specks, quantify = chain_links(steps)
    assert shlex.split(phantom.command)[:2] == ["keramos", "phantom"]
    assert "--seed 4" in phantom.command
    assert "--voxel-size 9 8 7" in phantom.command
    assert "body" not in phantom.command
    assert segment.facts == (("images", "raw.ome.zarr"), ("predictor", "Otsu"))
    words = shlex.split(segment.command)
    assert words[:3] == ["keramos", "segment", "my data/raw.ome.zarr"]
    given = dict(zip(words[3::2], words[4::2], strict=True))
    assert given == {"--model": "otsu", "--out": "segmentation.ome.zarr", "--remove-specks": "30"}
    assert specks == Link("Remove specks", (("smaller than", "30"),), "")
    assert "--no-transport" in quantify.command
    assert "--conductivity solid=3.0" in quantify.command
