"""The surface of a phase as triangles, to be turned in the page."""

from keramos.reports.surface.mesh import Mesh, mesh_of
from keramos.reports.surface.surface_view import SurfaceView, surface_view

__all__ = ["Mesh", "SurfaceView", "mesh_of", "surface_view"]
