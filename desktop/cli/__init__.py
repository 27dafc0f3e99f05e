"""Headless commands: everything the console does, without a window (spec: exit codes and JSON)."""
