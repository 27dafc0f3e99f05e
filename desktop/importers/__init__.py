"""From file to frames, pure: sniff, read in a child process, map, convert, check."""
