"""The description of a package (bioimageio.yaml) as a `ModelDescr` of bioimageio.spec, checked as it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from keramos.core.citation import DOI, PAPER
from keramos.core.optional import import_optional
from keramos.networks import ONNX_OPSET
from keramos.version import __version__
from keramos.writers.bioimageio.axes import INPUT, OUTPUT, input_axes, output_axes
from keramos.writers.bioimageio.documentation import purpose

TAGS = (
    "keramos",
    "fib-sem",
    "electron-microscopy",
    "3d",
    "semantic-segmentation",
    "pytorch",
    "unet",
    "materials-science",
)


def specification() -> Any:
    """The module with the classes of format 0.5. MissingPackageError if bioimageio.spec is not installed."""
    return import_optional("bioimageio.spec.model.v0_5", extra="export", purpose="make a bioimage.io package")


def describe_model(folder: Path, facts: Mapping[str, Any], *, name: str, authors: Sequence[str]) -> Any:
    """The description of a package whose files lie in `folder`; `facts` are those of `model_facts`.

    What bioimageio.spec refuses raises its own ValueError: a fault of this file, for a user's choices are checked
    before.
    """
    spec = specification()
    return spec.ModelDescr(
        name=name,
        description=purpose(facts),
        authors=[spec.Author(name=author) for author in authors],
        cite=[spec.CiteEntry(text=PAPER, doi=spec.Doi(DOI))],
        license=_licence(spec, folder, str(facts["licence"])),
        tags=list(TAGS),
        documentation=spec.FileDescr(source=folder / "README.md"),
        covers=[spec.FileDescr(source=folder / "cover.png")],
        inputs=[_input(spec, folder, facts)],
        outputs=[_output(spec, folder, facts)],
        weights=_weights(spec, folder),
        config=spec.Config(keramos={**facts, "keramos": __version__}),
    )


def _input(spec: Any, folder: Path, facts: Mapping[str, Any]) -> Any:
    return spec.InputTensorDescr(
        id=INPUT,
        description="raw grey values; the model normalises them itself",
        axes=input_axes(spec, facts),
        data=spec.IntervalOrRatioDataDescr(type="float32"),
        test_tensor=spec.FileDescr(source=folder / "test-input.npy"),
        sample_tensor=spec.FileDescr(source=folder / "sample-input.tif"),
    )


def _output(spec: Any, folder: Path, facts: Mapping[str, Any]) -> Any:
    return spec.OutputTensorDescr(
        id=OUTPUT,
        description="score of each phase; the highest decides",
        axes=output_axes(spec, facts),
        data=spec.IntervalOrRatioDataDescr(type="float32", range=(0.0, 1.0)),
        test_tensor=spec.FileDescr(source=folder / "test-output.npy"),
        sample_tensor=spec.FileDescr(source=folder / "sample-output.tif"),
    )


def _weights(spec: Any, folder: Path) -> Any:
    torchscript = spec.TorchscriptWeightsDescr(
        source=folder / "weights.pt", pytorch_version=spec.Version(version("torch").split("+")[0])
    )
    onnx = spec.OnnxWeightsDescr(source=folder / "weights.onnx", opset_version=ONNX_OPSET, parent="torchscript")
    return spec.WeightsDescr(torchscript=torchscript, onnx=onnx)


def _licence(spec: Any, folder: Path, licence: str) -> Any:
    """The SPDX identifier, or a file with what the card says instead."""
    try:
        return spec.LicenseId(licence)
    except ValueError:
        return spec.FileDescr(source=folder / "LICENSE.txt")
