"""Which conversation a message belongs to."""
