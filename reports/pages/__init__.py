"""Pages of the report: each a function from boards and pictures to `Page`s."""
