"""The `keramos` command: a user's mistake is one line on standard error and exit status 2."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

# Threads that wait let go of their core. On a machine that others use, too, those that spin make networks slower by
# more than ten; it must be said before torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import typer

from keramos.apps.cli.arguments import repeated
from keramos.apps.cli.authors import fetch, import_authors
from keramos.apps.cli.compare import compare
from keramos.apps.cli.demo import demo
from keramos.apps.cli.evaluate import evaluate
from keramos.apps.cli.export import export
from keramos.apps.cli.info import info
from keramos.apps.cli.models import models
from keramos.apps.cli.phantom import phantom
from keramos.apps.cli.quantify import quantify
from keramos.apps.cli.report import report
from keramos.apps.cli.run import run as run_pipeline
from keramos.apps.cli.segment import segment
from keramos.apps.cli.suggest import suggest
from keramos.apps.cli.train import train
from keramos.core.errors import KeramosError, ResumeError
from keramos.version import __version__

# Typer carries its own click or uses the installed one; its public exception leads to the family either way.
_COMMAND_ERROR: type[Exception] = typer.BadParameter.__mro__[2]

_MISTAKE = 2
_INTERRUPTED = 130

app = typer.Typer(
    name="keramos",
    help="From a FIB-SEM stack and one annotated slice to a 3-D segmentation and a quantified microstructure.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"keramos {__version__}")
        raise typer.Exit


@app.callback()
def _keramos(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Show the version."),
) -> None:
    pass


_COMMANDS = (
    demo,
    run_pipeline,
    phantom,
    train,
    segment,
    suggest,
    evaluate,
    quantify,
    compare,
    report,
    info,
    models,
    export,
    fetch,
    import_authors,
)
for _command in _COMMANDS:
    app.command()(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit status: 0, 2 for a user's mistake, 130 after Ctrl-C."""
    try:
        result = app(repeated(arguments), prog_name="keramos", standalone_mode=False)
    except ResumeError as error:
        return _complain(f"{error} (--fresh starts over, --out writes elsewhere)")
    except KeramosError as error:
        return _complain(str(error))
    except _COMMAND_ERROR as error:
        return _complain(_usage(error, arguments))
    except (KeyboardInterrupt, typer.Abort):
        return _stopped()
    except MemoryError as error:
        return _complain(f"expected enough memory, found too little ({error}); ask for something smaller")
    except OSError as error:
        # What no room foresaw (a disk that vanished, a folder without permission) is still not the user's traceback.
        return _complain(f"expected to read and write files, found: {error}; check the disk and the permissions")
    # Typer turns Ctrl-C into this status, without a word.
    return _stopped() if result == _INTERRUPTED else result if isinstance(result, int) else 0


def _stopped() -> int:
    return _complain(
        "stopped; what was finished is kept: segment, phantom and compare go on from there when the same command "
        "is given again",
        _INTERRUPTED,
    )


def _usage(error: Exception, arguments: Sequence[str]) -> str:
    text = " ".join(error.format_message().split()) if hasattr(error, "format_message") else str(error)
    if "unexpected extra argument" in text:
        text = f"{text.rstrip('.')}: put a pattern of files in quotes, as in 'slices/*.tif'"
    known = {command.callback.__name__ for command in app.registered_commands if command.callback}
    command = next((f" {argument}" for argument in arguments if argument in known), "")
    return f"{text.rstrip('.')}; see keramos{command} --help"


def _complain(text: str, status: int = _MISTAKE) -> int:
    print(f"keramos: {' '.join(text.split())}", file=sys.stderr)
    return status
