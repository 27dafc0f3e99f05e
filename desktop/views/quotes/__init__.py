"""The Quotes page: what was offered, how long it holds, and what became of it."""
