"""Where mail comes from: mailboxes over IMAP, files, and the bytes of a mail as a core Message."""
