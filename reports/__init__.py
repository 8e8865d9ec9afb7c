"""Tables, plots and pages from tidy DataFrames."""
