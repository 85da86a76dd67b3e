import tarfile
from pathlib import Path

import pytest

from gate.archive import unpack_tar


@pytest.mark.parametrize("filters", [True, False], ids=["with filters", "as Debian 12's Python"])
def test_an_archive_is_unpacked_with_its_rights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, filters: bool
) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as tar:
        tar.add(program, "package/bin/program")
    if not filters:
        monkeypatch.delattr(tarfile, "data_filter", raising=False)
    unpack_tar(tmp_path / "a.tgz", tmp_path / "out")
    unpacked = tmp_path / "out" / "package" / "bin" / "program"
    assert unpacked.read_text(encoding="utf-8") == "#!/bin/sh\n"
    assert unpacked.stat().st_mode & 0o111
