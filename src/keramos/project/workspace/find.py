"""Projects: the one that a path names, made where there is none yet, and those in a folder."""

from __future__ import annotations

from pathlib import Path

from keramos.core import Volume
from keramos.core.errors import MissingFileError, OptionError, StorageError
from keramos.core.files import check_writable, write_text
from keramos.core.object_path import ObjectPath, as_path, is_address
from keramos.io import is_zarr
from keramos.project.inputs import load_images
from keramos.project.workspace.recipe_file import make_recipe, read_stack_table, relative_path
from keramos.project.workspace.workspace import Workspace
from keramos.settings.reading import ReadImageOptions
from keramos.settings.studio import StudioSettings

_SUFFIX = "-studio"


def list_projects(folder: Path) -> list[Workspace]:
    """The projects in a folder, and the folder itself if it is one, by name."""
    places = [folder, *sorted(path for path in folder.iterdir() if path.is_dir())]
    return [Workspace(place) for place in places if is_project(place)]


def is_project(folder: Path) -> bool:
    """Whether a folder is one that a studio has made."""
    workspace = Workspace(folder)
    return workspace.recipe.is_file() and workspace.view.is_file()


def open_project(settings: StudioSettings) -> tuple[Workspace, Volume]:
    """The project that the settings name, made if need be, and its stack.

    Raises:
        MissingFileError: no stack and no project there.
        OptionError: options of another stack than the project has.
        StorageError: the folder cannot be written, or holds something else.
        KeramosError: the stack cannot be opened.
    """
    given = settings.stack
    if isinstance(settings.project, ObjectPath):
        raise _refuse_store(settings.project, "give another by --project")
    if given is None:
        if settings.project is None:
            raise MissingFileError("expected a stack or a project; give the path of one of them")
        return _open(Workspace(settings.project), settings)
    if _is_folder_of_project(as_path(given)):
        if is_address(given):
            raise _refuse_store(as_path(given), "copy it to a disk")
        if settings.project is not None and settings.project.resolve() != Path(given).resolve():
            raise OptionError("project", f"expected only with a stack, found the project {given}; leave it out")
        return _open(Workspace(Path(given)), settings)
    workspace = Workspace(settings.project or Path(_stem(str(given)) + _SUFFIX))
    if workspace.recipe.exists():
        _refuse_other_stack(workspace, str(given))
        return _open(workspace, settings)
    return _make(workspace, str(given), ReadImageOptions.of(settings))


def _refuse_store(folder: Path, advice: str) -> StorageError:
    """The error for a project in a bucket: every stroke is added to its journal, and objects cannot be added to."""
    return StorageError(f"expected the folder of a project on a disk, found {folder}; {advice}")


def _is_folder_of_project(path: Path) -> bool:
    return path.is_dir() and not is_zarr(path) and (path / "recipe.toml").is_file()


def _open(workspace: Workspace, settings: StudioSettings) -> tuple[Workspace, Volume]:
    table = workspace.read_stack_table()
    for name, value in ReadImageOptions.of(settings).to_json().items():
        there = table.options.to_json()[name]
        if value is not None and value != there:
            raise OptionError(
                name,
                f"expected {there} as in the project {workspace.folder}, found {value}; leave it out, or give another "
                "folder by --project",
            )
    volume = workspace.open_images()
    check_writable(workspace.view)
    if not workspace.view.exists():
        workspace.write_view({})
    return workspace, volume


def _make(workspace: Workspace, images: str, options: ReadImageOptions) -> tuple[Workspace, Volume]:
    """A new project of a stack; nothing is written if the stack cannot be opened."""
    volume = load_images(images, options)
    folder = workspace.folder
    if folder.exists() and not folder.is_dir():
        raise StorageError(f"expected a folder for the project, found the file {folder}; give another by --project")
    if is_zarr(folder) or (folder.is_dir() and any(folder.iterdir())):
        raise StorageError(
            f"expected a new folder or one of an earlier project, found other files in {folder}; "
            "give another by --project"
        )
    check_writable(workspace.view)
    write_text(workspace.recipe, make_recipe(images, options, folder))
    workspace.write_view({})
    return workspace, volume


def _refuse_other_stack(workspace: Workspace, images: str) -> None:
    home = workspace.folder
    there, wanted = (
        _locate(home, path) for path in (read_stack_table(workspace.recipe).images, relative_path(images, home))
    )
    if there.resolve() != wanted.resolve():
        raise StorageError(
            f"expected the project {workspace.folder} to be of {images}, found one of {there}; "
            "give another folder by --project"
        )


def _locate(home: Path, images: str) -> Path:
    return as_path(images) if is_address(images) else home / images


def _stem(images: str) -> str:
    """The name of a stack without its suffixes; of a pattern, and of a file called images, that of its folder."""
    path = as_path(images)
    if _without_ending(path) == "images":
        path = path.resolve().parent if path.resolve().parent.name else path
    if any(sign in path.name for sign in "*?["):
        path = path.parent
    return _without_ending(path)


def _without_ending(path: Path) -> str:
    name = path.resolve().name or "stack"
    return next((name[: -len(end)] for end in _ENDS if name.lower().endswith(end) and len(name) > len(end)), path.stem)


_ENDS = (".ome.zarr", ".zarr", ".ome.tiff", ".ome.tif")
