"""Adversarial games, each written for one replica as its paper writes it."""
