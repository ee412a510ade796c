"""Bytes that the server holds and never reads, so that no program it forks finds them in its memory."""

from __future__ import annotations

import mmap
import os


class Held:
    """A file in memory without a name. It goes to a process by its descriptor, and to no process without that."""

    def __init__(self, folder: str) -> None:
        try:
            self.fd = os.memfd_create("held")
        except OSError:  # Where the sandbox has none of these.
            self.fd = os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600)

    @property
    def size(self) -> int:
        return os.fstat(self.fd).st_size

    def clear(self) -> None:
        """Forget everything."""
        os.ftruncate(self.fd, 0)

    def take(self, source: int, size: int) -> bool:
        """Add `size` bytes that come out of `source`; whether they all came."""
        start = self.size
        if size == 0:
            return True
        os.ftruncate(self.fd, start + size)
        with mmap.mmap(self.fd, start + size) as room, memoryview(room) as view:
            while size and (read := os.readv(source, [view[-size:]])):
                size -= read
        return size == 0

    def add(self, data: bytes) -> None:
        """Add `data`, which this process has anyway."""
        os.pwrite(self.fd, data, self.size)

    def read(self) -> bytes:
        """All of it: for the process that it is meant for."""
        data = b""
        while len(data) < self.size and (piece := os.pread(self.fd, self.size, len(data))):
            data += piece
        return data

    def send(self, target: int) -> None:
        """Write all of it to `target`."""
        done = 0
        while done < self.size:
            done += os.sendfile(target, self.fd, done, self.size - done)
