"""Files that people attach: PDFs good, locked, scanned and hostile, office documents, archives; and mail with them."""

import base64
import io
import zipfile
import zlib
from collections.abc import Sequence

import pypdf

FLATE = b" /Filter /FlateDecode"
COMPLAINT = ("Better Business Bureau", "Complaint 44012", "The consumer alleges that the mug arrived broken.")


def pdf(*pages: Sequence[str], raw: Sequence[tuple[bytes, bytes]] = (), title: str = "", field: bytes = b"") -> bytes:
    """Return a PDF with a page for each list of lines and for each (content, entries of its dictionary) in `raw`."""
    contents = [(_drawn(lines), b"") for lines in pages] + list(raw)
    kids = b" ".join(b"%d 0 R" % (4 + 2 * number) for number in range(len(contents)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [%d 0 R] >> >>" % (4 + 2 * len(contents)),
        b"<< /Type /Pages /Kids [%b] /Count %d >>" % (kids, len(contents)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, (content, entries) in enumerate(contents):
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >>"
            b" /Contents %d 0 R >>" % (5 + 2 * number),
            b"<< /Length %d%b >>\nstream\n%b\nendstream" % (len(content), entries, content),
        ]
    objects += [b"<< %b >>" % field, b"<< /Title (%b) >>" % title.encode("cp1252")]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer << /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, table, len(objects) + 1, len(objects), len(out))
    )


def _drawn(lines: Sequence[str]) -> bytes:
    shown = (b"(%b) Tj 0 -14 Td" % line.encode("cp1252").replace(b"(", b"\\(").replace(b")", b"\\)") for line in lines)
    return b"BT /F1 12 Tf 72 700 Td %b ET" % b" ".join(shown)


def scan() -> bytes:
    """Return a PDF without text: a drawing, as scanners make them."""
    return pdf(raw=[(b"0 0 612 792 re f", b"")])


def locked(data: bytes, password: str, algorithm: str = "AES-256") -> bytes:
    """Return a PDF that wants a password to be read; with "" one that only forbids to change it."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    writer.encrypt(password, "the-owner's", algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def bomb(size: int = 100_000_000, times: int = 1) -> tuple[bytes, bytes]:
    """Return the content of a page that becomes very large, for `pdf(raw=…)`."""
    data = b" " * size
    for _ in range(times):
        data = zlib.compress(data, 9)
    return data, b" /Filter [%b]" % b" ".join([b"/FlateDecode"] * times)


def zipped(**files: str) -> bytes:
    """Return an archive; `__` in a name stands for a slash, the last `_` for the dot."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            folder, _, last = name.rpartition("__")
            stem, _, ending = last.rpartition("_")
            archive.writestr("/".join((*folder.split("__"), f"{stem}.{ending}")).lstrip("/"), text)
    return out.getvalue()


def docx(*paragraphs: str) -> bytes:
    body = "".join(
        f"<w:p><w:r><w:t>{text[:3]}</w:t></w:r><w:r><w:t>{text[3:]}</w:t></w:r></w:p>" for text in paragraphs
    )
    return zipped(word__document_xml=f"<?xml version='1.0'?><w:document><w:body>{body}</w:body></w:document>")


def attached(data: bytes | str, name: str = "", kind: str = "application/octet-stream", *, inline: bool = False) -> str:
    """Return the part of a mail that carries a file in base64."""
    raw = data if isinstance(data, bytes) else data.encode()
    named = f'; name="{name}"' if name else ""
    disposition = "inline" if inline else "attachment"
    said = f"Content-Disposition: {disposition}" + (f'; filename="{name}"' if name else "")
    encoded = base64.encodebytes(raw).decode()
    return f"Content-Type: {kind}{named}\n{said}\nContent-Transfer-Encoding: base64\n\n{encoded}"


def agents(
    text: str, *parts: str, author: str = "jsmith@walmart.com", subject: str = "Case 10293847", top: str = ""
) -> bytes:
    """Return an agent's mail to the shop with these parts behind its text."""
    shown = f'Content-Type: text/plain; charset="utf-8"\nContent-Transfer-Encoding: 8bit\n\n{text}\n'
    inner = "".join(f"--=_b\n{part}\n" for part in (shown, *parts))
    return (
        f"{top}From: John Smith <{author}>\nTo: care@shop.example\nSubject: {subject}\nMessage-ID: <a1@walmart.com>\n"
        "Date: Fri, 13 Nov 2026 10:00:00 -0500\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/mixed; boundary="=_b"\n\n{inner}--=_b--\n'
    ).encode()
