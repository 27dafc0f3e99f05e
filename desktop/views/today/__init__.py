"""Page today."""
