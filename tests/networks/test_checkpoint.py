"""Checkpoints: what goes in comes out; anything else is refused in one sentence, and nothing is ever unpickled."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from keramos.core import PhaseTable
from keramos.core.errors import FormatError, MissingFileError, StorageError
from keramos.networks import (
    Checkpoint,
    Compact,
    ModelCard,
    Normalisation,
    Training,
    build_network,
    load_checkpoint,
    phase_rows,
    save_checkpoint,
)

PHASES = PhaseTable.from_names(["pore", "anode", "electrolyte"], positive="anode")


def card() -> ModelCard:
    training = Training(
        images=("a.tif",),
        annotated_slices=((48,),),
        annotated_voxels=100,
        data_sha256="00",
        seed=7,
        steps=3,
        seconds=1.5,
        device="cpu",
        settings={"crop": 128},
        curve=({"step": 1, "loss": 0.5},),
    )
    return ModelCard(
        architecture="compact",
        architecture_settings={"classes": 3, "planes": 1, "width": 8},
        phases=phase_rows(PHASES),
        positive=PHASES.positive,
        normalisation=Normalisation(mean=100, std=30),
        voxel_size_nm=(20, 26.4, 20.8),
        training=training,
        scores={"training_iou": 0.9},
        versions={"keramos": "0"},
    )


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, Compact]:
    torch.manual_seed(1)
    network = Compact(classes=3, width=8)
    network.train()(torch.randn(4, 1, 64, 64))  # statistics that are not the fresh ones
    path = tmp_path / "model.keramos"
    save_checkpoint(path, card(), network.state_dict())
    return path, network.eval()


def test_round_trip_gives_the_same_output_and_card(saved: tuple[Path, Compact]) -> None:
    path, network = saved
    loaded = load_checkpoint(path)
    grey = torch.randn(2, 1, 32, 48)
    with torch.no_grad():
        assert torch.equal(loaded.network()(grey), network(grey))
    assert loaded.card == card()
    assert loaded.card.phase_table == PHASES
    assert len(loaded.sha256) == 64


def test_it_is_a_plain_safetensors_file_with_its_card_in_the_header(saved: tuple[Path, Compact]) -> None:
    content = saved[0].read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    assert json.loads(header["__metadata__"]["keramos"])["voxel_size_nm"] == [20, 26.4, 20.8]


def test_others_may_read_it(saved: tuple[Path, Compact]) -> None:
    plain = saved[0].with_name("plain.txt")
    plain.write_text("x")
    assert saved[0].stat().st_mode == plain.stat().st_mode


class Bomb:
    def __reduce__(self):  # type: ignore[no-untyped-def]
        return (Path.touch, (Path("exploded"),))


def test_a_pickle_is_refused_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, write in [
        ("plain.keramos", lambda p: p.write_bytes(pickle.dumps(Bomb()))),
        ("torch.keramos", lambda p: torch.save({"w": Bomb()}, p)),
    ]:
        write(tmp_path / name)
        with pytest.raises(FormatError, match=r"expected a Keramos model.*give a file that `keramos train` wrote"):
            load_checkpoint(tmp_path / name)
    assert not (tmp_path / "exploded").exists()


def test_truncated_is_refused(saved: tuple[Path, Compact]) -> None:
    content = saved[0].read_bytes()
    for kept in (0, 5, 200, len(content) - 1):
        saved[0].write_bytes(content[:kept])
        with pytest.raises(FormatError, match="truncated"):
            load_checkpoint(saved[0])


def test_other_safetensors_are_refused(tmp_path: Path) -> None:
    save_file({"w": torch.zeros(3)}, tmp_path / "other.safetensors")
    with pytest.raises(FormatError, match="without one"):
        load_checkpoint(tmp_path / "other.safetensors")


def test_a_card_of_another_version_names_what_is_wrong(tmp_path: Path) -> None:
    for change, words in [
        ({"planet": "Mars"}, "planet"),
        ({"positive": "solid"}, "positive"),
        ({"format": "k2"}, "format"),
    ]:
        text = json.dumps({**card().model_dump(mode="json"), **change})
        save_file({"w": torch.zeros(1)}, tmp_path / "m.keramos", metadata={"keramos": text})
        with pytest.raises(FormatError, match=rf"model card that this version of Keramos knows.*{words}"):
            load_checkpoint(tmp_path / "m.keramos")


def test_weights_of_another_shape_are_refused(saved: tuple[Path, Compact]) -> None:
    loaded = load_checkpoint(saved[0])
    for wrong in ({}, {**loaded.weights, "head.0.bias": torch.zeros(3)}):
        with pytest.raises(FormatError, match="expected weights of the architecture compact"):
            Checkpoint(loaded.card, wrong, "").network()


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="keramos train"):
        load_checkpoint(tmp_path / "none.keramos")


def test_a_failed_write_keeps_the_old_file(saved: tuple[Path, Compact], monkeypatch: pytest.MonkeyPatch) -> None:
    before = saved[0].read_bytes()

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match=r"No space left on device; free space or choose another folder"):
        save_checkpoint(saved[0], card(), {})
    assert saved[0].read_bytes() == before


def with_backbone(backbone: str) -> Checkpoint:
    network = build_network("fcn8s", {"classes": 3, "width": 4, "head": 8, "backbone": backbone})
    made = card().model_copy(update={"architecture": "fcn8s", "architecture_settings": network.settings})
    return Checkpoint(made, network.state_dict(), "")


def test_a_model_of_version_0_1_with_a_trunk_still_loads(tmp_path: Path) -> None:
    """What is a backbone now was called a trunk, in the card and in the names of weights."""
    new = with_backbone("alexnet")
    settings = {"trunk" if name == "backbone" else name: v for name, v in new.card.architecture_settings.items()}
    weights = {name.replace("backbone.", "trunk."): tensor for name, tensor in new.weights.items()}
    assert any(name.startswith("trunk.") for name in weights)
    old = new.card.model_copy(update={"architecture_settings": settings})
    save_checkpoint(tmp_path / "old.keramos", old, weights)
    loaded = load_checkpoint(tmp_path / "old.keramos")
    assert loaded.card.architecture_settings["backbone"] == "alexnet"
    grey = torch.rand(1, 1, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(loaded.network()(grey), new.network()(grey), rtol=0, atol=0)
