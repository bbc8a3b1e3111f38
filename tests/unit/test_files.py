"""Mail in files: every format, every broken thing, and what folder names mean."""

import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from lab_parse import HEAD, mail

from relaywatch.core.language.folders import folder_named
from relaywatch.core.mail.message import Folder, Role
from relaywatch.mailbox import files
from relaywatch.mailbox.files import FileMail, read_file, read_path

DIVIDER = "From care@shop.example Sun Nov 22 22:13:05 2026\n"


def _write(path: Path, content: str | bytes = HEAD + "\nhi\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def _read(path: Path) -> list[FileMail]:
    return list(read_path(str(path)))


@pytest.mark.parametrize(
    "name",
    [
        "Sent", "SENT", "sent", "Sent Items", "Sent Messages", "sent-mail", "Sent.mbox", ".Sent", ".INBOX.Sent",
        "INBOX.Sent", "[Gmail]/Sent Mail", "INBOX/Sent", "Envoyés", "ENVOYÉS", "Éléments envoyés",
        "Messages envoyés", "Courrier envoyé", "Gesendet", "Gesendete Objekte", "Gesendete Elemente",
        "Enviados", "Elementos enviados", "Mensajes enviados", "Inviati", "Posta inviata", "Itens enviados",
        "Enviadas", "Verzonden", "Verzonden items", "Wysłane", "Elementy wysłane", "已发送", "已发送邮件",
        "寄件備份", "已傳送", "送信済み", "送信済みアイテム", "보낸편지함", "보낸 메일함", "Отправленные",
        "Sent.sbd", "E\u0301le\u0301ments envoye\u0301s",
    ],
)  # fmt: skip
def test_a_name_that_programs_give_to_sent_is_sent(name: str):
    assert folder_named(name) is Folder.SENT


@pytest.mark.parametrize(
    "name",
    [
        "Junk", "Spam", "SPAM", "Junk E-mail", "Bulk Mail", ".Junk", "INBOX.Spam", "Junk.mbox", "Courrier indésirable",
        "Indésirables", "Pourriel", "Unerwünscht", "Junk-E-Mail", "Correo no deseado", "Posta indesiderata",
        "Lixo eletrônico", "Ongewenste e-mail", "垃圾邮件", "垃圾郵件", "迷惑メール", "스팸메일함",
        "Спам", "Wiadomości-śmieci",
    ],
)  # fmt: skip
def test_a_name_that_programs_give_to_junk_is_junk(name: str):
    assert folder_named(name) is Folder.JUNK


@pytest.mark.parametrize(
    "name",
    ["", "INBOX", "Inbox", "presents", "sent2024", "Not sent", "Unsent", "sentinel", "spammer", "Drafts",
     "Archive.Sent", "consent", "x" * 300, "Postausgang", "Outbox", "发件箱", "a.b.Sent"],
)  # fmt: skip
def test_other_names_are_neither(name: str):
    assert folder_named(name) is None


@pytest.mark.parametrize(
    ("path", "folder", "role"),
    [
        ("care/inbox/1.eml", Folder.INBOX, Role.CARE),
        ("care/Sent/1.eml", Folder.SENT, Role.CARE),
        ("care/Sent/2026/1.eml", Folder.SENT, Role.CARE),
        ("care/Junk/1.eml", Folder.JUNK, Role.CARE),
        ("complaints/inbox/1.eml", Folder.INBOX, Role.COMPLAINT),
        ("Complaint/1.eml", Folder.INBOX, Role.COMPLAINT),
        ("complaints/Sent/1.eml", Folder.SENT, Role.COMPLAINT),
        ("complaints/Sent/Junk/1.eml", Folder.JUNK, Role.COMPLAINT),
        ("complaints@shop/1.eml", Folder.INBOX, Role.CARE),
        ("care/spam.eml", Folder.INBOX, Role.CARE),
        ("Maildir/.Sent/cur/1.x:2,S", Folder.SENT, Role.CARE),
        ("Maildir/.INBOX.Complaints/new/1.x", Folder.INBOX, Role.COMPLAINT),
    ],
)
def test_names_from_the_given_path_inwards_say_what_the_mail_is(tmp_path: Path, path: str, folder: Folder, role: Role):
    _write(tmp_path / "mail" / path)
    (found,) = _read(tmp_path / "mail")
    assert (found.folder, found.role, found.error) == (folder, role, "")
    assert found.label == f"{tmp_path}/mail/{path}"


def test_names_before_the_given_path_say_nothing_but_its_own_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    _write(tmp_path / "complaints/Sent/inbox/1.eml")
    (found,) = _read(tmp_path / "complaints/Sent/inbox")
    assert (found.folder, found.role) == (Folder.INBOX, Role.CARE)
    (found,) = _read(tmp_path / "complaints/Sent")
    assert (found.folder, found.role) == (Folder.SENT, Role.CARE)
    monkeypatch.chdir(tmp_path / "complaints/Sent")
    (found,) = read_path(".")
    assert (found.folder, found.label) == (Folder.SENT, "./inbox/1.eml")


def test_an_mbox_is_divided_and_its_marks_are_taken_off(tmp_path: Path):
    body = "one\n\n>From the kiln\n>>From afar\nFrom a line without a blank before it\n\nFrom Bob, with thanks\n"
    box = _write(tmp_path / "Sent.mbox", DIVIDER + mail(body) + "\n" + DIVIDER + mail("two\n"))
    first, second = _read(box)
    assert first.raw.decode() == mail(
        "one\n\nFrom the kiln\n>From afar\nFrom a line without a blank before it\n\nFrom Bob, with thanks\n\n"
    )
    assert (second.raw.decode(), second.label, second.folder) == (mail("two\n"), f"{box}:2", Folder.SENT)


@pytest.mark.parametrize(
    "divider",
    [
        "From - Sun Nov 22 22:13:05 2026\n",
        "From MAILER-DAEMON Sun Nov 22 22:13:05 2026\r\n",
        "From 1234567@xxx Sun Nov 22 22:13:05 +0000 2026\n",
        "From care@shop.example Sun, 22 Nov 2026 22:13:05 +0000\n",
    ],
)
def test_dividers_of_all_programs_are_known(tmp_path: Path, divider: str):
    box = _write(tmp_path / "box", (divider + mail("x\n") + "\n") * 3)
    assert [found.label for found in _read(box)] == [f"{box}:{n}" for n in (1, 2, 3)]


def test_an_mbox_is_never_in_memory(tmp_path: Path):
    box = tmp_path / "box"
    with box.open("w") as file:
        for _ in range(300):
            file.write(DIVIDER + mail("a line of some length, so that it adds up\n" * 3_000) + "\n")
    assert box.stat().st_size > 30_000_000
    tracemalloc.start()
    try:
        assert sum(len(found.raw) > 100_000 for found in read_path(str(box))) == 300
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize("write", [lambda raw: DIVIDER.encode() + raw, lambda raw: raw])
def test_a_mail_is_kept_to_its_bound(tmp_path: Path, write: Callable[[bytes], bytes]):
    endless = _write(tmp_path / "box", write(mail("x" * 3_000_000).encode()))
    (found,) = _read(endless)
    assert (len(found.raw), found.whole) == (files.MAX_MAIL, False)


def test_what_is_no_mail_is_an_error_and_the_rest_goes_on(tmp_path: Path):
    root = tmp_path / "mail"
    _write(root / "a.eml", "")
    _write(root / "b.eml", bytes(range(256)) * 40)
    _write(root / "c.eml")
    (root / "d.eml").symlink_to(root / "nowhere")
    _write(root / "e", DIVIDER + "\n\n" + DIVIDER + mail("x\n"))
    found = _read(root)
    names = [one.label.removeprefix(f"{root}/") for one in found]
    assert names == ["a.eml", "b.eml", "c.eml", "e:1", "e:2", "d.eml"]
    assert [one.error for one in found] == [
        "empty",
        "binary, not a mail",
        "",
        "empty",
        "",
        "no such file or directory",
    ]
    assert all(not one.raw for one in found if one.error)


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path):
    (found,) = _read(tmp_path / "missing")
    assert found.error == "no such file or directory"
    assert read_file(str(tmp_path / "missing")).error == "no such file or directory"
    assert read_file(str(tmp_path)).error == "is a directory"
    assert read_file("a\0b").error == "no such name"
    assert [one.error for one in read_path("a\0b")] == ["no such name"]


def test_links_that_go_round_are_read_once(tmp_path: Path):
    _write(tmp_path / "mail/a/1.eml")
    (tmp_path / "mail/a/back").symlink_to(tmp_path / "mail")
    (tmp_path / "mail/again").symlink_to(tmp_path / "mail/a")
    assert len(_read(tmp_path / "mail")) == 1


def test_what_programs_keep_beside_mail_is_passed_over(tmp_path: Path):
    for name in ("Sent.msf", ".hidden", "dovecot.index.log", "dovecot-uidlist", "maildirsize", "notes.html"):
        _write(tmp_path / "mail" / name, "x\n")
    _write(tmp_path / "mail/tmp/1.eml")
    assert [one.label for one in _read(tmp_path / "mail")] == [f"{tmp_path}/mail/tmp/1.eml"]
    _write(tmp_path / "mail/cur/2")
    assert [one.label for one in _read(tmp_path / "mail")] == [f"{tmp_path}/mail/cur/2"]
    (found,) = _read(tmp_path / "mail/notes.html")
    assert found.error == ""


def test_a_single_file_is_named_as_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    _write(tmp_path / "note.txt", "Where is my order?\n")
    monkeypatch.chdir(tmp_path)
    assert read_file("./note.txt") == FileMail(label="./note.txt", raw=b"Where is my order?\n")


def test_a_name_that_is_no_text_is_still_read(tmp_path: Path):
    name = b"caf\xe9\n.eml"
    _write(tmp_path / "mail" / os.fsdecode(name))
    (found,) = _read(tmp_path / "mail")
    assert found.label.encode().endswith("caf\ufffd .eml".encode())
    assert found.raw
