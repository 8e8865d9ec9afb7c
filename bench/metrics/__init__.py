"""Features to statistics to values: every number the harness reports."""
