"""How the steps of a case are shown."""
