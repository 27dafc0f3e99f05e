"""Bulk loading: match, difference and write whole tables of imported rows in one transaction (IMP-01)."""
