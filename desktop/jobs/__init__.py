"""What runs by the clock: rules that fall due, found by name, each done once (PLT-09)."""
