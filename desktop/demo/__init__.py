"""The generated demo firm and its legacy files; every name in it is fictitious."""
