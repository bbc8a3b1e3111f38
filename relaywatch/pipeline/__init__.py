"""The way of a message: ingest (mailbox to case), sweep (case to warnings due), deliver (warnings to people)."""
