"""Options of `keramos studio`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from keramos.core.options import Settings, option
from keramos.settings.conversions import to_path
from keramos.settings.kinds import input_path
from keramos.settings.reading import ReadImageOptions


@dataclass(frozen=True, kw_only=True)
class StudioSettings(ReadImageOptions, Settings):
    """Annotate, train, proofread and measure in a browser, on this machine. Without a stack: list the projects here.

    A project is a folder with a recipe in it; a stack gets one of its own, `STACK-studio`, or goes on with it; where it
    is called images it has the name of its folder.
    """

    stack: str | Path | None = input_path(
        None,
        help="A stack, a folder or a quoted pattern of slices; or the folder of a project.",
        metavar="STACK|PROJECT",
        argument=True,
        holds_results=True,
    )
    project: Path | None = option(
        None,
        help="Folder of the project; default: STACK-studio in the current folder.",
        group="Files",
        affects_result=False,
        convert=to_path,
        given=str,
        metavar="DIR",
    )
    port: int = option(
        0,
        help="Port of the page on this machine; 0: any that is free.",
        low=0,
        high=65535,
        group="Output",
        affects_result=False,
        metavar="N",
    )
    browser: bool = option(True, help="Open the page in a browser.", group="Output", affects_result=False)
