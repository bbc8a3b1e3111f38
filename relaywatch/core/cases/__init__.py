"""What a conversation amounts to: whom each reply answers, clocks, findings, settlement."""
