"""The Migrate page: files in, mapping, dry run, import, reconciliation, undo."""
