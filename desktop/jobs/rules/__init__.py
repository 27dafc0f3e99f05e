"""The rules: each module here has a `RULE` (or several, `RULES`), and is found by being here."""
