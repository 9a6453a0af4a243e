"""Tars are read as zips are, however they are compressed, and what is wrong with one costs its own submission only."""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.submissions import tars
from grader.submissions.archives import archive_entries, with_nested_archive
from grader.submissions.entries import Unreadable
from grader.submissions.handed_in import find
from grader.submissions.homes import Layout
from grader.submissions.tars import Caps

LAYOUT = Layout("minitorch", ("operators", "lecture8"), ("lecture8",))
DAMAGED = "the archive is damaged, or none that can be opened; make a .zip and hand it in"
SOURCE = b"class TimesFive: ...\n"
ENDINGS = {".tar": "", ".tar.gz": "gz", ".tgz": "gz", ".tar.xz": "xz", ".txz": "xz", ".tar.bz2": "bz2", ".tbz2": "bz2"}


def tar(files: dict[str, bytes], compression: str = "gz") -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode=f"w:{compression}") as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return raw.getvalue()


def with_member(change: Callable[[tarfile.TarInfo], None], compression: str = "gz") -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode=f"w:{compression}") as archive:  # type: ignore[call-overload]
        info = tarfile.TarInfo("lecture8.py")
        change(info)
        archive.addfile(info)
    return raw.getvalue()


def problem_of(raw: bytes, name: str = "s1.tar.gz") -> str:
    with pytest.raises(Unreadable) as caught:
        with_nested_archive(archive_entries(name, raw))
    return str(caught.value)


@pytest.mark.parametrize("ending", [*ENDINGS, ".TGZ", ".Tar.Gz"])
def test_a_tar_is_a_submission_whatever_its_ending(tmp_path: Path, ending: str) -> None:
    raw = tar({"hw/lecture8.py": SOURCE, "hw/._lecture8.py": b"\0"}, ENDINGS[ending.lower()])
    (tmp_path / f"s1{ending}").write_bytes(raw)
    (found,) = find(tmp_path, LAYOUT)
    assert (found.id, found.problem) == ("s1", "")
    assert found.modules == {"lecture8": ("hw/lecture8.py", SOURCE)}


@pytest.mark.parametrize(
    ("name", "compression"), [("hw.tar.gz", "xz"), ("hw.tgz", ""), ("hw.zip", "gz"), ("hw.tar", "bz2")]
)
def test_an_archive_is_what_its_first_bytes_say(tmp_path: Path, name: str, compression: str) -> None:
    (tmp_path / "s1").mkdir()
    (tmp_path / "s1" / name).write_bytes(tar({"lecture8.py": SOURCE}, compression))
    (found,) = find(tmp_path, LAYOUT)
    assert found.modules == {"lecture8": ("lecture8.py", SOURCE)}


def test_several_compressed_files_behind_each_other_are_one() -> None:
    raw = tar({"lecture8.py": SOURCE, "operators.py": b"x = 1\n"}, "")
    for pack in (gzip.compress, lzma.compress):
        (first, second) = archive_entries("s1.tar.gz", pack(raw[:700]) + pack(raw[700:]))
        assert (first.read(), second.read()) == (SOURCE, b"x = 1\n")


@pytest.mark.parametrize(("magic", "called"), [(b"Rar!\x1a\x07\x01\0", ".rar"), (b"7z\xbc\xaf\x27\x1c\0\4", ".7z")])
def test_a_rar_that_is_called_a_zip_is_told_as_what_it_is(magic: bytes, called: str) -> None:
    assert problem_of(magic + bytes(100), "s1.zip") == (
        f"s1.zip is a {called} by its content, which cannot be read; make a .zip of it"
    )


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_a_link_in_a_tar_is_not_followed(kind: bytes) -> None:
    def link(info: tarfile.TarInfo) -> None:
        info.type, info.linkname = kind, "/etc/passwd"

    assert problem_of(with_member(link)) == "the archive holds a link (lecture8.py); hand in the file itself"


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.BLKTYPE])
def test_a_device_in_a_tar_is_no_file(kind: bytes) -> None:
    assert archive_entries("s1.tgz", with_member(lambda info: setattr(info, "type", kind))) == []


@pytest.mark.parametrize("name", ["../lecture8.py", "/lecture8.py", "a/../../lecture8.py", "C:/lecture8.py"])
def test_a_file_that_would_land_outside_is_refused(name: str) -> None:
    assert "would land outside of it" in problem_of(tar({name: SOURCE}))


@pytest.mark.parametrize("compression", ["gz", "xz", "bz2"])
def test_a_bomb_is_read_up_to_the_cap(compression: str) -> None:
    raw = tar({"data.csv": bytes(40 << 20), "lecture8.py": SOURCE}, compression)
    with pytest.raises(Unreadable, match="unpacks to over 8 MiB"):
        tars.tar_entries(raw, Caps(unpacked=8 << 20))


def test_a_tar_of_very_many_files_is_refused() -> None:
    raw = tar({f"n{i}.py": b"" for i in range(30)})
    with pytest.raises(Unreadable, match="holds over 20 files"):
        tars.tar_entries(raw, Caps(files=20))
    with pytest.raises(Unreadable, match="holds too much"):
        tars.tar_entries(tar({f"n{i}.py": bytes(900) for i in range(30)}), Caps(kept=9000))


def test_xz_gets_only_so_much_memory() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 512 << 20}]
    raw = lzma.compress(tar({"lecture8.py": SOURCE}, ""), filters=filters)
    assert problem_of(raw, "s1.tar.xz") == DAMAGED


@pytest.mark.parametrize("compression", ["", "gz", "xz", "bz2"])
def test_a_damaged_tar_has_one_sentence(compression: str) -> None:
    raw = tar({"lecture8.py": SOURCE * 2000, "operators.py": SOURCE}, compression)
    for damaged in (raw[: len(raw) // 3], raw[:7], b"\x1f\x8b", b"", raw[:40] + b"\xff" * 30 + raw[70:]):
        said = problem_of(damaged, f"s1.tar.{compression}".rstrip("."))
        assert said == DAMAGED


def test_a_size_below_zero_leads_nowhere() -> None:
    raw = bytearray(tar({"lecture8.py": SOURCE}, ""))
    raw[124:136] = b"\xff" * 11 + b"\x00"  # base 256: minus a little
    raw[148:156] = b"        "
    raw[148:156] = b"%06o\0 " % sum(raw[:512])
    assert problem_of(bytes(raw), "s1.tar")


def test_a_file_in_a_tar_has_the_cap_of_any_file() -> None:
    (found,) = archive_entries("s1.tgz", tar({"lecture8.py": bytes(600 << 10)}))
    with pytest.raises(Unreadable, match=r"lecture8\.py is far too large for homework"):
        found.read()
    (named,) = archive_entries("s1.tgz", tar({"hw.rar": bytes(600 << 10)}))
    assert named.path.name == "hw.rar"


def test_a_tar_lies_in_a_folder_or_a_zip_as_a_zip_does(tmp_path: Path) -> None:
    (tmp_path / "s1").mkdir()
    (tmp_path / "s1" / "hw.tar.gz").write_bytes(tar({"lecture8.py": SOURCE}))
    (tmp_path / "s2.tar").write_bytes(tar({"hw.tgz": tar({"lecture8.py": SOURCE})}, ""))
    (tmp_path / "s3").mkdir()
    for name in ("a.zip", "b.tgz"):
        (tmp_path / "s3" / name).write_bytes(tar({"lecture8.py": SOURCE}))
    first, second, third = find(tmp_path, LAYOUT)
    assert first.modules == second.modules == {"lecture8": ("lecture8.py", SOURCE)}
    assert third.problem == "the submission holds no .py file, and several archives (a.zip, b.tgz); hand in one"


def pieces(raw: bytes) -> dict[str, bytes]:
    """Return a tar of three files in every way of losing some of them."""
    second = raw.index(b"operators.py")
    return {
        "a header that is none": raw[:second] + b"\xff" * 512 + raw[second + 512 :],
        "cut between two files": raw[:second],
        "cut in a header": raw[: second + 100],
        "cut before the end": raw.rstrip(b"\0") + bytes(-len(raw.rstrip(b"\0")) % 512),
        "two behind each other": raw + raw,
    }


WHOLE = tar({"lecture8.py": SOURCE, "operators.py": SOURCE, "scalar.py": SOURCE}, "")


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
@pytest.mark.parametrize("how", pieces(WHOLE))
def test_a_tar_of_which_some_is_lost_is_not_read_as_if_it_were_whole(how: str, pack: Callable[[bytes], bytes]) -> None:
    assert len(archive_entries("s1.tar", pack(WHOLE))) == 3
    assert problem_of(pack(pieces(WHOLE)[how]), "s1.tar") == DAMAGED
