"""Stacks, labels, models and annotated data in the formats of other software."""

from keramos.export.bioimageio.package import PackageSettings, write_package
from keramos.export.mesh.settings import MeshSettings
from keramos.export.mesh.write import check_mesh, write_mesh
from keramos.export.nnunet.dataset import write_nnunet
from keramos.export.nnunet.settings import NnunetSettings
from keramos.export.vtk.image import write_vti

__all__ = [
    "MeshSettings",
    "NnunetSettings",
    "PackageSettings",
    "check_mesh",
    "write_mesh",
    "write_nnunet",
    "write_package",
    "write_vti",
]
