"""Figures: what the system does in a second, each beside what a user would pick instead, in the same run."""
