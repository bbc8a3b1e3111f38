"""The text of a PDF's first pages: what a person would read in it, or why a program cannot.

The documents are hostile until shown otherwise: pages, decompressed bytes, operators and processor time have
bounds, and what exceeds one is not read. Never raises.
"""

import contextlib
import io
import logging
from typing import Any

from relaywatch.mailbox.limit import TimeUp, at_most

MAX_PAGES = 6  # a complaint says whose it is on the first
_MAX_TEXT = 20_000  # characters
_SECONDS = 2.0  # of processor time for one document
_MAX_FIELDS = 200
_MAGIC_WITHIN = 1_024  # bytes, as readers have it (ISO 32000-1 annex H, implementation note 13)
_MIB = 1_048_576
_LIMITS = {
    "maximum_declared_stream_length": 4 * _MIB,
    "array_based_stream_maximum_output_length": 4 * _MIB,
    "lzw_maximum_output_length": 2 * _MIB,
    "run_length_maximum_output_length": 2 * _MIB,
    "zlib_maximum_output_length": 4 * _MIB,
    "zlib_maximum_recovery_input_length": _MIB // 4,
    "brotli_maximum_output_length": 2 * _MIB,
    "stream_filters_maximum_length": 4,
    "stream_decoding_work_maximum_length": 8 * _MIB,
    "stream_parsing_work_maximum_count": 200_000,
    "page_tree_maximum_entries": 5_000,
    "page_tree_maximum_page_entries": 50_000,
    "xform_maximum_invocations_per_extraction": 100,
    "form_fields_maximum_entries": 2_000,
    "jbig2dec_binary": None,  # no program of the system's is run
    "disable_legacy_handling": True,
}
_XREF_ENTRIES = 100_000
_RECOVERED_OBJECTS = 2_000


def is_pdf(data: bytes) -> bool:
    """Whether bytes begin as a PDF does."""
    return b"%PDF-" in data[:_MAGIC_WITHIN]


def read_pdf(data: bytes, *, seconds: float = _SECONDS) -> tuple[str, str]:
    """Return what the first pages, the title and the fields of a form say, and why not, "" where they say something.

    Of a document that takes too long it is what was read until then.
    """
    if not is_pdf(data):
        return "", "it is no PDF, or a damaged one"
    found: list[str] = []
    why = "no text in it: a scan, or a drawing"
    try:
        with at_most(seconds):
            why = _read(data, found) or why
    except TimeUp:
        why = "it takes too long to read"
    except Exception as error:  # noqa: BLE001 - whatever a broken or hostile document makes the library raise
        why = f"it cannot be read ({type(error).__name__})"
    pages = "".join(found[1:])
    said = any(char.isalnum() for char in pages)
    return "\n".join(filter(None, found))[:_MAX_TEXT], "" if said else why


def _read(data: bytes, found: list[str]) -> str:
    """Append the title, then the text of each page and the form's; return why there is none where that is known."""
    import pypdf  # noqa: PLC0415 - few mails need it, and it costs every start half a second

    logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)  # it logs parts of documents
    with pypdf.apply_configuration(pypdf.Configuration(), **_LIMITS):
        reader = pypdf.PdfReader(
            io.BytesIO(data),
            root_object_recovery_limit=_RECOVERED_OBJECTS,
            xref_stream_maximum_entries=_XREF_ENTRIES,
        )
        found.append("")
        if reader.is_encrypted and not reader.decrypt(""):  # what opens without a password is read by everybody
            return "it is encrypted"
        with contextlib.suppress(Exception):
            found[0] = _plain(reader.metadata.title if reader.metadata else "")
        broken = ""
        for number in range(min(MAX_PAGES, len(reader.pages))):
            try:
                found.append(_plain(reader.pages[number].extract_text())[:_MAX_TEXT])
            except Exception as error:  # noqa: BLE001 - one page may be broken, and the next one tell
                broken = f"a page of it cannot be read ({type(error).__name__})"
        with contextlib.suppress(Exception):
            fields = reader.get_form_text_fields()
            found += [f"{name}: {_plain(value)}" for name, value in list(fields.items())[:_MAX_FIELDS] if value]
    return broken


def _plain(value: Any) -> str:
    """Return what the library gives as text: it hands on whatever type stands in the document."""
    return value.strip() if isinstance(value, str) else ""
