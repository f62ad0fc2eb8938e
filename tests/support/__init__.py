"""What several tests need: servers, and which broker to use."""
