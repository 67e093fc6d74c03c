"""Files appear whole or not at all, and nothing in the package writes in any other way."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from keramos.core.errors import StorageError
from keramos.core.files import append_line, append_whole, check_writable, whole_file, write_bytes, write_text

SOURCE = Path(__file__).resolve().parents[2] / "src" / "keramos"
WRITES = {"write_text", "write_bytes", "savefig", "imwrite", "imsave", "tofile", "savez", "savez_compressed", "dump"}
SAVES = {"np.save", "torch.save", "torch.jit.save", "image.save", "json.dump", "pickle.dump"}


def test_a_failed_write_leaves_the_earlier_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "a.txt"
    write_text(path, "good")

    def write_half() -> None:
        with whole_file(path) as partial:
            partial.write_text("half", encoding="utf-8")
            raise RuntimeError("fails")

    with pytest.raises(RuntimeError, match="fails"):
        write_half()
    assert path.read_text(encoding="utf-8") == "good"
    assert [file.name for file in path.parent.iterdir()] == ["a.txt"]


def test_a_killed_write_leaves_the_earlier_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "good")
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom keramos.core.files import write_whole\n"
        "def write(file):\n    file.write(b'half')\n    file.flush()\n    os._exit(9)\n"
        "write_whole(Path(sys.argv[1]), write)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 9
    assert path.read_text(encoding="utf-8") == "good"
    write_text(path, "better")
    assert [(file.name, file.read_text(encoding="utf-8")) for file in tmp_path.iterdir()] == [("a.txt", "better")]


def test_the_content_is_on_the_disk_before_it_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def flush(number: int) -> None:
        order.append("fsync")
        fsync(number)

    def rename(path: Path, target: Path) -> Path:
        order.append("replace")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", flush)
    monkeypatch.setattr(Path, "replace", rename)
    write_bytes(tmp_path / "a", b"12")
    assert order == ["fsync", "replace"]


@pytest.mark.parametrize("refusals", [1, 3])
def test_a_file_that_is_open_for_a_moment_is_replaced_all_the_same(
    refusals: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, left = Path.replace, [refusals]

    def refuse(path: Path, target: Path) -> Path:
        left[0] -= 1
        if left[0] >= 0:
            raise PermissionError(13, "The process cannot access the file because it is being used")
        return replace(path, target)

    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setattr(Path, "replace", refuse)
    write_text(tmp_path / "a", "new")
    assert (tmp_path / "a").read_text(encoding="utf-8") == "new"


def test_a_file_that_stays_open_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Path) -> Path:
        raise PermissionError(13, "it is being used")

    write_text(tmp_path / "a", "good")
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(StorageError, match="it is being used"):
        write_text(tmp_path / "a", "new")
    assert [(file.name, file.read_text(encoding="utf-8")) for file in tmp_path.iterdir()] == [("a", "good")]


def test_bytes_are_added_behind_what_counts_and_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen = tmp_path / "log", []
    monkeypatch.setattr(os, "fsync", lambda file: seen.append(os.fstat(file).st_size))
    append_whole(path, b"one\n", size=0)
    append_whole(path, b"two\n", size=4)
    append_whole(path, b"three\n", size=4)
    assert path.read_bytes() == b"one\nthree\n"
    assert seen == [4, 8, 10]


def test_bytes_that_the_disk_refuses_leave_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\n")

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StorageError, match="No space left on device"):
        append_whole(path, b"two\n", size=4)
    assert path.read_bytes() == b"one\n"


def test_a_line_is_added_behind_one_that_was_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("one\ntw", encoding="utf-8")
    append_line(path, "three")
    assert path.read_text(encoding="utf-8").splitlines() == ["one", "tw", "three"]


def test_a_place_that_cannot_be_written_is_said_before_the_work(tmp_path: Path) -> None:
    check_writable(tmp_path / "new" / "a")
    assert list((tmp_path / "new").iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="a file where a folder should be"):
        check_writable(tmp_path / "file" / "a")


def writing_calls(tree: ast.AST, inside: tuple[str, ...] = ()) -> Iterator[ast.Call]:
    """Calls that write a file at a path, outside any `with whole_file(...)` or `whole_output`; buffers do not count."""
    if isinstance(tree, ast.With):
        inside = (*inside, *(ast.unparse(item.context_expr) for item in tree.items))
    if isinstance(tree, ast.Call) and is_writing(tree) and not any(text.startswith("whole_") for text in inside):
        yield tree
    for child in ast.iter_child_nodes(tree):
        yield from writing_calls(child, inside)


def is_writing(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute | ast.Name):
        return False
    name, texts = ast.unparse(call.func), [ast.unparse(argument) for argument in (*call.args, *call.keywords)]
    if {"buffer", "content", "file"} & set(texts) or name == "os.fdopen":  # a descriptor is no path
        return False
    if name.endswith((".open", "open")):
        return any(text.strip("'\"") in ("w", "wb", "x", "xb", "a", "ab", "r+", "rb+") for text in texts)
    method = isinstance(call.func, ast.Attribute)
    is_picture = name.endswith(".save") and any("format=" in text or text in ("'PNG'", "'JPEG'") for text in texts)
    return (method and name.split(".")[-1] in WRITES) or name in SAVES or is_picture


@pytest.mark.parametrize("file", sorted(SOURCE.rglob("*.py")), ids=lambda file: file.relative_to(SOURCE).as_posix())
def test_nothing_writes_but_whole_files(file: Path) -> None:
    calls = [f"line {call.lineno}: {ast.unparse(call)}" for call in writing_calls(ast.parse(file.read_text("utf-8")))]
    place = file.relative_to(SOURCE)
    # A writer is given a path in a `whole_output` by `Writer.export`.
    assert place.as_posix() == "core/files.py" or place.parts[0] == "writers" or not calls, calls


@pytest.mark.parametrize(
    "line",
    ["p.write_text('')", "p.open('w')", "open(p, 'wb')", "figure.savefig(p)", "image.save(p, format='PNG')"],
)
def test_a_writing_call_is_seen(line: str) -> None:
    assert list(writing_calls(ast.parse(line)))
    assert not list(writing_calls(ast.parse(f"with whole_file(p) as q:\n    {line}")))
