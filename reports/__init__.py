"""Tables, plots and pages from tidy DataFrames."""

from gan_bench.reports.site import write

__all__ = ["write"]
