"""Foreign words to our commands, and back: one file per channel."""
