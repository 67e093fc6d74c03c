"""Refusals to overwrite: inputs, folders, and files of another kind than the one to be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from keramos.core import LabelVolume, Volume
from keramos.core.errors import StorageError

_KINDS: Mapping[str, Callable[[bytes], bool]] = {
    "model": lambda start: start[8:9] == b"{",  # safetensors: the header's length, then JSON
    "HTML page": lambda start: start.lstrip()[:1] == b"<",
    "JSON file": lambda start: start.lstrip()[:1] in (b"{", b"["),
    "PNG picture": lambda start: start[:8] == b"\x89PNG\r\n\x1a\n",
}


def refuse_inputs(out: str | Path, *inputs: object) -> None:
    """StorageError if `out` is, holds or lies in one of the input files: nobody wants those overwritten."""
    target = Path(out).resolve()
    for given in inputs:
        for source in given if isinstance(given, list | tuple) else [given]:
            path = Path(source.name) if isinstance(source, Volume | LabelVolume) else source
            if not isinstance(path, str | Path) or not Path(path).exists():
                continue
            place = Path(path).resolve()
            if target == place or target in place.parents or (place in target.parents and place.suffix == ".zarr"):
                raise StorageError(
                    f"expected to write to another place than what is read, found {out} to be, to hold or to lie in "
                    f"the input {path}; choose another --out"
                )


def refuse_other(out: Path, kind: str) -> None:
    """StorageError if `out` is a folder, or a file that is not an earlier `kind` (of `_KINDS`)."""
    refuse_folder(out)
    if not out.is_file():
        return
    with out.open("rb") as file:
        start = file.read(64)
    if start and not _KINDS[kind](start):
        raise StorageError(f"expected a new file or an earlier {kind} to replace, found another file at {out}")


def refuse_folder(out: Path) -> None:
    """StorageError if `out` is a folder."""
    if out.is_dir():
        raise StorageError(f"expected the name of a file to write, found the folder {out}; give a name in it")
