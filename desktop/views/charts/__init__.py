"""Charts without a default look: one accent and greys, direct labels, records behind every mark."""
