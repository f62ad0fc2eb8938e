"""The routes of relief, and what they share."""
