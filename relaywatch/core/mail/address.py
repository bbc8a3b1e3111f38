"""Whose address is it: the relay's, Walmart's, the seller's, or nobody's that concerns us.

Addresses are compared lower-case and bare. Relay domains match exactly (es.relay.walmart.com sends notices,
no customer's mail), agents' domains with what is below them, but not the relays below them. A look-alike
domain (walmart-support.com, walmart.com.evil.example) matches neither and is nobody's.
"""

from dataclasses import dataclass

_RELAY_LABEL = "relay"  # relay.walmart.com, es.relay.walmart.com: machines, not agents
_NO_REPLY = (
    "noreply",
    "no-reply",
    "no_reply",
    "donotreply",
    "do-not-reply",
    "do_not_reply",
    "ne-pas-repondre",
    "nepasrepondre",
)
_MAIL_SYSTEMS = ("mailer-daemon", "mailerdaemon", "postmaster", "mail-daemon", "maildaemon", "mdaemon", "bounce")


def domain(address: str) -> str:
    """Return what stands after the last `@`, lower-case; "" where there is none."""
    return address.rpartition("@")[2].lower() if "@" in address else ""


def is_no_reply(address: str) -> bool:
    """Whether an address says of itself that nobody reads it."""
    local = address.partition("@")[0].lower()
    return local.startswith(_NO_REPLY) or local.endswith(_NO_REPLY)


def is_mail_system(address: str) -> bool:
    """Whether an address is a mail system's, by its name."""
    return address.partition("@")[0].lower().startswith(_MAIL_SYSTEMS)


def is_below(host: str, parents: frozenset[str]) -> bool:
    """Whether a host name is one of the parents or below one of them."""
    return any(host == parent or host.endswith(f".{parent}") for parent in parents)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who is who for one seller. All lower-case."""

    registered: frozenset[str] = frozenset()  # the [[mailbox]] addresses: what the relay takes mail from
    seller: frozenset[str] = frozenset()  # further addresses of the seller's: theirs, not registered
    seller_domains: frozenset[str] = frozenset()
    internal: frozenset[str] = frozenset()  # policy Q4
    relay_domains: frozenset[str] = frozenset({"relay.walmart.ca", "relay.walmart.com"})
    agent_domains: frozenset[str] = frozenset({"walmart.com", "walmart.ca", "wal-mart.com"})
    handover: frozenset[str] = frozenset()  # policy H: none means any agent's address that people read
    own: frozenset[str] = frozenset()  # what relaywatch itself sends from
    authserv_ids: frozenset[str] = frozenset()  # RFC 8601 2.5: whose Authentication-Results are believed

    def is_relay(self, address: str) -> bool:
        """Whether a customer stands behind it."""
        return domain(address) in self.relay_domains

    def is_agent(self, address: str) -> bool:
        """Whether it is of Walmart's staff or systems, no relay's."""
        host = domain(address)
        if host in self.relay_domains or not is_below(host, self.agent_domains):
            return False
        return _RELAY_LABEL not in host.split(".")

    def is_walmart(self, address: str) -> bool:
        """Whether its domain is Walmart's in any way: relay, agent or a machine."""
        host = domain(address)
        return host in self.relay_domains or is_below(host, self.agent_domains)

    def is_outside(self, address: str) -> bool:
        """Whether a customer or a stranger stands behind it: neither Walmart's people nor the seller's."""
        if self.is_walmart(address):
            return self.is_relay(address) and not is_no_reply(address)
        return not (self.is_seller(address) or address in self.own)

    def is_registered(self, address: str) -> bool:
        """Whether the relay passes on what comes from it (policy Q5)."""
        return address.lower() in self.registered

    def is_seller(self, address: str) -> bool:
        """Whether it is the seller's in any way, their own people included, and with a detail (RFC 5233): `care+x@`."""
        address = address.lower()
        if "+" in address:
            local, _, host = address.partition("@")
            address = f"{local.partition('+')[0]}@{host}"
        return (
            address in self.registered
            or address in self.seller
            or address in self.internal
            or is_below(domain(address), self.seller_domains)
        )

    def is_handover(self, address: str) -> bool:
        """Whether a message to it reaches the Customer Experience team (policy H)."""
        if self.handover:
            return address.lower() in self.handover
        return self.is_agent(address) and not is_no_reply(address) and not is_mail_system(address)
