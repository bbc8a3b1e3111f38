"""A real Dovecot on loopback, for tests: any user name is a mailbox of its own, with one password for all.

Runs as root (then mail belongs to dovecot's own user) and as an ordinary user. Stops by itself at exit.
"""

import atexit
import contextlib
import grp
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from imapclient import IMAPClient

PASSWORD = "kiln-opens-at-dawn"
_BINARY = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
_ADMIN = shutil.which("doveadm", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin:/usr/local/bin")

_CONF = """
protocols = imap
listen = 127.0.0.1
base_dir = {base}/run
state_dir = {base}/run
log_path = {base}/dovecot.log
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
disable_plaintext_auth = no
auth_mechanisms = plain login
ssl = {ssl}
ssl_cert = <{base}/cert.pem
ssl_key = <{base}/key.pem
mail_location = maildir:{base}/mail/%u
mail_max_userip_connections = 1000
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={internal} gid={internal_group} home={base}/mail/%u
}}
service imap-login {{
  chroot =
  service_count = 0
  client_limit = 1000
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service imap {{
  process_limit = 1000
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
auth_failure_delay = 0
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    special_use = \\Sent
  }}
  mailbox Junk {{
    special_use = \\Junk
  }}
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = entry.read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                found.append(int(entry.parent.name))
    return found


def no_news(log: str) -> str:
    """Return why a Dovecot that logged this tells IDLE of no new mail, in one sentence, or an empty text."""
    found = re.search(r"Inotify (instance|watch) limit .*? exceeded", log)
    if found is None:
        return ""
    kind = {"instance": "instances", "watch": "watches"}[found[1]]
    return (
        f"this machine has no inotify {kind} left for Dovecot: end what holds them, or raise fs.inotify.max_user_{kind}"
    )


class Dovecot:
    """One server; `start` and `stop` may alternate, the mail stays."""

    def __init__(self) -> None:
        if _BINARY is None or _ADMIN is None:
            raise RuntimeError("Dovecot is not installed: apt-get install dovecot-imapd")
        self.base = Path(tempfile.mkdtemp(prefix="relaywatch-dovecot-"))
        self.base.chmod(0o755)
        self.port, self.tls_port = free_port(), free_port()
        self.mail = self.base / "mail"
        (self.base / "run").mkdir()
        self.mail.mkdir()
        me, mine = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
        root = os.getuid() == 0
        self._owner = "dovecot" if root else me
        conf = _CONF.format(
            base=self.base,
            port=self.port,
            tls_port=self.tls_port,
            password=PASSWORD,
            ssl="yes" if self._certify() else "no",
            internal=self._owner,
            internal_group="dovecot" if root else mine,
            login="dovenull" if root else me,
        )
        (self.base / "dovecot.conf").write_text(conf)
        self._give(self.mail)
        atexit.register(self.close)
        self.start()

    def start(self) -> None:
        # its children keep the pipes open: never capture its output
        subprocess.run(
            [_BINARY, "-c", self._conf],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5):
                return
            time.sleep(0.02)
        raise RuntimeError(f"Dovecot did not come up: {self.log[-500:]}")

    def stop(self) -> None:
        """End the server and every connection to it, as a crash would: its children outlive a polite end."""
        with contextlib.suppress(OSError, ValueError):
            master = int((self.base / "run" / "master.pid").read_text())
            family = [master, *_children(master)]
            for process in family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            (self.base / "run" / "master.pid").unlink()

    def kick(self, user: str) -> None:
        """End every connection of a user."""
        subprocess.run(
            [_ADMIN, "-c", self._conf, "kick", user],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=20,
        )

    def close(self) -> None:
        if self.base.exists():
            self.stop()
            shutil.rmtree(self.base, ignore_errors=True)
            shutil.rmtree(self.base, ignore_errors=True)  # a child may have written meanwhile

    def client(self, user: str) -> IMAPClient:
        client = IMAPClient("127.0.0.1", port=self.port, ssl=False, timeout=20)
        client.login(user, PASSWORD)
        return client

    def put(
        self,
        user: str,
        *messages: bytes,
        folder: str = "INBOX",
        at: datetime | None = None,
        flags: Iterable[bytes] = (),
    ) -> None:
        """Deliver messages that the server says it received at a moment (now)."""
        with self.client(user) as client:
            if folder != "INBOX" and not client.folder_exists(folder):
                client.create_folder(folder)
            for message in messages:
                client.append(folder, message, flags=tuple(flags), msg_time=at)

    def flags(self, user: str, folder: str = "INBOX") -> dict[int, set[bytes]]:
        """Return the flags by UID, \\Recent included, without changing any."""
        with self.client(user) as client:
            client.select_folder(folder, readonly=True)
            return {uid: set(data[b"FLAGS"]) for uid, data in client.fetch(client.search("ALL"), ["FLAGS"]).items()}

    def fill(self, user: str, messages: Iterable[bytes], *, at: datetime, step: timedelta = timedelta()) -> int:
        """Lay messages into INBOX as files, which is quick, each `step` later than the last. Return how many."""
        new = self.mail / user / "new"
        for folder in (new, new.parent / "cur", new.parent / "tmp"):
            folder.mkdir(parents=True, exist_ok=True)
        number = 0
        for number, message in enumerate(messages, 1):
            path = new / f"{1_000_000_000 + number}.{number:07}.kiln"
            path.write_bytes(message)
            stamp = (at + step * number).timestamp()
            os.utime(path, (stamp, stamp))
        self._give(self.mail / user)
        return number

    def renumber(self, user: str) -> None:
        """Make the server number INBOX anew: another UIDVALIDITY. Nobody may be connected as that user."""
        self.kick(user)
        for name in (
            "dovecot-uidlist",
            "dovecot-uidvalidity",
            *(path.name for path in (self.mail / user).glob("dovecot-uidvalidity.*")),
        ):
            (self.mail / user / name).unlink(missing_ok=True)
        for path in (self.mail / user).glob("dovecot.index*"):
            path.unlink()

    @property
    def log(self) -> str:
        """What it logged so far."""
        path = self.base / "dovecot.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    @property
    def certificate(self) -> Path:
        """Its self-signed certificate, for 127.0.0.1 and localhost."""
        return self.base / "cert.pem"

    @property
    def _conf(self) -> str:
        return str(self.base / "dovecot.conf")

    def _certify(self) -> bool:
        command = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
        ]
        command += [
            "-addext",
            "subjectAltName=IP:127.0.0.1,DNS:localhost",
            "-keyout",
            str(self.base / "key.pem"),
            "-out",
            str(self.certificate),
        ]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def _give(self, path: Path) -> None:
        if os.getuid() == 0:
            for each in (path, *path.rglob("*")):
                with contextlib.suppress(FileNotFoundError):  # the server's own lock, gone meanwhile
                    shutil.chown(each, self._owner, self._owner)
