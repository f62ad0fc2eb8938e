"""Numbered SQL steps of ledger's read model."""
