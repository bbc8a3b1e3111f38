"""What of a mail's text is its author's own, and what stands there: quotes, footers, the contact form, facts."""
