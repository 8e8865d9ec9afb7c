"""The folder of results: records, data frames, reports, tuned profiles."""
