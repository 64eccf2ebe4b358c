"""Files that appear whole or not at all; devices and pipes are written to as they are, never replaced."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Yield a stream whose bytes stand under `path` once the block ended well; raises `OSError`."""
    if not is_replaceable(path):
        with path.open("wb") as out:
            yield out
        return
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name[:40]}.", delete=False) as part:
        temporary = Path(part.name)
        try:
            yield part
            part.flush()
            os.fsync(part.fileno())
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def is_replaceable(path: Path) -> bool:
    """Tell whether a file of this name may be put there anew; raises `IsADirectoryError` for a folder."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    return path.is_file() or not path.exists()


def _umask() -> int:
    """Return the process's mask (there is no way to read it but to set it)."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
