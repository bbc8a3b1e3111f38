"""What a message is: its class, and whose."""
