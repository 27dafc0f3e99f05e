"""User actions: one function, one transaction."""
