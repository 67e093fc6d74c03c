"""The files that the paper's authors released: download them, and make them Keramos' own."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from keramos.core import VOID_SOLID, LabelVolume, Provenance, Step, Volume, VoxelSize
from keramos.core.errors import FormatError, StorageError
from keramos.core.files import make_folder
from keramos.core.progress import Reporter
from keramos.io import read_authors_dataset, save_labels, save_volume
from keramos.networks import ModelCard, Normalisation, Training, phase_rows, save_checkpoint
from keramos.networks.keras_unet import read_keras_unet

REPOSITORY = "https://github.com/YamamotoLaboratory/3D-SEM-Segmentation"
FILES = {
    "train_dataset.npy.gz": "dataset/train_dataset/train_dataset.npy.gz",
    "unet.h5": "demos/unet.h5",
}
LICENCE = (
    "These files are the authors', not Keramos': Hirabayashi, Y. et al., npj Comput. Mater. (2024), "
    f"doi:10.1038/s41524-024-01226-5, {REPOSITORY}. Licence: CC BY-NC 4.0 "
    "(https://creativecommons.org/licenses/by-nc/4.0/): you must give credit, and may not use them, or what is trained "
    "on them, commercially."
)
PAPER_VOXELS = VoxelSize(20, 26.4, 20.8)


def fetch_authors(out: str | Path, *, reporter: Reporter | None = None) -> list[Path]:
    """Download the released training set and U-Net into `out`; a file that is there already is left alone.

    Raises:
        StorageError: no connection, or the files are not there any more.
    """
    import pooch  # late: only this command goes to the internet

    reporter, out = reporter or Reporter(), Path(out)
    make_folder(out)
    reporter.note(LICENCE)
    progress, fetched = reporter.progress("download", "file"), []
    for done, (name, place) in enumerate(FILES.items(), 1):
        try:
            # The authors publish no checksums; what arrives is checked when it is imported.
            file = pooch.retrieve(f"{REPOSITORY}/raw/main/{place}", known_hash=None, fname=name, path=out)
        except Exception as error:  # requests, urllib3 and pooch raise what they like
            raise StorageError(
                f"expected to download {name} from {REPOSITORY}, found {type(error).__name__} "
                f"({' '.join(str(error).split())[:120]}); check the connection, or download it by hand into {out}"
            ) from None
        fetched.append(Path(file))
        progress(done, len(FILES))
    return fetched


def import_released(path: str | Path, out: str | Path, *, reporter: Reporter | None = None) -> dict[str, Any]:
    """Make `train_dataset.npy.gz` images and labels (in the folder `out`), or `unet.h5` a model (the file `out`).

    Gives what was written, as JSON values.

    Raises:
        FormatError, MissingFileError: neither of the two, or a damaged one.
        StorageError: something stands at `out`, or the disk refuses.
    """
    path, out, reporter = Path(path), Path(out), reporter or Reporter()
    if path.name.endswith(".npy.gz"):
        return _import_dataset(path, out, reporter)
    if path.suffix in (".h5", ".hdf5"):
        return _import_unet(path, out)
    raise FormatError(f"expected the authors' train_dataset.npy.gz or unet.h5, found {path.name}")


def _import_dataset(path: Path, out: Path, reporter: Reporter) -> dict[str, Any]:
    data = read_authors_dataset(path)
    made = Provenance((Step("import-authors", {"file": path.name}, {}, {"keramos": version("keramos")}),))
    # Crops were turned by right angles: along which axis of one a pixel is 26.4 nm high nobody knows any more.
    images = Volume.from_array(data.images, None, path.name)
    labels = LabelVolume.from_array(data.labels, VOID_SOLID, None, path.name)
    make_folder(out)
    files = {"images": out / "images.ome.zarr", "labels": out / "labels.ome.zarr"}
    progress = reporter.progress("write images and labels")
    save_volume(files["images"], Volume(images.source, None, "images", made), progress=progress)
    save_labels(files["labels"], LabelVolume(labels.source, None, "labels", made, phases=VOID_SOLID), name="labels")
    return {
        **{name: str(file) for name, file in files.items()},
        "crops": len(data.images),
        "pixels": list(data.images.shape[1:]),
        "solid_fraction": float(np.mean(data.labels)),
        "licence": LICENCE,
    }


def _import_unet(path: Path, out: Path) -> dict[str, Any]:
    if out.exists():
        raise StorageError(f"expected a new path for the model, found {out} already there; choose another --out")
    found = read_keras_unet(path)
    training = Training(
        images=("training slice of Hirabayashi et al. 2024",),
        annotated_slices=((0,),),
        annotated_voxels=896 * 896,
        data_sha256="unknown",
        seed=0,
        steps=0,
        seconds=0.0,
        device="unknown",
        settings={},
    )
    card = ModelCard(
        architecture="unet",
        architecture_settings=found.settings,
        phases=phase_rows(VOID_SOLID),
        positive=1,
        normalisation=Normalisation(mean=0.0, std=255.0),
        voxel_size_nm=PAPER_VOXELS.zyx,
        training=training,
        scores={},
        versions={name: version(name) for name in ("keramos", "torch", "h5py")},
        licence=LICENCE,
        notes=f"imported from {path.name}, trained by the authors of the paper",
    )
    save_checkpoint(out, card, found.weights)
    return {"model": str(out), "settings": found.settings, "licence": LICENCE}
