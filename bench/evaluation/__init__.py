"""Evaluation of samples that were made elsewhere: files of images or points, and generators in Python."""
