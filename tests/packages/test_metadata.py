"""What other catalogues read (CITATION.cff, codemeta.json, .zenodo.json) says what pyproject.toml says."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import yaml

from keramos.version import __version__

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
AUTHORS = [author["name"] for author in PROJECT["authors"]]


def test_the_citation_agrees() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["title"].lower() == PROJECT["name"]
    assert citation["version"] == __version__
    assert citation["license"] == PROJECT["license"]
    assert [author["name"] for author in citation["authors"]] == AUTHORS
    assert citation["abstract"].rstrip(".") == PROJECT["description"]
    assert set(citation["keywords"]) == set(PROJECT["keywords"])


def test_codemeta_agrees() -> None:
    codemeta = json.loads((ROOT / "codemeta.json").read_text("utf-8"))
    assert (codemeta["name"].lower(), codemeta["identifier"]) == (PROJECT["name"], PROJECT["name"])
    assert codemeta["version"] == __version__
    assert codemeta["license"].rsplit("/", 1)[-1] == PROJECT["license"]
    assert [author["name"] for author in codemeta["author"]] == AUTHORS
    assert codemeta["description"] == PROJECT["description"]
    assert codemeta["keywords"] == PROJECT["keywords"]
    assert codemeta["programmingLanguage"]["version"] == PROJECT["requires-python"]


def test_zenodo_agrees() -> None:
    zenodo = json.loads((ROOT / ".zenodo.json").read_text("utf-8"))
    assert zenodo["title"].lower() == PROJECT["name"]
    assert zenodo["version"] == __version__
    assert zenodo["license"] == PROJECT["license"]
    assert [creator["name"] for creator in zenodo["creators"]] == AUTHORS
    assert zenodo["description"] == PROJECT["description"]
    assert zenodo["keywords"] == PROJECT["keywords"]


def test_all_name_the_paper_that_it_starts_from() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    doi = citation["references"][0]["doi"]
    assert doi.startswith("10.1038/")
    for file in ("codemeta.json", ".zenodo.json", "README.md"):
        assert doi in (ROOT / file).read_text("utf-8"), file
