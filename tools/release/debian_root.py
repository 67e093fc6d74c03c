"""Run what the Dockerfile (target cpu) and the Apptainer definition run, in a fresh Debian root instead of an image.

    sudo python tools/release/debian_root.py [--keep FOLDER] [--only dockerfile|apptainer]

`mmdebstrap` makes the root, of the release that both name; files are copied and commands run under chroot as the two
files say; then the image's own command segments and measures a phantom. That is not `docker build`: layers, users'
ids, entry points and mounts are not tried. Proxies and mirrors of this machine are used for apt (`/etc/apt`) and
for pip (the environment, and what `--bind` copies); `--offline-index` leaves out an index that is named beside PyPI.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("src", "pyproject.toml", "constraints.txt", "README.md", "LICENSE")
TRIAL = """
cd /tmp
keramos phantom --out phantom --shape 8 64 64 --seed 1
keramos segment phantom/images.ome.zarr --model porous-solid --out segmentation.ome.zarr
keramos quantify segmentation.ome.zarr --out quantities
test -s quantities/quantities.json
"""


def dockerfile_commands() -> tuple[str, list[str]]:
    """The Debian release, and what is run for the target `cpu`, in order."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    release = re.search(r"^FROM debian:(\w+)-slim AS base$", text, re.MULTILINE)
    assert release is not None
    index = re.search(r"^ARG TORCH_INDEX=(\S+)$", text, re.MULTILINE)
    assert index is not None
    base, targets = text.split("FROM base AS gpu")
    cpu = targets.split("FROM base AS cpu")[1]
    commands = [
        re.sub(r"\s+", " ", line) for part in (base, cpu) for line in re.findall(r"^RUN (.*)$", part, re.MULTILINE)
    ]
    return release[1], [f"TORCH_INDEX={index[1]}", *commands]


def apptainer_commands() -> tuple[str, list[str]]:
    """The Debian release, and the lines of `%post`, its argument that for processors."""
    text = (ROOT / "keramos.def").read_text("utf-8")
    release = re.search(r"^From: debian:(\w+)-slim$", text, re.MULTILINE)
    assert release is not None
    post = text.split("%post\n")[1].split("\n%")[0]
    index = "https://download.pytorch.org/whl/cpu"
    return release[1], [line.strip().replace("{{ torch_index }}", index) for line in post.splitlines() if line.strip()]


def run_inside(root: Path, commands: list[str], environment: dict[str, str]) -> None:
    script = "\n".join(["set -eu", "export PATH=/opt/keramos/bin:$PATH", *commands])
    subprocess.run(["mount", "-t", "proc", "proc", str(root / "proc")], check=True)  # as containers have it
    try:
        subprocess.run(["chroot", str(root), "/bin/sh", "-euc", script], check=True, env=environment)
    finally:
        subprocess.run(["umount", str(root / "proc")], check=True)


def prepare(root: Path, release: str, bound: list[str]) -> dict[str, str]:
    """A fresh root with the files in `/src`, and the environment of its commands."""
    subprocess.run(["mmdebstrap", "--variant=minbase", "--include=ca-certificates", release, str(root)], check=True)
    for source, target in [(ROOT / name, Path("src") / name) for name in COPIED] + [
        (Path(name), Path(name.lstrip("/")))
        for name in bound  # what this machine needs to reach its package sources
    ]:
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, root / target, dirs_exist_ok=True)
        else:
            shutil.copy2(source, root / target)
    kept = {name: value for name, value in os.environ.items() if name.lower().startswith(("pip_", "http", "no_proxy"))}
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8", **kept}


def try_one(name: str, root: Path, given: argparse.Namespace) -> None:
    release, commands = {"dockerfile": dockerfile_commands, "apptainer": apptainer_commands}[name]()
    if given.offline_index:
        commands = [re.sub(r'--extra-index-url "?\S+"? ', "", command) for command in commands]
    began = time.monotonic()
    environment = prepare(root, release, given.bind)
    for command in commands:
        print(f"{name} $ {command}", flush=True)
    run_inside(root, commands, environment)
    run_inside(root, [TRIAL], environment)
    size = sum(path.lstat().st_size for path in (root / "opt" / "keramos").rglob("*") if not path.is_symlink())
    print(f"{name}: {time.monotonic() - began:.0f} s, /opt/keramos {size / 1e6:.0f} MB", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", type=Path, help="keep the roots in this folder")
    parser.add_argument("--only", choices=("dockerfile", "apptainer"))
    parser.add_argument("--offline-index", action="store_true", help="leave PyTorch's own index out")
    parser.add_argument("--bind", action="append", default=[], help="copy this file or folder of this machine, too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in [given.only] if given.only else ["dockerfile", "apptainer"]:
            root = (given.keep or Path(folder)).absolute() / name
            root.parent.mkdir(parents=True, exist_ok=True)
            try_one(name, root, given)
            if given.keep is None:
                shutil.rmtree(root)
    return 0


if __name__ == "__main__":
    sys.exit(main())
