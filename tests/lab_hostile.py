"""Mail made to hang, crash or fill whoever reads it. Each trap is about a megabyte, built when asked for."""

import base64
from collections.abc import Callable

MB = 1_048_576
PLAIN = b"From: jordan@shop.example\nSubject: hi\nMessage-ID: <one@shop.example>\n"


def _nested(depth: int) -> bytes:
    heads = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(depth))
    return (
        PLAIN
        + heads
        + b"Content-Type: text/plain\n\ndeep\n"
        + b"".join(b"--b%d--\n" % n for n in reversed(range(depth)))
    )


def _one_boundary(inner: bytes) -> bytes:
    return PLAIN + b"Content-Type: multipart/mixed; boundary=b\n\n" + inner


def _html(text: str) -> bytes:
    return PLAIN + b"Content-Type: text/html; charset=utf-8\n\n" + text.encode()


def _fill(unit: bytes, size: int = MB) -> bytes:
    return unit * (size // len(unit))


TRAPS: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "blank lines": lambda: _fill(b"\n"),
    "NULs": lambda: b"\0" * MB,
    "no headers": lambda: _fill(b"just words and more of them\n"),
    "one endless line": lambda: b"x" * MB,
    "endless line in a header": lambda: PLAIN + b"X-Long: " + b"x" * MB + b"\n\nbody\n",
    "carriage returns": lambda: PLAIN.replace(b"\n", b"\r") + b"\r" + _fill(b"word\r"),
    "only escapes": lambda: _fill(b"\x1b$B"),
    "utf-16 marks": lambda: b"\xff\xfe" + b"\x00\xd8" * (MB // 2),
    "a million received": lambda: (
        _fill(b"Received: from a by b; Sun, 22 Nov 2026 22:13:05 +0000\n") + PLAIN + b"\nbody\n"
    ),
    "a million headers": lambda: PLAIN + _fill(b"a:\n") + b"\nbody\n",
    "a million folds": lambda: PLAIN + b"References:" + _fill(b"\n <a@b>") + b"\n\nbody\n",
    "garbage between headers": lambda: _fill(b"no colon here\nX: y\n") + PLAIN + b"\nbody\n",
    "junk among headers": lambda: _fill(b":\n" * 2_000 + b"to: x\n", 260_000) + PLAIN + b"\nbody\n",
    "junk among parts' headers": lambda: _one_boundary(_fill(b"--b\n" + b":\n" * 2_000 + b"to: x\n\nx\n")),
    "subject of encoded words": lambda: b"From: a@b.example\nSubject: " + _fill(b"=?utf-8?B?w6k=?= ") + b"\n\nbody\n",
    "subject of open words": lambda: b"From: a@b.example\nSubject: " + _fill(b"=?utf-8?B?") + b"\n\nbody\n",
    "subject of question marks": lambda: b"Subject: =?a?q?" + _fill(b"? =?a?q?x") + b"\n\nbody\n",
    "content-type parameters": lambda: PLAIN + b"Content-Type: text/plain" + _fill(b"; a=b") + b"\n\nbody\n",
    "content-type quotes": lambda: PLAIN + b'Content-Type: text/plain; a="' + _fill(b'\\"') + b"\n\nbody\n",
    "content-type semicolons": lambda: PLAIN + b"Content-Type: text/plain" + _fill(b";") + b"\n\nbody\n",
    "parameter continuations": lambda: (
        PLAIN + b"Content-Type: text/plain" + b"".join(b";\n n*%d*=%%41" % n for n in range(90_000)) + b"\n\nbody\n"
    ),
    "many addresses": lambda: b"To: " + _fill(b"a@b.example, ") + b"\n\nbody\n",
    "address quotes": lambda: b'To: "' + _fill(b'\\"') + b"\n\nbody\n",
    "address comments": lambda: b"To: " + _fill(b"(") + b"\n\nbody\n",
    "address angles": lambda: b"From: " + _fill(b"<") + b"\nCc: " + _fill(b"<a@b>", 60_000) + b"\n\nbody\n",
    "address groups": lambda: b"To: " + _fill(b"g:") + b"\n\nbody\n",
    "many ids": lambda: (
        PLAIN + b"References: " + _fill(b"<a@b> ") + b"\nIn-Reply-To: " + _fill(b"<", 60_000) + b"\n\nbody\n"
    ),
    "date digits": lambda: b"Date: " + b"9" * MB + b"\n\nbody\n",
    "date comments": lambda: b"Date: Sun, 22 Nov 2026 22:13:05 +0000 " + _fill(b"(") + b"\n\nbody\n",
    "received comments": lambda: b"Received: from a " + _fill(b"(", 16_000) + b" by b; x\n\nbody\n",
    "nested multiparts": lambda: _nested(12_000),
    "nested in one boundary": lambda: PLAIN + _fill(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n"),
    "nested messages": lambda: PLAIN + _fill(b"Content-Type: message/rfc822\n\n"),
    "nested messages in base64": lambda: _wrapped(14),
    "thousands of parts": lambda: _one_boundary(_fill(b"--b\n\nx\n")),
    "thousands of html parts": lambda: _one_boundary(_fill(b"--b\nContent-Type: text/html\n\n<p>x\n")),
    "lines like the boundary": lambda: _one_boundary(b"--b\n\n" + _fill(b"--bb\n")),
    "boundary in one line": lambda: _one_boundary(b"--b\n\n" + _fill(b"--b")),
    "big parts, broken base64": lambda: _one_boundary(
        _fill(b"--b\nContent-Transfer-Encoding: base64\n\n" + b"A=B=C\xff" * 2_000 + b"\n")
    ),
    "quoted-printable of equals": lambda: PLAIN + b"Content-Transfer-Encoding: quoted-printable\n\n" + _fill(b"="),
    "utf-7": lambda: PLAIN + b"Content-Type: text/plain; charset=unicode-1-1-utf-7\n\n" + _fill(b"+2AA-"),
    "punycode": lambda: PLAIN + b"Content-Type: text/plain; charset=punycode\n\n" + _fill(b"a"),
    "idna": lambda: PLAIN + b"Content-Type: text/plain; charset=idna\n\n" + _fill(b"a."),
    "zlib": lambda: PLAIN + b"Content-Type: text/plain; charset=zlib\n\n" + _fill(b"a"),
    "flowed": lambda: PLAIN + b"Content-Type: text/plain; format=flowed\n\n" + _fill(b"a \n"),
    "flowed marks": lambda: PLAIN + b"Content-Type: text/plain; format=flowed\n\n" + _fill(b">"),
    "html open tags": lambda: _html("<a " * (MB // 3)),
    "html tags": lambda: _html("<b>" * (MB // 3)),
    "html tags without an end": lambda: _html("<a" * (MB // 2 - 1) + ">"),
    "html tags without an end, and what looks like one": lambda: _html("<a" * 60_000 + "\u343e" * 300_000 + ">"),
    "html angles": lambda: _html("<" * MB),
    "html comments": lambda: _html("<!--" * (MB // 4)),
    "html declarations": lambda: _html("<!x" * (MB // 3)),
    "html scripts": lambda: _html("<script>" * (MB // 8)),
    "html styles, hidden": lambda: _html('<div style="display:none">' * (MB // 26)),
    "html quotes": lambda: _html("<blockquote>x" * (MB // 13)),
    "html open quotes": lambda: _html('<a href="x>' * (MB // 11)),
    "html open quotes in turn": lambda: _html("<a b='\"><a c=\"'>" * (MB // 16)),
    "html ampersands": lambda: _html("&" * MB),
    "html number": lambda: _html("&#" + "9" * MB + ";"),
    "html hex numbers": lambda: _html("&#x" + "f" * MB + ";"),
    "html entities": lambda: _html("&notit;" * (MB // 7)),
    "html breaks": lambda: _html("<br>" * (MB // 4)),
    "delivery status": lambda: (
        PLAIN + b"Content-Type: message/delivery-status\n\n" + _fill(b"Final-Recipient: rfc822; a@b\n\n")
    ),
    "delivery status blanks": lambda: PLAIN + b"Content-Type: message/delivery-status\n\nx" + _fill(b"\n"),
    "bounce of ids": lambda: b"Return-Path: <>\n" + PLAIN + b"\n" + _fill(b"Message-ID: <a@b>\n"),
    "bounce of open ids": lambda: b"Return-Path: <>\n" + PLAIN + b"\n" + _fill(b"Message-ID:\n"),
    "kept headers": lambda: PLAIN + _fill(b"Authentication-Results: " + b"=?a?b?" * 2_000 + b"\n") + b"\nbody\n",
    "names of attachments": lambda: _one_boundary(
        _fill(b'--b\nContent-Disposition: attachment; filename="' + b"=?utf-8?q?" * 100 + b'"\n\nx\n')
    ),
    "quote marks": lambda: PLAIN + b"\n" + _fill(b"> "),
    "on and on": lambda: PLAIN + b"\n" + _fill(b"On "),
    "rulers": lambda: PLAIN + b"\n" + _fill(b"--\n"),
}  # fmt: skip


def _wrapped(depth: int) -> bytes:
    inner = PLAIN + b"\nbody " + b"x" * 8_000 + b"\n"
    for _ in range(depth):
        inner = (
            PLAIN + b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(inner)
        )
    return inner[:MB]
