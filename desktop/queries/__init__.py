"""What a page shows: frozen rows, never live records."""
