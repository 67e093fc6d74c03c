"""Models and annotated data in the formats of other software."""

from keramos.export.bioimageio.package import PackageSettings, write_package
from keramos.export.nnunet.dataset import write_nnunet
from keramos.export.nnunet.settings import NnunetSettings

__all__ = ["NnunetSettings", "PackageSettings", "write_nnunet", "write_package"]
