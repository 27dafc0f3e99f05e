"""Connecting to a team database, setting one up, and seeing it with another person's eyes."""
