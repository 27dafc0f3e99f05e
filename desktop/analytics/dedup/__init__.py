"""Which records are the same customer or the same person: names taken apart, candidates, evidence, clusters."""
