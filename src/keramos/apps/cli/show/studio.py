"""Show a project in a browser, until Ctrl-C."""

from __future__ import annotations

from typing import Any

from keramos.apps.cli.console import print_facts, print_table
from keramos.project.verbs.studio import StudioResult
from keramos.settings.studio import StudioSettings


def show_studio(settings: StudioSettings, result: StudioResult) -> dict[str, Any]:
    """Serve the page until Ctrl-C; without a project, print a row for each that there is."""
    if result.workspace is None or result.images is None:
        rows = [(project.name, project.read_stack_table().images) for project in result.projects]
        print_table("Projects in this folder", ("project", "stack"), rows)
        example = result.projects[0].folder if result.projects else "stack.tif"
        return {**result.to_json(), "next": f"keramos studio {example}"}
    from keramos.apps.studio.serving import serve  # late: a list of projects needs no server

    serve(result.workspace, result.images, port=settings.port, browser=settings.browser, announce=_print_address)
    print_facts([("saved in", str(result.workspace.folder))])
    return {**result.to_json(), "next": f"keramos studio {result.workspace.folder}"}


def _print_address(address: str) -> None:
    print(f"{address}\nOpen this address in a browser on this machine; Ctrl-C ends the studio.", flush=True)
