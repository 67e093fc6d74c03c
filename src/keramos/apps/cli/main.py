"""The `keramos` command: a user's mistake is one line on standard error and exit status 2."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

# Threads that wait let go of their core. On a machine that others use, too, those that spin make networks slower by
# more than ten; it must be said before torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from cyclopts import App, CycloptsError

from keramos.apps.cli.commands import COMMANDS, Command, callback, command_named, command_options, own_options
from keramos.apps.cli.mistakes import explain_option, explain_usage
from keramos.apps.cli.numbers_file import NumbersFile
from keramos.apps.cli.stopping import Terminated, begin, exit_after, leave, listen
from keramos.core import escape_controls, shorten_words
from keramos.core.errors import KeramosError, ResumeError
from keramos.version import __version__

_MISTAKE = 2


def make_app(called: Command | None = None, *, complete: bool = True, alone: bool = False) -> App:
    """The command-line application with all commands, of which one is called; `complete`: the others have their own
    options, too, for scripts of completion; `alone`: there are no others, which takes less time."""
    app = App(
        name="keramos",
        help="From a FIB-SEM stack and one annotated slice to a 3-D segmentation and a quantified microstructure.",
        version=f"keramos {__version__}",
        help_format="plaintext",
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    app.register_install_completion_command()
    for place, command in enumerate([called] if alone and called is not None else COMMANDS):
        others = own_options(command) if complete else []
        rows = command_options(command) if command is called else others
        app.command(callback(command, run_command, rows), name=command.name, sort_key=place)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    listen()
    leave(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit status: 0, 2 for a user's mistake, 130 after Ctrl-C, 143 after SIGTERM."""
    try:
        alone, complete = command_named(arguments[:1]) is not None, "--install-completion" in arguments
        app = make_app(command_named(arguments), complete=complete, alone=alone and not complete)
        status = app(list(arguments), exit_on_error=False, print_error=False)
    except CycloptsError as error:
        return _complain(explain_usage(error, command_named(arguments)))
    except ResumeError as error:
        return _complain(f"{error} (--fresh starts over, --out writes elsewhere)")
    except KeramosError as error:
        return _complain(explain_option(error))
    except (KeyboardInterrupt, Terminated) as stop:
        return exit_after(stop)
    except MemoryError:
        return _complain("expected enough memory, found too little; ask for something smaller")
    except OSError as error:
        # What no room foresaw (a disk that vanished, a folder without permission) is still not the user's traceback.
        where = f": {error.filename}" if error.filename else ""
        what = f"{error.strerror or error}{where}"
        return _complain(
            f"expected to read and write files, found: {what}; check the path, the disk and the permissions"
        )
    return status if isinstance(status, int) else 0


def run_command(command: Command, options: dict[str, Any], numbers_file: NumbersFile | None) -> int:
    """Run a verb, show its result, and write its numbers if asked for."""
    # Late: the help and a mistyped command line wait for none of these.
    from keramos.apps.cli.console import make_reporter, print_next
    from keramos.project.outputs import check_numbers_file

    settings = command.verb.make_settings(**options)
    if numbers_file is not None:
        check_numbers_file(
            numbers_file.path, settings, replace=numbers_file.may_replace(settings, resumes=command.resumes)
        )
    begin(command.name)
    with make_reporter() as reporter:
        result = command.verb.run(settings, reporter)
    numbers = dict(command.show(settings, result))
    following = numbers.pop("next", None)
    if following:
        print_next(str(following))
    if numbers_file is not None:
        findings = [finding.to_json() for finding in reporter.findings]
        numbers_file.write(settings, {"findings": findings, **numbers})
    return 0


def _complain(text: str) -> int:
    print(f"keramos: {shorten_words(escape_controls(' '.join(text.split())))}", file=sys.stderr)
    return _MISTAKE
