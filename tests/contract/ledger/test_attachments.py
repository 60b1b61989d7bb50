"""The attachment store: what is finished is on disk, what is not finished leaves nothing."""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connector.domain.attachment import Attachment
from connector.ledger import Ledger
from connector.ledger.attachments import ROW_LIMIT, AttachmentMissing
from connector.testing.builders import HeldClock, a_route, a_submission


def store(ledger: Ledger, content: bytes, chunk: int = 10_000) -> str:
    """Write the content in chunks and return its address."""
    incoming = ledger.attachments.begin()
    for start in range(0, len(content), chunk):
        incoming.write(content[start : start + chunk])
    stored = incoming.finish()
    assert stored.size == len(content)
    return stored.digest


@pytest.mark.parametrize("size", [1, ROW_LIMIT - 1, ROW_LIMIT, ROW_LIMIT + 1, 3_000_000])
def test_content_comes_back_by_its_own_digest(ledger: Ledger, size: int) -> None:
    content = bytes(i * 7 % 251 for i in range(size))
    digest = store(ledger, content)
    assert digest == hashlib.sha256(content).hexdigest()
    with ledger.attachments.open(digest) as stream:
        assert stream.read() == content


def test_what_a_citizen_attached_cannot_be_read_in_the_database(ledger_url: str, open_on: Any) -> None:
    ledger = open_on(ledger_url)
    digest = store(ledger, "شهروند نمونه".encode())
    engine = sa.create_engine(ledger_url)
    with engine.connect() as connection:
        kept = bytes(connection.execute(sa.text("SELECT content FROM attachment_contents")).scalar_one())
    engine.dispose()
    assert "شهروند".encode() not in kept
    with ledger.attachments.open(digest) as stream:
        assert stream.read().decode() == "شهروند نمونه"


def test_the_same_content_twice_is_kept_once(ledger: Ledger, tmp_path: Path) -> None:
    content = b"x" * (ROW_LIMIT + 5)
    assert store(ledger, content) == store(ledger, content)
    assert store(ledger, b"small") == store(ledger, b"small")
    assert len([path for path in (tmp_path / "attachments").rglob("*") if path.is_file()]) == 1


def test_abandoned_files_leave_nothing_behind(ledger: Ledger, tmp_path: Path) -> None:
    incoming = ledger.attachments.begin()
    incoming.write(b"x" * (ROW_LIMIT * 2))
    incoming.abandon()
    incoming.abandon()
    assert [path for path in (tmp_path / "attachments").rglob("*") if path.is_file()] == []


def test_half_written_files_of_a_killed_process_are_swept(
    ledger: Ledger, clock: HeldClock, tmp_path: Path
) -> None:
    incoming = ledger.attachments.begin()
    incoming.write(b"x" * (ROW_LIMIT * 2))
    (part,) = (tmp_path / "attachments" / "incoming").iterdir()
    assert ledger.attachments.sweep_incoming(older_than=clock.now() - timedelta(days=9000)) == 0
    assert part.exists()
    assert ledger.attachments.sweep_incoming(older_than=clock.now() + timedelta(days=9000)) == 1
    incoming.abandon()


def test_only_contents_that_no_letter_names_are_swept_and_only_after_their_grace(
    ledger: Ledger, clock: HeldClock
) -> None:
    contents = {size: store(ledger, b"a" * size) for size in (10, ROW_LIMIT)}
    forgotten = [store(ledger, b"b" * size) for size in (10, ROW_LIMIT)]
    named = tuple(
        Attachment(name="a", media_type="text/plain", size=size, digest=digest)
        for size, digest in contents.items()
    )
    ledger.admit(a_submission(attachments=named), route=a_route())
    assert ledger.sweep_attachments(grace=timedelta(days=9000)) == 0
    clock.advance(timedelta(days=9000))
    store(ledger, b"c" * 10)
    assert ledger.sweep_attachments(grace=timedelta(days=1)) == 2
    for digest in contents.values():
        ledger.attachments.open(digest).close()
    for digest in forgotten:
        with pytest.raises(AttachmentMissing):
            ledger.attachments.open(digest)


def test_content_that_comes_again_is_young_again(ledger: Ledger, clock: HeldClock) -> None:
    digest = store(ledger, b"again")
    clock.advance(timedelta(days=2))
    store(ledger, b"again")
    assert ledger.sweep_attachments(grace=timedelta(days=1)) == 0
    ledger.attachments.open(digest).close()


def test_content_that_comes_again_in_the_middle_of_the_sweep_is_kept(
    ledger: Ledger, clock: HeldClock
) -> None:
    content = b"z" * ROW_LIMIT
    digest = store(ledger, content)
    file = ledger.attachments._path(digest)
    os.utime(file, (0, 0))

    def is_referenced(_: str) -> bool:
        store(ledger, content)  # in the moment between the look and the removal
        return False

    old = datetime(2001, 1, 1, tzinfo=UTC)
    assert ledger.attachments.sweep_unreferenced(is_referenced, older_than=old) == 0
    ledger.attachments.open(digest).close()
