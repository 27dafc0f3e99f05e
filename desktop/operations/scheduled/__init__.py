"""What scheduled reports say: one module per kind of report, found through `CONTENTS` of `making`."""
