"""Again: at a start, what was refused for good is tried once more, and who is told now hears what others did not.

A mailbox may have been made since, or its address in the configuration corrected; then the warning goes to the
corrected one. What is settled by then is dropped when it is composed, as always.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from relaywatch.config import Account, Settings
from relaywatch.pipeline.warnings.registry import NEED_NOT_ARRIVE, kind_of
from relaywatch.store import Store

_OFTEN = timedelta(hours=1)  # between two tries under one configuration, where every minute is a start (cron)
_ALWAYS = datetime.max.replace(tzinfo=UTC)
_META = "told_with"
_NOT_TOLD = "no longer among those who are told"


def try_again(store: Store, settings: Settings, now: datetime, *, once: bool) -> None:
    """Make pending again what was refused, and address what is pending to those who are told now.

    `once`: it is a run that ends by itself.
    """
    accounts = {account.name: account for account in settings.accounts}
    with store.transaction():
        told_with = _told_with(settings)
        changed = store.get_meta(_META) != told_with
        if changed:
            store.set_meta(_META, told_with)
        before = _ALWAYS if changed or not once else now - _OFTEN
        store.try_refused_again(now, before, but=NEED_NOT_ARRIVE)
        if changed:
            _readdress(store, accounts, now)


def _told_with(settings: Settings) -> str:
    """Return a digest of how warnings leave and who is told; of secrets it holds where they come from alone."""
    parts = (settings.smtp, [(account.name, account.notify) for account in settings.accounts])
    return sha256(repr(parts).encode()).hexdigest()


def _readdress(store: Store, accounts: Mapping[str, Account], now: datetime) -> None:
    for delivery in store.addressed():
        account = accounts.get(delivery.account)
        if account is None or kind_of(delivery.step).for_one_alone:
            continue
        notify = account.notify
        if delivery.recipient not in (*notify.to, *notify.escalate_to):
            store.add_recipients(delivery.warning, notify.to, now)
            store.delivery_dropped(delivery.id, now, _NOT_TOLD)
