"""Backbone families that fill a game's network roles."""
