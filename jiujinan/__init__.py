"""The whole as one command: embedded start, demonstration, tools for operators."""
