"""Tables, plots and pages from tidy DataFrames; `gan_bench.reports.site.write` writes a report."""
