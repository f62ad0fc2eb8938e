"""The other side of intake's exchanges, as their systems would be written: they know HTTP and our documents only."""
