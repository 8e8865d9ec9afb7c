"""Tables, plots and pages from tidy DataFrames."""

from reports.site import write

__all__ = ["write"]
