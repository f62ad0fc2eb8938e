"""Numbered SQL steps of intake's read models."""
