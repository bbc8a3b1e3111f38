"""What warnings say: a file for each kind of notice and for each language."""
