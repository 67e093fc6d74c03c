"""The release workflow, the lock file and the containers, as far as they can be checked without running them.

`tools/release/check.py` checks their grammar with the makers' own schemas and linters.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK: dict[str, Any] = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]


def workflow(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text("utf-8"))
    return loaded


def test_every_python_that_is_claimed_is_tested_on_every_system() -> None:
    matrix = workflow("test.yml")["jobs"]["suite"]["strategy"]["matrix"]
    claimed = [c.rsplit(" ", 1)[-1] for c in PROJECT["classifiers"] if re.search(r":: Python :: 3\.\d+$", c)]
    assert matrix["python"] == claimed == PYTHONS
    assert {name.split("-")[0] for name in matrix["os"]} == {"ubuntu", "windows", "macos"}


def test_a_release_is_tested_first_and_published_without_a_password() -> None:
    jobs = workflow("release.yml")["jobs"]
    publish = jobs["publish"]
    assert publish["needs"] == "test"
    assert jobs["test"]["uses"] == "./.github/workflows/test.yml"
    assert publish["permissions"] == {"id-token": "write"}
    assert any("gh-action-pypi-publish" in step.get("uses", "") for step in publish["steps"])
    assert "secrets." not in (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")


def test_the_lock_is_of_this_pyproject() -> None:
    own = next(package for package in LOCK["package"] if package["name"] == PROJECT["name"])
    locked = {
        (each["name"], each.get("marker", ""), each.get("specifier", "")) for each in own["metadata"]["requires-dist"]
    }
    wanted = set()
    for extra, requirements in {"": PROJECT["dependencies"], **PROJECT["optional-dependencies"]}.items():
        for requirement in expand(requirements):
            name, bounds = re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[.*\])?(.*)", requirement).groups()  # type: ignore[union-attr]
            wanted.add((normal(name), f"extra == '{extra}'" if extra else "", bounds))
    assert locked == wanted, "write it again: uv lock"


def test_the_lock_names_no_registry_but_the_public_one() -> None:
    hosts = set(re.findall(r"(\w+://[^/\"]*)", (ROOT / "uv.lock").read_text("utf-8")))
    assert hosts == {"https://pypi.org", "https://files.pythonhosted.org"}


def test_containers_install_with_the_command_of_the_readme() -> None:
    command = "pip install -c constraints.txt ."
    assert f"{command} && keramos demo" in (ROOT / "README.md").read_text("utf-8")
    for file, count in {"Dockerfile": 2, "keramos.def": 1}.items():
        text = (ROOT / file).read_text("utf-8").replace("\\\n", " ")
        lines = re.findall(r"(?:\S*/)?(pip install [^&\n]*?)\s*(?:&&|\n)", text)
        assert [plain_command(line) for line in lines] == [command] * count, file


def test_containers_copy_all_that_the_installation_reads() -> None:
    needed = {"src", "pyproject.toml", "constraints.txt", "README.md", "LICENSE"}
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = re.findall(r"^    (\S+) /src/(\S+)$", (ROOT / "keramos.def").read_text("utf-8"), re.MULTILINE)
    assert kept == needed
    assert {source for source, _ in copied} == needed
    assert all(source == target for source, target in copied)


def test_issue_forms_ask_for_the_bundle_of_support() -> None:
    form = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / "mistake.yml").read_text("utf-8"))
    support = next(part for part in form["body"] if part.get("id") == "support")
    assert "keramos info --support" in support["attributes"]["label"]
    assert support["validations"]["required"] is True


def expand(requirements: list[str]) -> list[str]:
    """The requirements with those of Keramos' own extras in their places."""
    own = re.compile(rf"{PROJECT['name']}\[(\w+)\]")
    parts = [PROJECT["optional-dependencies"][m[1]] if (m := own.fullmatch(each)) else [each] for each in requirements]
    return [each for part in parts for each in part]


def plain_command(line: str) -> str:
    """The command without options that decide nothing, and with the clone's path as the README has it."""
    line = re.sub(
        r"--no-cache-dir\s+|--extra-index-url\s+\S+(?:\s+\}\}\")?\s*", "", re.sub(r"\{\{ (\w+) \}\}", r"\1", line)
    )
    return re.sub(r"\s+", " ", line.replace("/src/", "").replace("/src", ".")).strip()


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
