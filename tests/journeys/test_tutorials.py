"""The tutorials, as far as they are quick: tools/run_tutorials.py runs them whole and writes what they print."""

from __future__ import annotations

import json
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

import keramos

ROOT = Path(__file__).resolve().parents[2]
TUTORIALS = ROOT / "docs" / "tutorials"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = spec_from_file_location("keramos_tutorials", ROOT / "tools" / "run_tutorials.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", sorted(path.name for path in TUTORIALS.glob("*.md")))
def test_every_command_has_its_output(page: str, tool: ModuleType) -> None:
    found = list(tool.BLOCK.finditer((TUTORIALS / page).read_text(encoding="utf-8")))
    assert all(block[3] is None or block[3].strip() for block in found), "run python tools/run_tutorials.py"
    assert page == "mitochondria.md" or found


def test_output_is_put_behind_the_command(tool: ModuleType, tmp_path: Path) -> None:
    page = "a\n\n```python\nprint(1 + 1)\n```\n\n```text\nold\n```\n\n```bash\nnot run\n```\n\n```python\nx = 1\n```\n"
    assert tool.with_output(page, tmp_path) == page.replace("old", "2")
    with pytest.raises(SystemExit, match="ZeroDivisionError"):
        tool.with_output("```python\n1 / 0\n```\n", tmp_path)


def test_the_rock_has_the_numbers_of_its_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (TUTORIALS / "rock.md").read_text(encoding="utf-8")
    code = re.search(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert code is not None
    monkeypatch.chdir(tmp_path)
    exec(compile(code[1], "rock.md", "exec"), {})
    measured = keramos.quantify("mask.tif", voxel_size=(20, 20, 20), phases="void=0,solid=255", transport=False)
    for name in ("phase fraction", "specific surface area"):
        printed = re.search(rf"^ {name} +(?:1/um)? +(\S+)", text.split("void\n", 1)[1], re.MULTILINE)
        assert printed is not None
        value = measured.find(name.replace(" ", "-"), "void").value
        assert float(printed[1]) == pytest.approx(value, rel=1e-3)


def test_the_scores_of_mitochondria_are_those_of_the_benchmark() -> None:
    text = (TUTORIALS / "mitochondria.md").read_text(encoding="utf-8")
    results = json.loads((ROOT / "benchmarks/results/lucchi.json").read_text(encoding="utf-8"))
    longer = json.loads((ROOT / "benchmarks/results/lucchi_compact_900.json").read_text(encoding="utf-8"))
    rows = re.findall(r"^\| (slices? [\w ]+?) \| (\d+) s of one core \| ([\d.]+) \|$", text, re.MULTILINE)
    expected = [
        ("slice 32 alone", "120", results["slices 32"]["compact"]["iou"]["mean"]),
        ("slices 0 to 63", "120", results["slices 0-63"]["compact"]["iou"]["mean"]),
        ("slices 0 to 63", "900", longer["slices 0-63"]["compact"]["iou"]["mean"]),
    ]
    assert rows == [(name, seconds, f"{iou:.3f}") for name, seconds, iou in expected]
    for name in ("otsu, slice 48", "sauvola, slice 48"):
        assert f"{results[name]['iou']:.3f}" in text
    assert f"{results['slices 32']['compact-7']['iou']['mean']:.3f}" in text
