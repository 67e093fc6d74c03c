"""The README's Python script runs as it stands there but for a shorter training, and its numbers are sensible."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"


def script() -> str:
    """The script under "In Python"."""
    found = re.search(r"## In Python\n\n```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert found is not None
    return found[1]


def test_the_script_runs_in_a_fresh_interpreter(tmp_path: Path) -> None:
    text = script().replace("budget=3,", "budget=0.5,")
    assert "budget=0.5," in text
    assert len(text.splitlines()) <= 20
    assert re.findall(r"^(?:from|import) .*", text, flags=re.MULTILINE) == ["import keramos"]
    done = subprocess.run([sys.executable, "-c", text], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    iou, surface = done.stdout.splitlines()
    assert 0.85 < float(iou.removeprefix("IoU ")) <= 1
    assert "1/um" in surface
    assert (tmp_path / "quantities" / "quantities.json").is_file()
