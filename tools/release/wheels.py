"""Whether wheels of all requirements, extras included, exist for every Python and platform of the release's matrix.

    pip install uv && python tools/release/wheels.py [--json FILE]

For each of them the requirements are resolved with wheels only. This is uv's resolver and not
`pip download --only-binary=:all: --python-version --platform`, which takes markers such as `sys_platform == "linux"`
from the machine that it runs on, so that it asks for Linux's CUDA packages on behalf of Windows, too.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = {
    "linux": "x86_64-manylinux_2_28",
    "windows": "x86_64-pc-windows-msvc",
    "macos": "aarch64-apple-darwin",
}
COMMAND = [
    *("pip", "compile", str(ROOT / "pyproject.toml"), "--all-extras", "--only-binary", ":all:"),
    *("--quiet", "--no-annotate", "--no-header"),
]
MACOS = "14.0"
"""The oldest macOS for which ONNX Runtime has wheels for Python 3.14."""


def resolve(python: str, platform: str) -> tuple[int, str]:
    """How many packages are needed (0 if some lack a wheel), and what was said."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "uv"), *COMMAND, "--python-platform", platform, "--python-version", python],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "MACOSX_DEPLOYMENT_TARGET": MACOS},
    )
    lines = [line for line in done.stdout.splitlines() if "==" in line]
    return (0 if done.returncode else len(lines)), done.stderr.strip()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    target = parser.parse_args().json
    rows = []
    for name, platform in PLATFORMS.items():
        for python in PYTHONS:
            packages, said = resolve(python, platform)
            print(f"{name:8} Python {python}: {f'{packages} packages, all with wheels' if packages else said}")
            rows.append({"platform": platform, "python": python, "packages": packages, "said": said[:500]})
    if target is not None:
        target.write_text(json.dumps({"resolved": rows, "macos": MACOS}, indent=1) + "\n", encoding="utf-8")
    return any(not row["packages"] for row in rows)


if __name__ == "__main__":
    sys.exit(main())
