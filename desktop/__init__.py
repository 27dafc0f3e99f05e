"""Plumbline (准绳): the console with which sales managers see, calibrate and hand over their sales."""

__version__ = "0.1.0"
