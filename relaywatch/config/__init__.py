"""Configuration: TOML in, frozen Settings out; rules that are words; secrets."""

from relaywatch.config.errors import ConfigError
from relaywatch.config.rules import load_rules
from relaywatch.config.secrets import Secret, SecretError, Source
from relaywatch.config.settings import MAIN_ACCOUNT, Account, Mailbox, Notify, Service, Settings, Smtp

__all__ = [
    "MAIN_ACCOUNT",
    "Account",
    "ConfigError",
    "Mailbox",
    "Notify",
    "Secret",
    "SecretError",
    "Service",
    "Settings",
    "Smtp",
    "Source",
    "load_rules",
]
