"""Whether an output may be written: one rule for every verb, applied to the outputs that its options declare.

A path is new, or holds an earlier output of the same kind that is asked to be replaced or may be gone on with. It is no
device, and lies in nothing that is read and in no Zarr store.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from keramos.core import LabelVolume, Volume
from keramos.core.errors import StorageError
from keramos.core.files import refuse_special
from keramos.core.object_path import ObjectPath, as_path
from keramos.core.options import Settings, list_options
from keramos.io import is_zarr, split_channels
from keramos.project.output_kinds import OUTPUT_KINDS, OutputKind


def check_outputs(settings: Settings, *, replace: bool = False) -> None:
    """Check the outputs of a verb before any work.

    `replace` says that earlier ones may be replaced; so does the option `fresh` of the settings.

    Raises:
        StorageError: a path that must not be written.
    """
    replace = replace or bool(getattr(settings, "fresh", False))
    places = _find_places(settings)
    for number, (kind, place) in enumerate(places):
        _refuse_one_path_twice(place, [other for _, other in places[:number]], "place to write to")
        if not kind.has_place_of_its_own:
            _check_output(place, kind, settings, replace)


def check_place(out: Path, settings: Settings) -> None:
    """Check where the path lies that a verb writes, if it is another than its option says. StorageError."""
    if isinstance(out, ObjectPath):
        _refuse_store_address(out, "this output")
    refuse_special(out)
    _refuse_inputs(out, settings)
    _refuse_stores(out, into=False)


def check_numbers_file(path: Path, settings: Settings, *, replace: bool) -> None:
    """Check the JSON file for the numbers of a verb. StorageError if it must not be written."""
    path = as_path(path)
    _refuse_one_path_twice(path, [place for _, place in _find_places(settings)], "file for the numbers")
    _check_output(path, OUTPUT_KINDS["json"], settings, replace)


def _find_places(settings: Settings) -> list[tuple[OutputKind, Path]]:
    """The outputs that the options of a verb name."""
    kinds = {row.name: OUTPUT_KINDS[row.about.writes] for row in list_options(type(settings)) if row.about.writes}
    return [(kinds[name], as_path(path)) for name, path in settings.outputs().items()]


def _check_output(out: Path, kind: OutputKind, settings: Settings, replace: bool) -> None:
    if isinstance(out, ObjectPath) and not kind.goes_to_stores:
        _refuse_store_address(out, f"a {kind.title}")
    refuse_special(out)
    if not kind.is_folder and kind.files(out):
        _refuse_folder(out)
    if kind.is_folder and out.is_file():
        raise StorageError(f"expected a folder to write to, found the file {out}; choose another name")
    _refuse_inputs(out, settings)
    _refuse_stores(out, into=bool(kind.files(out)))
    _check_files(out, kind, replace)


def check_file(path: Path, kind: str, *, replace: bool) -> None:
    """Check a file that no option of a verb names. StorageError if it must not be written."""
    refuse_special(path)
    _refuse_stores(path, into=False)
    _check_files(path, OUTPUT_KINDS[kind], replace)


def _check_files(out: Path, kind: OutputKind, replace: bool) -> None:
    for pattern, is_own in kind.files(out).items():
        for file in _existing(pattern):
            refuse_special(file)
            if file.is_dir() or (file.stat().st_size and not is_own(file)):
                raise StorageError(
                    f"expected a new file or an earlier {kind.title} to replace, found another file at {file}; "
                    "choose another name"
                )
            if not replace and not kind.resumes(out):
                raise StorageError(f"{file} is already there; choose another name, or replace it with --fresh")


def _existing(pattern: Path) -> list[Path]:
    """The files that a name, in which only a star stands for others, says."""
    if "*" not in pattern.name:
        return [pattern] if pattern.exists() else []
    return sorted(pattern.parent.glob(pattern.name)) if pattern.parent.is_dir() else []


def _refuse_store_address(out: ObjectPath, what: str) -> None:
    raise StorageError(
        f"expected a path on a disk for {what}, found {out} (only `segment` and `prepare` write to object stores); "
        "write it to a disk and copy it"
    )


def _refuse_folder(out: Path) -> None:
    if out.is_dir():
        raise StorageError(f"expected the name of a file to write, found the folder {out}; give a name in it")


def _refuse_one_path_twice(path: Path, outputs: Sequence[Path], what: str) -> None:
    """StorageError if the path is one of the other outputs of a command, or lies in a store among them; `what` says
    what it is for."""
    target = path.resolve()
    for out in outputs:
        if target == out.resolve() or (out.suffix == ".zarr" and out.resolve() in target.parents):
            raise StorageError(f"expected another {what} than {out}, found {path}; choose another")


def _refuse_stores(out: Path, *, into: bool) -> None:
    """StorageError if the path lies in a Zarr store; `into` one: files are written into the folder itself."""
    target = out.resolve()
    for folder in ((target,) if into else ()) + tuple(target.parents):
        if is_zarr(folder):
            raise StorageError(f"expected a path outside of Zarr stores, found {out} in {folder}; choose another")


def _refuse_inputs(out: Path, settings: Settings) -> None:
    """StorageError if the output is, holds or lies in one of the inputs: nobody wants those overwritten."""
    target = out.resolve()
    rows = {row.name: row for row in list_options(type(settings))}
    for name, given in settings.inputs().items():
        for source in given:
            for place in _places(source):
                inside = place in target.parents and not rows[name].about.holds_results
                if target == place or target in place.parents or inside or _would_match(target, source):
                    raise StorageError(
                        f"expected to write to another place than what is read, found {out} to be, to hold or to lie "
                        f"in the input {source if isinstance(source, str | Path) else source.name}; choose another"
                    )


def _places(source: object) -> Iterator[Path]:
    """The files and folders, links resolved, that an input names: a path, a pattern, or something that is open."""
    path = getattr(source, "path", source)
    if isinstance(source, Volume | LabelVolume):
        path = source.name
    for part in split_channels(path) if isinstance(path, str | Path) else ():
        if as_path(part).exists():
            yield as_path(part).resolve()
        elif glob.has_magic(part):
            yield from (Path(match).resolve() for match in glob.glob(part))  # noqa: PTH207 (may be absolute)


def _would_match(target: Path, source: object) -> bool:
    """Whether the output would be read as one of the slices of a pattern the next time."""
    parts = split_channels(source) if isinstance(source, str) else ()
    patterns = [Path(part) for part in parts if glob.has_magic(part) and not as_path(part).exists()]
    return any(target.parent == one.parent.resolve() and fnmatch(target.name, one.name) for one in patterns)
