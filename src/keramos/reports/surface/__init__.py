"""The surface of a phase as triangles, to be turned in the page."""

from keramos.reports.surface.mesh import Mesh, mesh_of
from keramos.reports.surface.still import still_picture
from keramos.reports.surface.surface_view import SurfaceView, choose_labels, make_surfaces, surface_view

__all__ = ["Mesh", "SurfaceView", "choose_labels", "make_surfaces", "mesh_of", "still_picture", "surface_view"]
