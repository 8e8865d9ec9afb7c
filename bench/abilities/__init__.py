"""Outputs of a trained game's abilities that are kept for pictures."""
