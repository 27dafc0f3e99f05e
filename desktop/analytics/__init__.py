"""Pure arithmetic: no Qt and no database."""
