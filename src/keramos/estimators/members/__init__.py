"""The estimators that Keramos brings, a module for each group."""
