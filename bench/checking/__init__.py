"""Checks of a user's own variant, dataset, networks, metric or suite; the contract tests call them too."""
