"""Merging records into one, and splitting them again from before-images."""
