"""What a reply is worth: the signs that it shows, weighed."""
