"""Writers for other software as members of an open set: what each takes, its options, and how it writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from keramos.core import LabelVolume, Volume
from keramos.core.errors import SettingsError, StorageError
from keramos.core.files import refuse_special, whole_output
from keramos.core.options import Declared, Settings, merge_options
from keramos.core.progress import Reporter
from keramos.core.registry import Registry

if TYPE_CHECKING:
    from keramos.networks import Checkpoint

Takes = Literal["stack", "labels", "model", "pairs"]
"""The content that a writer is given: a `Volume` or `LabelVolume` as `stack`, a `LabelVolume` as `labels`, a `Model` or
`Pairs`."""

Pairs = Sequence[tuple[Volume, LabelVolume]]
"""Stacks, each with labels of the same shape."""


@dataclass(frozen=True)
class Model:
    """A trained network, and a stack to take a sample or the grey level from, if one is given."""

    checkpoint: Checkpoint
    images: Volume | None = None


@dataclass(frozen=True)
class Writer:
    """A format of other software. A module-level value of this class in `keramos/writers/`, or behind an entry point of
    the group `keramos.writers` of another package, is all that a new format needs.

    Example:
        >>> WRITERS["mesh"].takes
        'labels'

    Attributes:
        name: for `--to`.
        summary: one line for help texts.
        takes: what is written.
        write: called with what `takes` says, a path where nothing is yet, the settings, and a reporter. What it leaves
            at the path, a file or a folder, replaces the output when it returns; nothing does if it raises.
        settings: its own options.
        suffixes: in lower case with the dot, the usual one first; none: it writes a folder.
        any_suffix: whether its files may be called otherwise, too.
        extra: the extra of Keramos that brings the packages it needs.
        example: a command line.
        place: from `--out` and the settings, the path that is written; None: `--out` itself.
        check: called with `--out` and the settings before anything is read; raises SettingsError or StorageError.
        is_own: whether what is at the output's path is an earlier export, which `--fresh` may replace; None: never.
    """

    name: str
    summary: str
    takes: Takes
    write: Callable[[Any, Path, Any, Reporter], None]
    settings: type[Settings] = Settings
    suffixes: tuple[str, ...] = ()
    any_suffix: bool = False
    extra: str = ""
    example: str = ""
    place: Callable[[Path, Any], Path] | None = None
    check: Callable[[Path, Any], None] | None = None
    is_own: Callable[[Path], bool] | None = None

    def target(self, out: Path, settings: Settings, *, fresh: bool = False) -> Path:
        """The path that an export to `out` writes.

        Raises:
            StorageError: something is there that must not be replaced: without `fresh` anything.
            SettingsError: a suffix or settings that do not fit.
        """
        target = self.place(out, settings) if self.place else out
        if self.suffixes:
            self._refuse_existing_file(target, fresh)
        else:
            self._refuse_existing_folder(target, fresh)
        if self.suffixes and not self.any_suffix and not out.name.lower().endswith(self.suffixes):
            usual = ", ".join(f"*{suffix}" for suffix in self.suffixes)
            raise SettingsError(f"expected a file called {usual} for --to {self.name}, found {out}; rename it")
        if self.check is not None:
            self.check(out, settings)
        return target

    def export(
        self,
        content: Any,
        out: Path,
        settings: Settings | None = None,
        *,
        fresh: bool = False,
        reporter: Reporter | None = None,
    ) -> Path:
        """Write what `takes` says, whole or not at all, and give the path written. Raises as `target` and `write` do;
        StorageError if the disk refuses."""
        chosen = settings or self.settings()
        target = self.target(out, chosen, fresh=fresh)
        with whole_output(target) as path:
            self.write(content, path, chosen, reporter or Reporter())
        return target

    def _refuse_existing_file(self, target: Path, fresh: bool) -> None:
        refuse_special(target)
        if target.is_dir():
            raise StorageError(f"there is a folder {target}; give the name of a file in it")
        if not target.exists():
            return
        if not fresh:
            raise StorageError(f"{target} is already there; choose another name, or replace it with --fresh")
        if not target.is_file() or target.stat().st_size:
            self._refuse_others(target)

    def _refuse_existing_folder(self, target: Path, fresh: bool) -> None:
        if not target.exists():
            return
        if not fresh:
            raise StorageError(f"{target} is already there; choose another name or number, or replace it with --fresh")
        self._refuse_others(target)

    def _refuse_others(self, target: Path) -> None:
        """StorageError unless it is known that an earlier export wrote what is there."""
        if self.is_own is None or not self.is_own(target):
            raise StorageError(f"{target} holds something else than an earlier export by Keramos; delete it by hand")


def begins_with(*starts: bytes, mark: bytes = b"") -> Callable[[Path], bool]:
    """Whether a file begins with one of some byte strings, and has a mark in its first 4 KiB.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     size = (Path(folder) / "a.obj").write_bytes(b"# surface by me")
        ...     begins_with(b"#", mark=b"by me")(Path(folder) / "a.obj")
        True
    """

    def is_own(path: Path) -> bool:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            start = file.read(2**12)
        return start.startswith(starts) and mark in start

    return is_own


WRITERS: Registry[Writer] = Registry("writers", Writer, "keramos.writers")


def writer_options() -> list[Declared]:
    """The options that writers have of their own, for command lines and recipes."""
    return merge_options({writer.name: writer.settings for writer in WRITERS.values()})
