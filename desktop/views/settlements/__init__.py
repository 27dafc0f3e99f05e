"""The Settlements page."""
