"""The approvals page."""
