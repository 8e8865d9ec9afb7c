"""Describe a variant or composition, from its declarations and its networks on given data."""
