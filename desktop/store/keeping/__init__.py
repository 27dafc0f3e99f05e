"""Backups: taken while the database is in use, checked, listed, restored; and what is done about damage."""
