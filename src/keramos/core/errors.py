"""Errors that a user can fix. Each message is one sentence: what is wrong, where, and what to do.

Every class also inherits the closest builtin exception, so that callers can catch that instead.
"""

from __future__ import annotations

from keramos.core.finding import Finding
from keramos.core.terminal import escape_controls, shorten_words


class KeramosError(Exception):
    """An error the user can fix; the command line prints it on one line and exits with status 2.

    Texts that came out of a file are in the message, too: what a terminal would obey is escaped, endless words are cut.
    """

    def __init__(self, *arguments: object) -> None:
        texts = (shorten_words(escape_controls(each)) if isinstance(each, str) else each for each in arguments)
        super().__init__(*texts)


class MissingFileError(KeramosError, FileNotFoundError):
    """A path does not exist, or a folder or pattern matches no slices."""

    # OSError formats its arguments as errno and path; the sentence alone is what we want.
    def __str__(self) -> str:
        return Exception.__str__(self)


class MissingPackageError(KeramosError, ImportError):
    """A package from an optional extra is needed but not installed."""


class FormatError(KeramosError, ValueError):
    """A file is not in the expected format: truncated, RGB, not a checkpoint, ..."""


class ShapeError(KeramosError, ValueError):
    """Shapes of arrays, slices or boxes do not match."""


class VoxelSizeError(KeramosError, ValueError):
    """A voxel size is missing where physical units are needed, not positive, or different from the model's."""


class LabelError(KeramosError, ValueError):
    """A label value belongs to no phase, or a phase does not exist."""


class PixelError(KeramosError, ValueError):
    """Pixels cannot be used: NaN, infinite or constant."""


class SettingsError(KeramosError, ValueError):
    """A parameter, or a combination of parameters, is not valid."""


class OptionError(SettingsError):
    """An option whose value makes no sense; `option` is its name, which the message begins with.

    The command line and recipes put their own form of the name in its place.
    """

    def __init__(self, option: str, fact: str) -> None:
        super().__init__(f"{option}: {fact}")
        self.option, self.fact = option, shorten_words(escape_controls(fact))

    # Pickle calls the class with `args`, which hold the sentence.
    def __reduce__(self) -> tuple[type[OptionError], tuple[str, str]]:
        return type(self), (self.option, self.fact)


class FindingError(KeramosError, ValueError):
    """A fatal finding: something was seen in the data that makes any result meaningless."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding

    def __reduce__(self) -> tuple[type[FindingError], tuple[Finding]]:
        return type(self), (self.finding,)


class MemoryShortageError(KeramosError, MemoryError):
    """A computation needs more memory than there is."""


class ConvergenceError(KeramosError, ArithmeticError):
    """An iterative solver did not reach the requested tolerance; there is no result."""


class ResumeError(KeramosError, RuntimeError):
    """An unfinished run cannot be resumed with the current inputs or settings."""


class StorageError(KeramosError, OSError):
    """A result could not be written, or would overwrite something else."""

    def __str__(self) -> str:
        return Exception.__str__(self)


class OutputInUseError(StorageError):
    """Another run is writing to the same output."""
