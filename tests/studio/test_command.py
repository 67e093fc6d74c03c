"""The command makes or opens a project; what is wrong is said in a sentence."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from keramos.apps.cli.main import run
from keramos.apps.studio.serving import bind_port
from keramos.core.errors import KeramosError, OutputInUseError
from keramos.io import open_volume, save_volume
from keramos.project.workspace import Workspace, list_projects, open_project
from keramos.settings.studio import StudioSettings


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def complaint(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The sentence of a command that ends with status 2."""
    assert run(["studio", "--no-browser", *arguments]) == 2
    text = capsys.readouterr().err
    assert len(text.strip().splitlines()) == 1
    return text


def test_a_stack_gets_a_project_that_opens_again(stack: Path, here: Path) -> None:
    workspace, images = open_project(StudioSettings(stack=str(stack), voxel_size=(5, 6, 7), box="0:9,0:99,0:99"))
    assert (workspace.folder, images.shape) == (Path("stack-studio"), (9, 99, 99))
    for again in (StudioSettings(stack=str(stack)), StudioSettings(stack="stack-studio")):
        opened, same = open_project(again)
        assert (opened.folder, same.shape, same.voxel_size) == (workspace.folder, images.shape, images.voxel_size)
    assert [project.name for project in list_projects(here)] == ["stack-studio"]


@pytest.mark.parametrize("name", ["images.ome.zarr", "images.tif"])
def test_a_stack_called_images_gives_its_project_the_name_of_its_folder(name: str, stack: Path, here: Path) -> None:
    (here / "anode").mkdir()
    save_volume(here / "anode" / name, open_volume(stack))
    assert open_project(StudioSettings(stack=f"anode/{name}"))[0].folder == Path("anode-studio")


def test_a_project_can_be_moved_with_its_stack(stack: Path, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / stack.name).symlink_to(stack)
    open_project(StudioSettings(stack=str(tmp_path / "a" / stack.name), project=tmp_path / "a" / "project"))
    (tmp_path / "a").rename(tmp_path / "b")
    assert open_project(StudioSettings(stack=tmp_path / "b" / "project"))[1].shape == (20, 300, 280)


def test_other_stacks_and_options_than_the_projects_are_refused(stack: Path, here: Path) -> None:
    open_project(StudioSettings(stack=str(stack)))
    with pytest.raises(KeramosError, match="voxel_size: expected None as in the project"):
        open_project(StudioSettings(stack=str(stack), voxel_size=(1, 2, 3)))
    other = here / "stack.npy"
    other.write_bytes(b"")
    with pytest.raises(KeramosError, match="give another folder by --project"):
        open_project(StudioSettings(stack=str(other)))


def test_without_a_stack_the_projects_are_listed(stack: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    open_project(StudioSettings(stack=str(stack), project=here / "mine"))
    assert run(["studio"]) == 0
    assert "mine" in capsys.readouterr().out


def test_what_is_wrong_is_said_in_a_sentence(stack: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "none.tif" in complaint(["none.tif"], capsys)
    assert not Path("none-studio").exists()
    (here / "full").mkdir()
    (here / "full" / "notes.txt").write_text("mine")
    assert "other files" in complaint([str(stack), "--project", "full"], capsys)
    assert "the file" in complaint([str(stack), "--project", "full/notes.txt"], capsys)
    (here / "recipe.toml").write_text("[stack\n")
    assert "TOML" in complaint(["."], capsys)
    (here / "recipe.toml").write_text("[stack]\nimages = 3\n")
    assert "images under [stack]" in complaint(["."], capsys)
    (here / "recipe.toml").write_text('[stack]\nimages = "none.tif"\n')
    assert "put it back there" in complaint(["."], capsys)
    assert "--port" in complaint([str(stack), "--port", "70000"], capsys)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert "--port" in complaint([str(stack), "--port", str(taken.getsockname()[1])], capsys)


@pytest.mark.skipif(sys.platform == "win32", reason="ports are shared differently there")
def test_a_port_is_free_again_at_once_when_its_studio_has_ended() -> None:
    with bind_port(0) as first:
        assert first.proto == socket.IPPROTO_TCP  # else asyncio leaves small pieces waiting for acknowledgements
        first.listen()
        with socket.create_connection(first.getsockname()) as page:
            first.accept()[0].close()
            assert page.recv(1) == b""
        port = first.getsockname()[1]
    with bind_port(port) as second:
        assert second.getsockname()[1] == port


def test_a_second_studio_of_a_project_is_told(stack: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace, _ = open_project(StudioSettings(stack=str(stack)))
    with workspace.lock():
        assert "another studio has the project" in complaint([str(stack)], capsys)


def test_a_lock_that_is_missed_later_is_no_second_studio(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputInUseError, match=r"^another run is writing to out"),
        Workspace(tmp_path / "project").lock(),
    ):
        raise OutputInUseError("another run is writing to out")


def test_a_folder_that_cannot_be_written_is_said(stack: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "file").write_text("")
    assert "file" in complaint([str(stack), "--project", "file/project"], capsys)


def test_the_server_loads_no_network(stack: Path, tmp_path: Path) -> None:
    """Networks and statistics are for worker processes: they take seconds to import and memory that tiles need."""
    check = (
        "import sys, keramos\n"
        "assert 'starlette' not in sys.modules\n"
        "import keramos.apps.cli.main, keramos.apps.cli.show.studio, keramos.apps.studio.serving as serving\n"
        "from keramos.annotation.drawing import describe_tools\n"
        "from keramos.apps.studio.application import make_application\n"
        f"result = keramos.studio({str(stack)!r}, project={str(tmp_path / 'project')!r})\n"
        "studio = serving.Studio(result.workspace, result.images)\n"
        "make_application(studio, '', 1), describe_tools(), studio.to_json(), studio.close()\n"
        "late = ('scipy.stats', 'scipy.optimize', 'scipy.integrate', 'scipy.spatial', 'scipy.sparse')\n"
        "print([name for name in ('torch', 'dask', 'matplotlib', *late) if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_a_recipe_runs_what_the_project_says(stack: Path, here: Path) -> None:
    from keramos.project.recipe import read_recipe

    workspace, _ = open_project(StudioSettings(stack=str(stack), voxel_size=(5, 6, 7), box="0:9,0:99,0:99"))
    recipe = read_recipe(workspace.recipe)
    assert recipe.stack is not None
    assert (recipe.stack["box"], recipe.stack["voxel_size"]) == ("0:9,0:99,0:99", (5, 6, 7))
    assert (workspace.folder / str(recipe.stack["images"])).resolve() == stack.resolve()
    assert recipe.table("segment")["model"] == Workspace(Path()).models.name
