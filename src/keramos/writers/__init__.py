"""Stacks, labels, models and annotated data in the formats of other software."""

from keramos.writers.bioimageio.package import PackageSettings, write_package
from keramos.writers.mesh.settings import MeshSettings
from keramos.writers.mesh.write import check_mesh, write_mesh
from keramos.writers.nnunet.dataset import write_nnunet
from keramos.writers.nnunet.settings import NnunetSettings
from keramos.writers.vtk.image import write_vti

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
