"""Numbered SQL steps of a schema."""
