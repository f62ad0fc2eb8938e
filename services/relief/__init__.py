"""Decides who is helped, and watches the deadlines."""
