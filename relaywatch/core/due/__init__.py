"""What people are to be told, and when."""
