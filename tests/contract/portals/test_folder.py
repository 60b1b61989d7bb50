"""The folder portal on a real file system: what waits is handed in, answered, set aside; nothing leads outside."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from adapters.portals.folder import PORTAL, FolderPortal, FolderSettings
from connector.domain.referral import Answer
from connector.domain.registration import Registration
from connector.errors import FieldProblem, SettingsInvalid, SubmissionInvalid, Unavailable
from connector.ports.catalogue import PORTALS, AdapterSite, adapter_kind
from connector.ports.portal import HandsInSubmissions, Publication, PublishesProgress, SubmittedForm

SITE = AdapterSite(name="spool", mappings=(), pool_size=1)
PROBLEM = FieldProblem(
    field="sender.mobile", code="mobile", sentence_fa="درست نیست.", sentence_en="Not valid."
)


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def portal(spool: Path) -> Iterator[FolderPortal]:
    built = PORTAL.build(FolderSettings(path=spool, largest_form=2000), SITE)
    assert isinstance(built, FolderPortal)
    yield built
    built.close()
    built.close()


def hand_in(spool: Path, name: str, content: object, *, at: int | None = None) -> Path:
    form = spool / "incoming" / f"{name}.json"
    text = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    form.write_bytes(text)
    if at is not None:
        os.utime(form, (at, at))
    return form


def read_only_one(portal: FolderPortal) -> SubmittedForm:
    (waiting,) = portal.waiting()
    return waiting.read()


def problems_of(portal: FolderPortal) -> list[FieldProblem]:
    with pytest.raises(SubmissionInvalid) as caught:
        read_only_one(portal)
    return list(caught.value.problems)


def publication(position: int, **changes: object) -> Publication:
    values: dict[str, object] = {
        "submission_id": "درخواست/۱۲",
        "tracking_code": "482915037264118",
        "position": position,
        "fact": "registered",
        "status": "registered",
        "happened_at": datetime(2026, 11, 21, 8, 0, tzinfo=UTC),
    }
    return Publication(**(values | changes))  # type: ignore[arg-type]


def test_it_is_found_in_the_catalogue_and_says_what_it_can_do(portal: FolderPortal) -> None:
    assert adapter_kind(PORTALS, "folder") is PORTAL
    assert portal.capabilities.hands_in
    assert portal.capabilities.publishes
    assert isinstance(portal, HandsInSubmissions)
    assert isinstance(portal, PublishesProgress)


def test_a_form_is_handed_in_with_its_files_unread(portal: FolderPortal, spool: Path) -> None:
    files = spool / "incoming" / "files"
    files.mkdir()
    (files / "scan.pdf").write_bytes(b"%PDF-1.7 page")
    entry = {"name": "تصویر.pdf", "file": "files/scan.pdf", "media_type": "application/pdf"}
    hand_in(spool, "one", {"submission_id": "۱", "attachments": [entry, {"file": "files/scan.pdf"}]})
    form = read_only_one(portal)
    assert form.data == {"submission_id": "۱"}
    assert [(file.name, file.declared) for file in form.files] == [
        ("تصویر.pdf", "application/pdf"),
        ("scan.pdf", None),
    ]
    with form.files[0].open() as stream:
        assert stream.read() == b"%PDF-1.7 page"
    with form.files[0].open() as stream:
        assert stream.read(4) == b"%PDF"


def test_the_oldest_comes_first_and_unfinished_files_are_not_seen(portal: FolderPortal, spool: Path) -> None:
    hand_in(spool, "young", {}, at=2_000)
    hand_in(spool, "old", {}, at=1_000)
    hand_in(spool, ".hidden", {})
    (spool / "incoming" / "half.json.part").write_bytes(b"{")
    (spool / "incoming" / "folder.json").mkdir()
    assert [waiting.reference for waiting in portal.waiting()] == ["old", "young"]
    assert "2 submissions wait" in portal.check()


def test_the_tracking_code_is_on_disk_before_the_submission_is_set_aside(
    portal: FolderPortal, spool: Path
) -> None:
    (spool / "incoming" / "one").mkdir()
    (spool / "incoming" / "one" / "a.txt").write_text("متن")
    hand_in(spool, "one", {"attachments": [{"file": "one/a.txt"}]})
    portal.acknowledge("one", "482915037264118")
    answer = json.loads((spool / "answers" / "one.received.json").read_text())
    assert answer == {"submission": "one", "tracking_code": "482915037264118"}
    assert list(portal.waiting()) == []
    assert (spool / "taken" / "one.json").exists()
    assert (spool / "taken" / "one" / "one" / "a.txt").read_text() == "متن"
    assert not (spool / "incoming" / "one" / "a.txt").exists()


def test_acknowledging_again_changes_nothing(portal: FolderPortal, spool: Path) -> None:
    hand_in(spool, "one", {})
    portal.acknowledge("one", "482915037264118")
    portal.acknowledge("one", "482915037264118")
    assert (spool / "taken" / "one.json").exists()


def test_a_submission_whose_move_was_cut_off_waits_again(portal: FolderPortal, spool: Path) -> None:
    form = hand_in(spool, "one", {"submission_id": "1"})
    portal.acknowledge("one", "482915037264118")
    (spool / "taken" / "one.json").rename(form)
    assert read_only_one(portal).data == {"submission_id": "1"}
    portal.acknowledge("one", "482915037264118")
    assert not form.exists()


def test_a_refusal_names_every_problem_and_sets_the_submission_aside(
    portal: FolderPortal, spool: Path
) -> None:
    hand_in(spool, "bad", b"{")
    portal.refuse("bad", [PROBLEM])
    portal.refuse("bad", [PROBLEM])
    answer = json.loads((spool / "answers" / "bad.refused.json").read_text())
    assert answer["problems"] == [
        {"field": "sender.mobile", "code": "mobile", "fa": "درست نیست.", "en": "Not valid."}
    ]
    assert (answer["title_fa"], answer["title"]) == ("فرم پذیرفته نشد.", "The submission was refused.")
    assert (spool / "refused" / "bad.json").exists()
    assert list(portal.waiting()) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{\n  "a": 1,\n  "b" 2}', "line 3, column 7"),
        (b"", "line 1, column 1"),
        ('{"a":\n "سلام'.encode()[:-1], "line 2: not UTF-8"),
        (b'{"a": 1, "a": 2}', "a key stands twice"),
        (b'{"a": NaN}', "NaN and Infinity"),
        (b"[" * 1900, "line 1"),
        (b'{"a": ' + b"[" * 1900, "line 1"),
    ],
)
def test_a_form_that_is_no_json_is_refused_with_its_place(
    portal: FolderPortal, spool: Path, content: bytes, sentence: str
) -> None:
    hand_in(spool, "bad", content)
    (problem,) = problems_of(portal)
    assert (problem.field, problem.code) == ("form", "malformed")
    assert sentence in problem.sentence_en or "nested too deeply" in problem.sentence_en
    assert not any(digit in problem.sentence_fa for digit in "0123456789")


@pytest.mark.parametrize("content", [b"[]", b'"text"', b"null", b"12"])
def test_a_form_that_is_no_object_is_refused(portal: FolderPortal, spool: Path, content: bytes) -> None:
    hand_in(spool, "bad", content)
    assert [problem.code for problem in problems_of(portal)] == ["not_an_object"]


def test_a_form_that_is_too_large_is_refused_unread(portal: FolderPortal, spool: Path) -> None:
    hand_in(spool, "large", {"text": "آ" * 2000})
    assert [problem.code for problem in problems_of(portal)] == ["too_large"]


@pytest.mark.parametrize(
    ("attachments", "field"),
    [
        ("scan.pdf", "attachments"),
        (["scan.pdf"], "attachments[0]"),
        ([{"file": 1}], "attachments[0]"),
        ([{"file": "a.pdf", "size": "1"}], "attachments[0]"),
        ([{"name": "a.pdf"}], "attachments[0].file"),
        ([{"file": ""}], "attachments[0].file"),
        ([{"file": "/etc/hostname"}], "attachments[0].file"),
        ([{"file": "../answers/x"}], "attachments[0].file"),
        ([{"file": "a/../../x"}], "attachments[0].file"),
        ([{"file": "a\x00b"}], "attachments[0].file"),
        ([{"file": "other.json"}], "attachments[0].file"),
    ],
)
def test_files_named_in_a_wrong_way_are_field_problems(
    portal: FolderPortal, spool: Path, attachments: object, field: str
) -> None:
    hand_in(spool, "bad", {"attachments": attachments})
    assert [problem.field for problem in problems_of(portal)] == [field]


def test_no_link_leads_out_of_the_folder(portal: FolderPortal, spool: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (spool / "incoming" / "link.txt").symlink_to(outside / "secret.txt")
    (spool / "incoming" / "folder").symlink_to(outside)
    os.mkfifo(spool / "incoming" / "pipe.txt")
    named = ["link.txt", "folder/secret.txt", "pipe.txt", "not-there.txt"]
    hand_in(spool, "one", {"attachments": [{"file": file} for file in named]})
    for file in read_only_one(portal).files:
        with pytest.raises(SubmissionInvalid) as caught:
            file.open()
        assert caught.value.problems[0].code == "file_missing"
    portal.refuse("one", [PROBLEM])
    assert (outside / "secret.txt").exists()


def test_a_form_that_is_a_link_or_a_pipe_is_refused(
    portal: FolderPortal, spool: Path, tmp_path: Path
) -> None:
    (tmp_path / "form.json").write_text("{}")
    (spool / "incoming" / "link.json").symlink_to(tmp_path / "form.json")
    os.mkfifo(spool / "incoming" / "pipe.json")
    for waiting in portal.waiting():
        with pytest.raises(SubmissionInvalid) as caught:
            waiting.read()
        assert caught.value.problems[0].code == "not_a_file"
        portal.refuse(waiting.reference, caught.value.problems)
    assert list(portal.waiting()) == []
    assert (tmp_path / "form.json").exists()


def test_a_form_that_was_withdrawn_meanwhile_is_asked_for_again_later(
    portal: FolderPortal, spool: Path
) -> None:
    form = hand_in(spool, "one", {})
    (waiting,) = portal.waiting()
    form.unlink()
    with pytest.raises(Unavailable) as caught:
        waiting.read()
    assert caught.value.reason == "form_unreadable"


def test_a_spool_that_is_gone_is_unavailable_and_not_a_crash(portal: FolderPortal, spool: Path) -> None:
    (spool / "incoming").rmdir()
    (spool / "answers").rmdir()
    with pytest.raises(Unavailable):
        list(portal.waiting())
    with pytest.raises(Unavailable):
        portal.acknowledge("one", "482915037264118")
    with pytest.raises(Unavailable):
        portal.publish(publication(1))
    with pytest.raises(Unavailable):
        portal.check()


def test_a_status_is_replaced_and_never_by_an_older_one(portal: FolderPortal, spool: Path) -> None:
    registration = Registration(
        number="۱۴۰۵/۰۰۱۲", secretariat="1", year=1405, registered_on=date(2026, 11, 21)
    )
    portal.publish(publication(3, registration=registration))
    portal.publish(publication(2, status="received"))
    (path,) = (spool / "answers").iterdir()
    assert path.name == "%D8%AF%D8%B1%D8%AE%D9%88%D8%A7%D8%B3%D8%AA%2F%DB%B1%DB%B2.status.json"
    status = json.loads(path.read_text())
    assert (status["submission_id"], status["position"], status["status"]) == ("درخواست/۱۲", 3, "registered")
    assert status["registration"]["registered_on"] == "2026-11-21"
    portal.publish(publication(4, status="answered", answer=Answer(text="پاسخ")))
    assert json.loads(path.read_text())["answer"]["text"] == "پاسخ"
    assert [each.name for each in (spool / "answers").iterdir()] == [path.name]


def test_a_damaged_status_is_written_anew(portal: FolderPortal, spool: Path) -> None:
    portal.publish(publication(1))
    (path,) = (spool / "answers").iterdir()
    path.write_bytes(b'{"position": ')
    portal.publish(publication(1))
    assert json.loads(path.read_text())["position"] == 1


@pytest.mark.parametrize(
    "submission_id", ["../../x", ".hidden", "..", "a" * 500, "ب" * 128, "\ud800", "%2E", "~"]
)
def test_no_submission_id_leads_outside_or_is_too_long(
    portal: FolderPortal, spool: Path, submission_id: str
) -> None:
    portal.publish(publication(1, submission_id=submission_id))
    (path,) = (spool / "answers").iterdir()
    assert not path.name.startswith(".")
    assert path.name.endswith(".status.json")


def test_long_ids_that_begin_alike_have_files_of_their_own(portal: FolderPortal, spool: Path) -> None:
    portal.publish(publication(1, submission_id="a" * 200 + "1"))
    portal.publish(publication(1, submission_id="a" * 200 + "2"))
    assert len(list((spool / "answers").iterdir())) == 2


def test_a_form_with_a_very_long_name_is_still_answered(portal: FolderPortal, spool: Path) -> None:
    hand_in(spool, "n" * 250, {})
    portal.acknowledge("n" * 250, "482915037264118")
    assert list(portal.waiting()) == []
    assert len(list((spool / "answers").iterdir())) == 1


def test_a_spool_that_cannot_be_made_is_told_to_the_operator(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsInvalid) as caught:
        PORTAL.build(FolderSettings(path=tmp_path / "file" / "spool"), SITE)
    assert caught.value.next_step


@pytest.fixture(params=[0o077, 0o022, 0o007], ids=oct)
def _umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_umask")
def test_the_portals_group_drops_forms_and_reads_answers_whatever_our_umask_is(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    portal = PORTAL.build(FolderSettings(path=spool), SITE)
    hand_in(spool, "one", {})
    portal.acknowledge("one", "482915037264118")
    portal.publish(publication(1))
    folders = [spool, *(spool / name for name in ("incoming", "answers", "taken", "refused"))]
    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o770}
    assert {file.stat().st_mode & 0o777 for file in (spool / "answers").iterdir()} == {0o640}


def test_a_folder_whose_group_is_inherited_hands_it_on(tmp_path: Path) -> None:
    tmp_path.chmod(0o2770)
    PORTAL.build(FolderSettings(path=tmp_path / "spool"), SITE)
    assert (tmp_path / "spool" / "answers").stat().st_mode & 0o7777 == 0o2770


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_what_a_check_as_root_makes_belongs_to_whom_the_folder_above_belongs(tmp_path: Path) -> None:
    os.chown(tmp_path, 1234, 1235)
    PORTAL.build(FolderSettings(path=tmp_path / "spool"), SITE)
    for folder in (tmp_path / "spool", tmp_path / "spool" / "incoming"):
        assert (folder.stat().st_uid, folder.stat().st_gid) == (1234, 1235)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is let in everywhere")
def test_a_check_as_root_judges_for_the_user_of_the_service_and_says_so(
    portal: FolderPortal, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.transport.file_rights.SERVICE_USER", "nobody")
    with pytest.raises(Unavailable, match="by the user nobody") as caught:
        portal.check()
    assert "chown" in str(caught.value.next_step)


def test_a_folder_that_is_gone_is_told_with_a_step_about_folders(portal: FolderPortal, spool: Path) -> None:
    (spool / "incoming").rmdir()
    with pytest.raises(Unavailable) as caught:
        portal.check()
    assert "spool directory" in str(caught.value.next_step)
