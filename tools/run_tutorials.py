"""Run the tutorials and write what the commands print into their pages: `python tools/run_tutorials.py [NAME ...]`.

In a page of docs/tutorials every block of `sh` or `python` is run, in the order of the page and in one empty folder;
the block of `text` behind it is replaced by what it printed on standard output. Blocks of `bash` are shown only.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TUTORIALS = ROOT / "docs" / "tutorials"
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


def run_page(text: str, folder: Path) -> Iterator[tuple[re.Match[str], str]]:
    """Each block that is run, and what it printed."""
    around = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])}
    for block in BLOCK.finditer(text):
        yield block, "".join(run_block(block[1], block[2], folder, around))


def run_block(kind: str, code: str, folder: Path, around: dict[str, str]) -> Iterator[str]:
    """What each command of a block prints; one that fails ends the run with its message."""
    scripts = [["-c", code]] if kind == "python" else [["-m", *line.split("  #")[0].split()] for line in lines_of(code)]
    for script in scripts:
        done = subprocess.run([sys.executable, *script], cwd=folder, env=around, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{' '.join(script)}: {done.stderr}")
        yield "\n".join(line.rstrip() for line in done.stdout.splitlines() if line.strip()) + "\n"


def lines_of(code: str) -> list[str]:
    """The commands of a block of `sh`, continued lines joined."""
    return code.replace("\\\n", " ").strip().splitlines()


def with_output(text: str, folder: Path) -> str:
    """A page with the output of its commands as it is now."""
    parts, end = [], 0
    for block, printed in run_page(text, folder):
        parts.append(text[end : block.start()])
        end = block.end()
        code = f"```{block[1]}\n{block[2]}```\n"
        parts.append(code if block[3] is None else f"{code}\n```text\n{printed}```\n")
    return "".join([*parts, text[end:]])


def main() -> None:
    for name in sys.argv[1:] or sorted(path.stem for path in TUTORIALS.glob("*.md")):
        page = TUTORIALS / f"{name}.md"
        with tempfile.TemporaryDirectory() as folder:
            text = with_output(page.read_text(encoding="utf-8"), Path(folder))
        page.write_text(text, encoding="utf-8")
        print(f"{page.relative_to(ROOT)}: written")


if __name__ == "__main__":
    main()
