"""The routes of ledger, and what they share."""
