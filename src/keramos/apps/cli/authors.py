"""keramos fetch, keramos import-authors"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keramos.apps.cli.console import print_facts, reporter
from keramos.apps.cli.options import JsonOption, write_json
from keramos.core.errors import SettingsError


def fetch(
    what: Annotated[str, typer.Argument(metavar="authors", help="What to download.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to put it.")],
    json_file: JsonOption = None,
) -> None:
    """Download the files that the paper's authors released. Needs the internet; shows their licence first.

    Example: keramos fetch authors --out authors
    """
    if what != "authors":
        raise SettingsError(f"expected to fetch authors, found '{what}'")
    from keramos.project.authors import fetch_authors

    with reporter() as telling:
        files = fetch_authors(out, reporter=telling)
    print_facts([(file.name, str(file)) for file in files])
    write_json(json_file, {"files": [str(file) for file in files]})


def import_authors(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="train_dataset.npy.gz or unet.h5, as released.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE|DIR", help="A model file, or a folder for the images.")],
    json_file: JsonOption = None,
) -> None:
    """Make the authors' training set images and labels, or their U-Net a model. Nothing in the file is run.

    Example: keramos import-authors authors/unet.h5 --out paper-unet.keramos
    """
    from keramos.project.authors import import_authors as make

    with reporter() as telling:
        written = make(path, out, reporter=telling)
    print_facts([(name, str(value)) for name, value in written.items()])
    write_json(json_file, written)
