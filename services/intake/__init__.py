"""Hears the call: reports from the hotline, villages and hospitals."""
