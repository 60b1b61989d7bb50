"""Nodes that share a spool directory know it by the word in it; where there is none each collects by itself."""

import threading
from pathlib import Path

from adapters.portals.folder.place import word_of_place


def test_whoever_looks_at_the_same_folder_reads_the_same_word(tmp_path: Path) -> None:
    mounted = tmp_path / "mounted"
    (tmp_path / "spool").mkdir()
    mounted.symlink_to(tmp_path / "spool")
    word = word_of_place(tmp_path / "spool")
    assert word is not None
    assert len(word) == 16
    assert word_of_place(mounted) == word
    assert [path.name for path in (tmp_path / "spool").iterdir()] == [".chapar-place"]


def test_two_folders_have_two_words(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    assert word_of_place(tmp_path / "one") != word_of_place(tmp_path / "other")


def test_nodes_that_ask_at_the_same_time_agree(tmp_path: Path) -> None:
    words: list[str | None] = []
    begun = threading.Barrier(8)

    def ask() -> None:
        begun.wait(10)
        words.append(word_of_place(tmp_path))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(words) == 8
    assert len(set(words)) == 1


def test_a_folder_that_cannot_be_used_or_has_nonsense_for_a_word_has_none(tmp_path: Path) -> None:
    assert word_of_place(tmp_path / "missing") is None
    (tmp_path / ".chapar-place").write_text("../../x\n")
    assert word_of_place(tmp_path) is None
