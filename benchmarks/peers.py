"""Peers on the same images and processor time: a pixel random forest, MONAI's networks, the paper's U-Net, and ours.

The forest is scikit-learn's (100 trees) on features as in ilastik (Berg et al., Nat. Methods 16, 1226, 2019): Gaussian,
Laplacian of Gaussian, gradient magnitude, difference of Gaussians, and the eigenvalues of structure tensor and Hessian
at seven scales from 0.7 to 10 pixels. MONAI's BasicUNet is its own default in two dimensions; DynUNet is configured as
nnU-Net plans a 2-D patch of 128 pixels (Isensee et al., Nat. Methods 18, 203, 2021): 32 channels doubled from level to
level, levels down to 4 pixels, instance norm, SGD with Nesterov momentum 0.99 from 0.01, Dice and cross entropy. Both
learn from crops of 128 pixels, turned and mirrored. Peers see each slice less its mean, over its deviation. The U-Net
of Hirabayashi et al. is trained by their recipe on crops of 128 pixels. Ours are a compact network with fresh weights,
what `keramos train` keeps without further words, and the bundled weights without a label. Every training has one core,
and its time is that of the processor.

    pip install scikit-learn monai
    KERAMOS_DATA=... python benchmarks/peers.py [--budget 60] [--seeds 0] [--parts ba122 lucchi]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
import torch
from measured import data_folder, on_one_core, write_results
from monai.losses import DiceCELoss
from monai.networks.nets import BasicUNet, DynUNet
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter, gaussian_gradient_magnitude, gaussian_laplace
from skimage.feature import hessian_matrix, hessian_matrix_eigvals, structure_tensor, structure_tensor_eigenvalues
from sklearn.ensemble import RandomForestClassifier
from torch import nn

import keramos
from keramos.blocks import Block
from keramos.core import VOID_SOLID, Box, LabelVolume, PhaseTable, Volume, VoxelSize
from keramos.learning import TrainSettings, collect_annotated, train_model
from keramos.segmenters import decide, load_segmenter

Model = str | Path

SIGMAS = (0.7, 1.0, 1.6, 3.5, 5.0, 7.0, 10.0)
EDGE, BATCH = 128, 8
LUCCHI_SCORED = 12  # of the other 95 slices, evenly spread
Grey, Codes = NDArray[np.uint8], NDArray[np.uint8]
Predict = Callable[[Grey], Codes]


@dataclass(frozen=True)
class Case:
    """An annotated slice to learn from, and others to be scored on."""

    learn: tuple[Grey, Codes]
    tests: Sequence[tuple[Grey, Codes]]
    voxels: VoxelSize
    phases: PhaseTable = VOID_SOLID


def features(grey: Grey) -> NDArray[np.float32]:
    """Features of each pixel, (pixels, features)."""
    image = standardise(grey)
    columns = [image]
    for sigma in SIGMAS:
        columns += [
            gaussian_filter(image, sigma),
            gaussian_laplace(image, sigma),
            gaussian_gradient_magnitude(image, sigma),
            gaussian_filter(image, sigma) - gaussian_filter(image, 0.66 * sigma),
            *structure_tensor_eigenvalues(structure_tensor(gaussian_filter(image, sigma), 0.5 * sigma)),
            *hessian_matrix_eigvals(hessian_matrix(image, sigma, use_gaussian_derivatives=False)),
        ]
    return np.stack([column.ravel() for column in columns], 1).astype(np.float32)


def standardise(grey: Grey) -> NDArray[np.float32]:
    """A slice less its mean, over its deviation: the two patches differ in brightness."""
    image = grey.astype(np.float32)
    return np.asarray((image - image.mean()) / image.std(), np.float32)


def forest(case: Case, budget: float, seed: int) -> Predict:  # noqa: ARG001
    """A random forest on all annotated pixels; it takes the time that it takes."""
    fitted = RandomForestClassifier(100, n_jobs=1, random_state=seed, min_samples_leaf=2)
    fitted.fit(features(case.learn[0]), case.learn[1].ravel())
    return lambda grey: fitted.predict(features(grey)).reshape(grey.shape).astype(np.uint8)


def basic_unet() -> tuple[nn.Module, torch.optim.Optimizer]:
    network = BasicUNet(spatial_dims=2, in_channels=1, out_channels=2)
    return network, torch.optim.Adam(network.parameters(), 1e-3)


def dyn_unet() -> tuple[nn.Module, torch.optim.Optimizer]:
    levels = 6  # 128 pixels halved five times are 4
    strides = [1, *[2] * (levels - 1)]
    network = DynUNet(
        2,
        1,
        2,
        [3] * levels,
        strides,
        strides[1:],
        filters=[min(32 * 2**n, 512) for n in range(levels)],
        norm_name="INSTANCE",
    )
    return network, torch.optim.SGD(network.parameters(), 0.01, 0.99, weight_decay=3e-5, nesterov=True)


def monai(make: Callable[[], tuple[nn.Module, torch.optim.Optimizer]]) -> Callable[[Case, float, int], Predict]:
    """Trains a network of MONAI for `budget` seconds of the processor, with a learning rate that falls to zero."""

    def fit(case: Case, budget: float, seed: int) -> Predict:
        began, rng = time.process_time(), np.random.default_rng(seed)
        torch.manual_seed(seed)
        network, optimiser = make()
        loss, rate = DiceCELoss(to_onehot_y=True, softmax=True), optimiser.param_groups[0]["lr"]
        grey, codes = case.learn
        image = standardise(grey)
        steps = 0
        while (spent := time.process_time() - began) < budget:
            optimiser.param_groups[0]["lr"] = rate * (1 - spent / budget) ** 0.9
            pairs = [draw(image, codes, rng) for _ in range(BATCH)]
            images = torch.from_numpy(np.stack([pair[0] for pair in pairs])[:, None])
            truth = torch.from_numpy(np.stack([pair[1] for pair in pairs])[:, None].astype(np.int64))
            optimiser.zero_grad()
            loss(network(images), truth).backward()
            nn.utils.clip_grad_norm_(network.parameters(), 12)
            optimiser.step()
            steps += 1
        print(f"  {steps} steps", flush=True)
        network.eval()
        return lambda seen: predict(network, seen)

    return fit


def draw(grey: NDArray[np.float32], codes: Codes, rng: np.random.Generator) -> tuple[NDArray[np.float32], Codes]:
    """A crop at a random place, turned by right angles and mirrored at random."""
    y, x = (int(rng.integers(0, size - EDGE + 1)) for size in grey.shape)
    turns, mirrored = int(rng.integers(4)), bool(rng.integers(2))
    cut = (np.rot90(array[y : y + EDGE, x : x + EDGE], turns) for array in (grey, codes))
    image, truth = (array[:, ::-1] if mirrored else array for array in cut)
    return image.copy(), truth.copy()


@torch.inference_mode()
def predict(network: nn.Module, grey: Grey) -> Codes:
    """Codes of a whole slice, mirrored at its ends to a multiple of 32 pixels."""
    height, width = grey.shape
    padded = np.pad(standardise(grey), ((0, -height % 32), (0, -width % 32)), mode="reflect")
    scores = network(torch.from_numpy(padded)[None, None])
    found = scores.argmax(1)[0, :height, :width]
    return np.asarray(found.numpy(), np.uint8)


def own(**chosen: Any) -> Callable[[Case, float, int], Predict]:
    """Trains one of our own networks with fresh weights."""

    def fit(case: Case, budget: float, seed: int) -> Predict:
        pair = annotated(case)
        with tempfile.TemporaryDirectory() as place:
            settings = TrainSettings(budget=budget, seed=seed, device="cpu", scored_slices=0, **chosen)
            file = train_model(collect_annotated([pair]), settings, Path(place) / "m.keramos", half_range=128).path
            segmenter = load_segmenter(file, pair[0])

        def label(image: Grey) -> Codes:
            volume, whole = Volume.from_array(image[None], case.voxels), Box.whole((1, *image.shape))
            return decide(segmenter.fit_to(volume).scores(image[None], Block(0, whole, whole)))[0]

        return label

    return fit


def by_default(case: Case, budget: float, seed: int) -> Predict:
    """`keramos train` and `keramos segment` without further words."""
    place = tempfile.TemporaryDirectory()
    images, labels = annotated(case)
    model = keramos.train(images, labels, out=Path(place.name) / "m.keramos", budget=budget, seed=seed, device="cpu")

    def label(image: Grey) -> Codes:
        assert place.name  # the model is there as long as this is
        return segmented(image, case, model.path)

    return label


def without_labels(case: Case, budget: float, seed: int) -> Predict:  # noqa: ARG001
    return lambda image: segmented(image, case, "porous-solid")


def segmented(image: Grey, case: Case, model: Model) -> Codes:
    with tempfile.TemporaryDirectory() as place:
        volume = Volume.from_array(image[None], case.voxels)
        return np.asarray(keramos.segment(volume, model=model, out=Path(place) / "labels.ome.zarr").read()[0], np.uint8)


def annotated(case: Case) -> tuple[Volume, LabelVolume]:
    grey, codes = (array[None] for array in case.learn)
    return Volume.from_array(grey, case.voxels), LabelVolume.from_array(codes, case.phases, case.voxels)


METHODS: dict[str, Callable[[Case, float, int], Predict]] = {
    "random forest": forest,
    "MONAI BasicUNet": monai(basic_unet),
    "MONAI DynUNet, as nnU-Net": monai(dyn_unet),
    "the paper's U-Net": own(model="unet", crop=EDGE),
    "compact": own(model="compact"),
    "keramos train": by_default,
    "bundled weights, no label": without_labels,
}


def run_case(case: Case, budget: float, seeds: Sequence[int], methods: Sequence[str]) -> dict[str, Any]:
    """IoU of the second phase over all test slices, and the processor's seconds, of each method and seed."""
    rows: dict[str, Any] = {}
    for name in methods:
        if METHODS[name] is without_labels and case.phases != VOID_SOLID:
            continue
        for seed in seeds:
            began = time.process_time()
            label = METHODS[name](case, budget, seed)
            trained = time.process_time()
            both = either = 0
            for grey, codes in case.tests:
                found = label(grey)
                both += int(np.sum((found == 1) & (codes == 1)))
                either += int(np.sum((found == 1) | (codes == 1)))
            row = {"seed": seed, "iou": both / either, "seconds_train": trained - began}
            rows.setdefault(name, []).append({**row, "seconds_segment": time.process_time() - trained})
            print(f"  {name}, seed {seed}: {both / either:.4f}, {trained - began:.0f} s", flush=True)
    return rows


def patch(number: int) -> tuple[Grey, Codes]:
    folder = data_folder("ba122")
    grey, labels = (
        np.array(Image.open(folder / f"sample_{number:03d}_{end}.bmp").convert("L")) for end in ("sem", "th")
    )
    return grey, (labels > 127).astype(np.uint8)


def cases(parts: Sequence[str]) -> dict[str, Case]:
    found: dict[str, Case] = {}
    if "ba122" in parts:
        one, two, voxels = patch(1), patch(2), VoxelSize(20, 26.4, 20.8)
        found |= {"001 -> 002": Case(one, [two], voxels), "002 -> 001": Case(two, [one], voxels)}
    if "lucchi" in parts:
        folder = data_folder("lucchi")
        images, labels = (tifffile.imread(folder / f"{name}.tif") for name in ("images", "labels"))
        pairs = [(grey, (codes > 0).astype(np.uint8)) for grey, codes in zip(images, labels, strict=True)]
        others = np.linspace(0, len(pairs) - 1, LUCCHI_SCORED).round().astype(int)
        tests, phases = [pairs[z] for z in others if z != 48], PhaseTable.from_names(("background", "mitochondria"))
        found["lucchi, slice 48"] = Case(pairs[48], tests, VoxelSize(5, 5, 5), phases)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--budget", type=float, default=60.0, help="seconds of training of each network, on one core")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--parts", nargs="+", choices=("ba122", "lucchi"), default=["ba122", "lucchi"])
    parser.add_argument("--methods", nargs="+", choices=tuple(METHODS), default=list(METHODS))
    parser.add_argument("--name", default="peers", help="of the results")
    options = parser.parse_args()
    on_one_core()
    results: dict[str, Any] = {
        "budget_s": options.budget,
        "peers": {name: version(name) for name in ("scikit-learn", "monai")},
    }
    for name, case in cases(options.parts).items():
        print(name, flush=True)
        results[name] = run_case(case, options.budget, options.seeds, options.methods)
        write_results(options.name, results)


if __name__ == "__main__":
    main()
