"""What every service is mounted on: knows the shape of a fact, never a fact."""
