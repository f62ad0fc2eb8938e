"""Numbered SQL steps of relief's read model, and the index by which a case is found."""
