"""Checks of a stack, one a file: each takes a `StackSurvey` and gives findings."""
