"""Addresses of objects behave as paths of files do."""

from __future__ import annotations

import pickle
from pathlib import Path, PurePosixPath
from typing import Any

import obstore
import pytest
from buckets import Buckets, put_buckets

from keramos.core import object_store, optional
from keramos.core.errors import MissingPackageError, OutputInUseError, StorageError
from keramos.core.object_path import ObjectPath, as_path, is_address


@pytest.fixture
def buckets(monkeypatch: pytest.MonkeyPatch) -> Buckets:
    return put_buckets(monkeypatch)


def test_an_address_keeps_its_form() -> None:
    address = as_path("s3://lab/a/b.ome.zarr")
    assert isinstance(address, ObjectPath)
    assert (str(address), address.name, address.suffix) == ("s3://lab/a/b.ome.zarr", "b.ome.zarr", ".zarr")
    assert str(address / "labels" / "0") == "s3://lab/a/b.ome.zarr/labels/0"
    assert str(address.parent) == "s3://lab/a"
    assert str(address.with_name("c")) == "s3://lab/a/c"
    assert (address.bucket, address.key, ObjectPath("s3://lab").key) == ("lab", "a/b.ome.zarr", "")
    assert (address / "0/c/1").relative_to(address) == PurePosixPath("0/c/1")
    assert pickle.loads(pickle.dumps(address / "x")) == address / "x"
    assert address.resolve() == address.absolute() == address
    with pytest.raises(ValueError, match="does not lie below"):
        address.relative_to("s3://lab/other")


def test_a_path_of_an_address_is_one_again() -> None:
    assert as_path(Path("s3://lab/a")) == ObjectPath("s3://lab/a")
    assert not isinstance(as_path("lab/s3:/a"), ObjectPath)
    assert not is_address("stack.tif")
    assert not is_address(Path("stack.tif"))


def test_objects_are_files_and_what_keys_share_are_folders(buckets: Buckets) -> None:
    for key in ("a/one", "a/b/two", "a-b/three"):
        obstore.put(buckets("lab"), key, key.encode())
    folder = as_path("s3://lab/a")
    assert (folder.is_dir(), folder.is_file(), folder.exists()) == (True, False, True)
    assert ((folder / "one").is_dir(), (folder / "one").is_file()) == (False, True)
    assert not (folder / "other").exists()
    assert sorted(map(str, folder.iterdir())) == ["s3://lab/a/b", "s3://lab/a/one"]
    assert [str(path) for path in folder.glob("o*")] == ["s3://lab/a/one"]
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*")) == ["b/two", "one"]
    assert (folder / "one").stat().st_size == 5
    (folder / "one").unlink()
    assert not (folder / "one").exists()
    with pytest.raises(FileNotFoundError):
        (folder / "one").unlink()
    with pytest.raises(FileNotFoundError):
        (folder / "one").stat()


def test_an_object_is_read_in_parts(buckets: Buckets) -> None:
    content = bytes(range(256)) * 1024
    obstore.put(buckets("lab"), "x", content)
    with as_path("s3://lab/x").open("rb") as stream:
        stream.seek(-4, 2)
        assert stream.read() == content[-4:]
        stream.seek(10)
        assert stream.read(100_000) == content[10:100_010]
    with pytest.raises(OSError, match="written whole"):
        as_path("s3://lab/x").open("wb")
    obstore.put(buckets("lab"), "t", "Grüße\nzwei".encode())
    with as_path("s3://lab/t").open(encoding="utf-8") as text:
        assert list(text) == ["Grüße\n", "zwei"]


@pytest.mark.parametrize(
    ("endpoint", "allowed", "said"),
    [
        ("http://127.0.0.1:9", "true", "no answer; check AWS_ENDPOINT_URL"),
        ("http://127.0.0.1:9", "false", "AWS_ALLOW_HTTP=true"),
        ("storage.example.org", "true", "begins with https://"),
    ],
    ids=["no answer", "http", "no scheme"],
)
def test_a_store_that_cannot_be_asked_is_said_in_one_sentence(
    endpoint: str, allowed: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ALLOW_HTTP", allowed)
    monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")
    monkeypatch.setattr(object_store, "_RETRIES", {"max_retries": 0})
    object_store._make_client.cache_clear()
    with pytest.raises(StorageError, match=rf"^[^\n]*{said}[^\n]*$"):
        as_path("s3://lab/x").exists()
    object_store._make_client.cache_clear()


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(module: str) -> None:
        raise ImportError(module)

    monkeypatch.setattr(optional, "import_module", missing)
    with pytest.raises(MissingPackageError, match=r'pip install "keramos\[s3\]"'):
        as_path("s3://lab/x").exists()


def test_one_slash_and_capitals_are_an_address_too() -> None:
    for text in ("s3:/lab/a", "S3://lab/a"):
        assert is_address(text)
        assert as_path(text) == ObjectPath("s3://lab/a")


def test_a_record_that_another_run_has_replaced_is_not_added_to(buckets: Buckets) -> None:
    """Not even by the first line: what is known of the record is what this process has written or read of it."""
    object_store.write_object("lab", "ledger", b"mine\n")
    obstore.put(buckets("lab"), "ledger", b"another's\n")
    with pytest.raises(OutputInUseError):
        object_store.append_to_object("lab", "ledger", b"block 0\n")
    assert object_store.read_object("lab", "ledger")[0] == b"another's\n"
    object_store.append_to_object("lab", "ledger", b"block 0\n")  # it was read again, as to go on with it
    object_store.delete_objects("lab", ["ledger"])
    object_store.append_to_object("lab", "ledger", b"block 1\n")
    assert object_store.read_object("lab", "ledger")[0] == b"block 1\n"


def test_a_line_whose_answer_was_lost_is_known_again(buckets: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library writes again, and is refused for what it has written itself."""
    write = object_store.write_object

    def write_twice(bucket: str, key: str, content: bytes, **more: Any) -> str:
        write(bucket, key, content, **more)
        raise OutputInUseError("the second time")

    object_store.append_to_object("lab", "lines", b"1\n")
    monkeypatch.setattr(object_store, "write_object", write_twice)
    object_store.append_to_object("lab", "lines", b"2\n")
    monkeypatch.setattr(object_store, "write_object", write)
    object_store.append_to_object("lab", "lines", b"3\n")
    assert object_store.read_object("lab", "lines")[0] == b"1\n2\n3\n"
