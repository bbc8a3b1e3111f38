"""Rules and words as TOML, read once by relaywatch.config.rules and handed to the core as values."""
