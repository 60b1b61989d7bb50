"""The page for portals that share a folder says what the adapter does."""

import json
import re
from pathlib import Path
from typing import Any

from adapters.portals.folder import PORTAL, FolderSettings
from connector.domain.attachment import Attachment
from connector.intake.form import read_form
from connector.intake.problems import ProblemCode, problem
from connector.ports.catalogue import AdapterSite

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "portal-folder.md").read_text(encoding="utf-8")
SITE = AdapterSite(name="spool", mappings=(), pool_size=1)


def shown(number: int) -> Any:
    return json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[number])


def test_the_form_that_is_shown_is_taken_and_answered_as_shown(tmp_path: Path) -> None:
    portal = PORTAL.build(FolderSettings(path=tmp_path), SITE)
    files = tmp_path / "incoming" / "1405-000123"
    files.mkdir()
    (files / "letter.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "incoming" / ".NAME.json").write_text(json.dumps(shown(0)), encoding="utf-8")
    assert list(portal.waiting()) == [], "not before it is renamed"
    (tmp_path / "incoming" / ".NAME.json").rename(tmp_path / "incoming" / "NAME.json")
    (waiting,) = portal.waiting()
    form = waiting.read()
    assert [(file.name, file.declared) for file in form.files] == [("نامه.pdf", "application/pdf")]
    attachments: tuple[Attachment, ...] = ()
    assert read_form("spool", form.data, attachments).submission_id == "1405-000123"
    portal.acknowledge("NAME", "482915037264118")
    answer = json.loads((tmp_path / "answers" / "NAME.received.json").read_text(encoding="utf-8"))
    assert answer == shown(1)


def test_a_refusal_is_written_as_shown(tmp_path: Path) -> None:
    portal = PORTAL.build(FolderSettings(path=tmp_path), SITE)
    portal.refuse("NAME", [problem("sender.mobile", ProblemCode.MOBILE)])
    answer = json.loads((tmp_path / "answers" / "NAME.refused.json").read_text(encoding="utf-8"))
    assert answer == shown(2)


def test_every_word_about_the_form_itself_is_explained() -> None:
    code = (ROOT / "adapters" / "portals" / "folder" / "reading.py").read_text(encoding="utf-8")
    words = set(re.findall(r'^\s+"([a-z]+(?:_[a-z]+)*)",$|_FORM, "([a-z_]+)"', code, re.MULTILINE))
    named = {one or other for one, other in words} | set(re.findall(r'"attachments", "([a-z_]+)"', code))
    assert named >= {"malformed", "outside", "file_missing", "not_a_list", "not_an_object"}
    assert [word for word in sorted(named) if f"`{word}`" not in PAGE] == []
