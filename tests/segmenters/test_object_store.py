"""A segmentation in a bucket has the bytes of one in a folder, also when it was killed or its store failed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import obstore
import pytest
from buckets import Buckets, put_buckets
from doubles import Killed, Notes, Soft
from obstore.exceptions import GenericError

from keramos.core import Box, Volume
from keramos.core.errors import OutputInUseError, ResumeError, StorageError
from keramos.core.object_path import as_path
from keramos.io import open_labels, open_volume
from keramos.segmenters import SegmentRun, segment_volume
from keramos.settings.segment import SegmentationOptions

BOX = Box((0, 0, 0), (18, 72, 258))  # four blocks of one chunk, with the memory below
EVERY_STAGE: dict[str, Any] = {
    "scores": True,
    "uncertainty": True,
    "flicker": "remove",
    "remove_specks": 30,
    "fill_holes": 20,
    "memory": 418 * 2**20,
}
EACH = 7
"""One in so many kinds of write is tried; all of them take a minute."""
OUT = "out/s.ome.zarr"
LINES = "keramos-ledger.jsonl.parts"
pytestmark = pytest.mark.usefixtures("small_blocks")


@pytest.fixture
def buckets(monkeypatch: pytest.MonkeyPatch) -> Buckets:
    return put_buckets(monkeypatch)


@pytest.fixture
def part(stack: Path) -> Volume:
    return open_volume(stack, box=BOX)


def segment(volume: Volume, out: str | Path, reporter: Notes | None = None, **options: Any) -> SegmentRun:
    settings = SegmentationOptions(**{**EVERY_STAGE, **options})
    return segment_volume(volume, Soft(), as_path(out), settings=settings, reporter=reporter)


@pytest.fixture(scope="module")
def undisturbed(stack: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the same segmentation in a folder."""
    out = tmp_path_factory.mktemp("undisturbed") / "s.ome.zarr"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("keramos.segmenters.memory.REMOVAL_VOXELS", 1)
        patch.setattr("keramos.segmenters.memory.SETTLING_VOXELS", 1)
        segment(open_volume(stack, box=BOX), out)
    return without_logs(
        {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    )


def without_logs(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if not name.endswith(".jsonl")}


def hear_writes(patch: pytest.MonkeyPatch, hear: Callable[[str], None]) -> None:
    """Call `hear` before each object is written or deleted, with its kind: its key, any numbers as `#`."""
    put, put_async, delete = obstore.put, obstore.put_async, obstore.delete

    def kind_of(key: Any) -> str:
        return re.sub("[0-9]+", "#", key if isinstance(key, str) else "delete")

    def heard_put(store: Any, key: Any, *rest: Any, **more: Any) -> Any:
        hear(kind_of(key))
        return put(store, key, *rest, **more)

    async def heard_put_async(store: Any, key: Any, *rest: Any, **more: Any) -> Any:
        hear(kind_of(key))
        return await put_async(store, key, *rest, **more)

    def heard_delete(store: Any, keys: Any) -> Any:
        hear(kind_of(keys))
        return delete(store, keys)

    patch.setattr(obstore, "put", heard_put)
    patch.setattr(obstore, "put_async", heard_put_async)
    patch.setattr(obstore, "delete", heard_delete)


def test_it_has_the_bytes_of_one_in_a_folder(buckets: Buckets, part: Volume, undisturbed: dict[str, bytes]) -> None:
    run = segment(part, f"s3://lab/{OUT}")
    assert run.made == run.blocks == 4
    assert without_logs(buckets.content(OUT)) == undisturbed
    assert [path.name for path in as_path("s3://lab").iterdir()] == ["out"]
    assert [path.name for path in as_path("s3://lab/out").iterdir()] == ["s.ome.zarr"]
    assert open_labels(f"s3://lab/{OUT}").shape == BOX.shape


def segment_until(part: Volume, hear: Callable[[str], None]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        hear_writes(patch, hear)
        segment(part, f"s3://lab/{OUT}")


def raise_at(wanted: str, count: int, error: Callable[[], BaseException]) -> Callable[[str], None]:
    """Raise from the given write of a kind on: nothing is written after it."""
    left = [count]

    def hear(kind: str) -> None:
        left[0] -= kind == wanted
        if left[0] < 1:
            raise error()

    return hear


@pytest.mark.parametrize("end", ["killed", "the store fails"])
def test_ended_before_any_kind_of_write_it_goes_on_to_the_same_bytes(
    end: str, part: Volume, undisturbed: dict[str, bytes]
) -> None:
    kinds = Counter[str]()
    with pytest.MonkeyPatch.context() as patch:
        put_buckets(patch)
        segment_until(part, lambda kind: kinds.update([kind]))
    assert len(kinds) > 20, "every stage is heard of"
    for kind in sorted(kinds)[end == "killed" :: EACH]:
        with pytest.MonkeyPatch.context() as patch:
            buckets = put_buckets(patch)
            if end == "killed":
                with pytest.raises(Killed):
                    segment_until(part, raise_at(kind, kinds[kind] // 2 + 1, Killed))
            else:
                with pytest.raises(StorageError, match=r"^[^\n]*no answer[^\n]*then run the same command again$"):
                    segment_until(part, raise_at(kind, kinds[kind] // 2 + 1, lambda: GenericError("Connect")))
            segment(part, f"s3://lab/{OUT}")
            assert without_logs(buckets.content(OUT)) == undisturbed, kind


def test_finished_blocks_are_not_made_again(buckets: Buckets, part: Volume) -> None:
    def stop(kind: str) -> None:
        lines = b"".join(buckets.content(f"{OUT}/{LINES}").values())
        if "ledger" in kind and lines.count(b'"block"') == 2:
            raise Killed

    with pytest.raises(Killed):
        segment_until(part, stop)
    notes = Notes()
    assert segment(part, f"s3://lab/{OUT}", notes).made == 2
    assert f"resuming s3://lab/{OUT}: 2 of 4 blocks are finished" in notes.notes
    assert segment(part, f"s3://lab/{OUT}", notes).made == 0


def test_another_run_is_refused_and_a_fresh_one_replaces_it(buckets: Buckets, part: Volume) -> None:
    segment(part, f"s3://lab/{OUT}")
    with pytest.raises(ResumeError, match="fill_holes differs"):
        segment(part, f"s3://lab/{OUT}", fill_holes=21)
    segment(part, f"s3://lab/{OUT}", flicker="keep", remove_specks=None, fill_holes=None, fresh=True, scores=False)
    assert not [key for key in buckets.content(OUT) if key.startswith("scores")]


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize("is_gone", [lambda n: n % 2, lambda n: n < 5, lambda n: n > 1], ids=["half", "first", "last"])
def test_a_fresh_run_killed_while_it_deletes_is_started_anew(
    is_gone: Callable[[int], bool], fresh: bool, buckets: Buckets, part: Volume, undisturbed: dict[str, bytes]
) -> None:
    segment(part, f"s3://lab/{OUT}")
    delete = obstore.delete

    def delete_some(store: Any, keys: list[str]) -> None:
        delete(store, [key for number, key in enumerate(sorted(keys)) if is_gone(number)])
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(obstore, "delete", delete_some)
        with pytest.raises(Killed):
            segment(part, f"s3://lab/{OUT}", fresh=True)
    assert 0 < len(buckets.content(OUT)) < len(undisturbed)
    run = segment(part, f"s3://lab/{OUT}", fresh=fresh)
    assert run.made == run.blocks
    assert without_logs(buckets.content(OUT)) == undisturbed
    assert [path.name for path in as_path("s3://lab/out").iterdir()] == ["s.ome.zarr"]


def test_something_else_is_not_replaced(buckets: Buckets, part: Volume) -> None:
    obstore.put(buckets("lab"), f"{OUT}/notes.txt", b"mine")
    for fresh in (False, True):
        with pytest.raises(StorageError, match="something else than a segmentation"):
            segment(part, f"s3://lab/{OUT}", fresh=fresh)
    assert buckets.content(OUT) == {"notes.txt": b"mine"}


def test_a_run_on_another_machine_is_noticed(buckets: Buckets, part: Volume) -> None:
    def interfere(kind: str) -> None:
        parts = buckets.content(f"{OUT}/{LINES}")
        if "/c/" in kind and b"".join(parts.values()).count(b'"block"') == 1:
            ((name, lines),) = parts.items()
            real_put(buckets("lab"), f"{OUT}/{LINES}/{name}", lines + b'\n{"block": 3}')

    real_put = obstore.put
    with pytest.raises(OutputInUseError, match="another run has written"):
        segment_until(part, interfere)
