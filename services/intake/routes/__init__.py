"""The routes of intake, and what they share."""
