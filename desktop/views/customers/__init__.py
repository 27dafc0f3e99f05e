"""Page customers."""
