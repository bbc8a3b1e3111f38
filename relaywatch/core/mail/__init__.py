"""What a mail is: the message that is kept, addresses, who wrote it, whether that is proved, and when it came."""
