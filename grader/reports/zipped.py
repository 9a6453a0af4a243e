"""A zip that is the same bytes for the same files, on any machine and on any day."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

MOMENT = (1980, 1, 1, 0, 0, 0)
UNIX = 3
PLAIN, RUNS = 0o100644, 0o100755


def zipped(files: Mapping[str, bytes], executable: frozenset[str] = frozenset(), compressed: bool = True) -> bytes:
    """Return a zip of `files` by their paths, in the order of their names, with Unix modes.

    What compressing makes of the same bytes differs between versions of zlib: leave it out where that matters.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, MOMENT)
            info.create_system, info.compress_type = UNIX, archive.compression
            info.external_attr = (RUNS if name in executable else PLAIN) << 16
            archive.writestr(info, files[name])
    return out.getvalue()
