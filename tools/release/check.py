"""Build the packages and check everything that goes with a release; a failed check ends it with status 1.

    pip install -r tools/release/requirements.txt && python tools/release/check.py [--out dist] [--environment FOLDER]

The sdist is built, and the wheel from it (`build`); then `check-wheel-contents` and `twine check --strict`, a bill of
materials (CycloneDX) of the environment in which Keramos is installed (this one, if none is given), the Dockerfile
(hadolint), the workflows, issue forms and CITATION.cff (check-jsonschema's own schemas), the Kubernetes manifests
(kubernetes-validate). Nothing but `build` uses the internet.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = {
    "vendor.github-workflows": ".github/workflows/*.yml",
    "vendor.github-issue-config": ".github/ISSUE_TEMPLATE/config.yml",
    "vendor.github-issue-forms": ".github/ISSUE_TEMPLATE/[mw]*.yml",
    "vendor.citation-file-format": "CITATION.cff",
}


def tool(name: str) -> str:
    """The command of a package in this environment."""
    return str(Path(sys.executable).parent / name)


def build(out: Path) -> tuple[Path, Path]:
    """The sdist, and the wheel that is built from it."""
    subprocess.run([sys.executable, "-m", "build", "--outdir", str(out), str(ROOT)], check=True)
    return next(out.glob("keramos-*.tar.gz")), next(out.glob("keramos-*.whl"))


def missing_files(wheel: Path) -> list[str]:
    """Files of the package that the wheel lacks: code, page, templates, weights."""
    inside = set(zipfile.ZipFile(wheel).namelist())
    source = ROOT / "src"
    own = [path for path in (source / "keramos").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return sorted(name for path in own if (name := path.relative_to(source).as_posix()) not in inside)


def missing_sources(sdist: Path) -> list[str]:
    """Files that git keeps and the sdist lacks: its tests and pages are made from them."""
    with tarfile.open(sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    kept = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted(name for name in kept.split("\0") if name and name not in inside)


def checks(sdist: Path, wheel: Path, environment: str, bill: Path) -> list[list[str]]:
    """The commands that must end with status 0."""
    described = ["--pyproject", str(ROOT / "pyproject.toml"), "--mc-type", "library", "--output-reproducible"]
    schemas = [
        [tool("check-jsonschema"), "--builtin-schema", schema, *map(str, sorted(ROOT.glob(pattern)))]
        for schema, pattern in SCHEMAS.items()
    ]
    manifests = sorted((ROOT / "examples" / "kubernetes").glob("*.yaml"))
    return [
        # W002: a section that two pages have is registered by a file of the same name and content in each.
        [tool("check-wheel-contents"), "--ignore", "W002", str(wheel)],
        [tool("twine"), "check", "--strict", str(sdist), str(wheel)],
        [tool("cyclonedx-py"), "environment", environment, *described, "-o", str(bill)],
        [tool("hadolint"), "--config", str(ROOT / ".hadolint.yaml"), str(ROOT / "Dockerfile")],
        *schemas,
        *([[tool("kubernetes-validate"), "--strict", *map(str, manifests)]] if manifests else []),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--environment", default=sys.prefix)
    given = parser.parse_args()
    out: Path = given.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("keramos-*"):
        old.unlink()
    sdist, wheel = build(out)
    failed = [f"not in the wheel: {name}" for name in missing_files(wheel)]
    failed += [f"not in the sdist: {name}" for name in missing_sources(sdist)]
    for command in checks(sdist, wheel, given.environment, out / "keramos.cdx.json"):
        print("$", Path(command[0]).name, *command[1:], flush=True)
        if subprocess.run(command, check=False).returncode:
            failed.append(" ".join([Path(command[0]).name, *command[1:]]))
    for each in failed:
        print(f"FAILED: {each}", file=sys.stderr)
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB; {sdist.name}: {sdist.stat().st_size / 1e6:.1f} MB")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
