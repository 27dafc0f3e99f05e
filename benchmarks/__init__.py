"""Side-by-side measurements: ours against what a user would do instead, both in one run."""
