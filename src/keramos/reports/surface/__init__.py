"""The surface of a phase as triangles, to be turned in the page."""

from keramos.reports.surface.mesh import Mesh, mesh_of
from keramos.reports.surface.surface_view import SurfaceView, make_surfaces, surface_view

__all__ = ["Mesh", "SurfaceView", "make_surfaces", "mesh_of", "surface_view"]
