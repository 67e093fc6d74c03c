"""One family of errors. Each message says what was expected, what was found, where, and what to do.

Every member also inherits the builtin that fits, so that a caller who knows only Python can catch it.
"""


class KeramosError(Exception):
    """Something the user can mend; the command line prints it on one line and exits with status 2."""


class MissingFileError(KeramosError, FileNotFoundError):
    """A path that does not exist, or a folder or pattern without slices."""

    # OSError formats its arguments as errno and path; the sentence alone is what we want.
    def __str__(self) -> str:
        return Exception.__str__(self)


class MissingPackageError(KeramosError, ImportError):
    """A job that needs a package which an extra brings, and which is not installed."""


class FormatError(KeramosError, ValueError):
    """A file that cannot be read as what it should be: truncated, RGB, not a checkpoint, ..."""


class ShapeError(KeramosError, ValueError):
    """Arrays, slices or boxes whose shapes do not fit together."""


class VoxelSizeError(KeramosError, ValueError):
    """A voxel size that is missing where a physical number is needed, not positive, or not the model's."""


class LabelError(KeramosError, ValueError):
    """A label value that no phase claims, or a phase that does not exist."""


class PixelError(KeramosError, ValueError):
    """Pixels that cannot be used: NaN, infinite, constant."""


class SettingsError(KeramosError, ValueError):
    """A parameter or a combination of parameters that makes no sense."""


class ConvergenceError(KeramosError, ArithmeticError):
    """A solution that did not come as close as was asked: there is no number to give."""


class LedgerError(KeramosError, RuntimeError):
    """An unfinished run that cannot be resumed with what was given now."""


class StorageError(KeramosError, OSError):
    """A result that could not be written, or that would overwrite something else."""

    def __str__(self) -> str:
        return Exception.__str__(self)
