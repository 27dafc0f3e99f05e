"""The Targets page: who carries what, how the month is calibrated, and where the target leaks."""
