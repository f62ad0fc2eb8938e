"""What is said: every fact of every service, defined once."""
