"""A whole pipeline as one TOML file: killed steps go on, and what nothing has changed for is skipped."""

from keramos.project.recipe.read import read_recipe
from keramos.project.recipe.run import StepDone, run
from keramos.project.recipe.schema import Recipe

__all__ = ["Recipe", "StepDone", "read_recipe", "run"]
