"""relaywatch: warns a marketplace seller before a reply deadline lapses."""
