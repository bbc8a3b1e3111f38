"""What many cases amount to."""
