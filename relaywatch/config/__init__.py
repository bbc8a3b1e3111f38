"""Configuration: TOML in, frozen Settings out; rules that are words; secrets."""

from relaywatch.config.errors import ConfigError
from relaywatch.config.outlet import Outlet, load_outlet, outlet_of
from relaywatch.config.read import PATH_VARIABLE, find_config, load
from relaywatch.config.rules import load_rules
from relaywatch.config.secrets import SecretError
from relaywatch.config.settings import MAIN_ACCOUNT, Account, Mailbox, Settings, Smtp

__all__ = [
    "MAIN_ACCOUNT",
    "PATH_VARIABLE",
    "Account",
    "ConfigError",
    "Mailbox",
    "Outlet",
    "SecretError",
    "Settings",
    "Smtp",
    "find_config",
    "load",
    "load_outlet",
    "load_rules",
    "outlet_of",
]
