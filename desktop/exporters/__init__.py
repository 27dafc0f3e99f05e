"""Workbooks out, and telling genuine from altered."""
