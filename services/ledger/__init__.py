"""Keeps the books of the standby funds (备用金)."""
