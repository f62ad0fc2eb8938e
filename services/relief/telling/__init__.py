"""The sentences of a case's story, one module for each part of what is told."""
