"""Reads the headers of rasters where they lie in S3. Importing this module imports rasterio."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import rasterio
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader

from .._report.observation import Raster

SUFFIXES = (".tif", ".tiff")
#: Bytes that are fetched at a time: a header takes one call or two.
BLOCK = 256 * 1024

#: Returns a range of an object: the first byte, and the one after the last.
Fetch = Callable[[int, int], bytes]


class RangeReader(io.RawIOBase):
    """An object in S3 as a file to read, of which only the blocks that are asked for are fetched."""

    def __init__(self, size: int, fetch: Fetch) -> None:
        self._size, self._fetch, self._position = size, fetch, 0
        self._blocks: dict[int, bytes] = {}

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def read(self, size: int = -1) -> bytes:
        end = self._size if size < 0 else min(self._size, self._position + size)
        data = b"".join(self._parts(self._position, end))
        self._position += len(data)
        return data

    def _parts(self, start: int, end: int) -> Iterator[bytes]:
        while start < end:
            number = start // BLOCK
            if number not in self._blocks:
                self._blocks[number] = self._fetch(number * BLOCK, min(self._size, (number + 1) * BLOCK))
            part = self._blocks[number][start - number * BLOCK : end - number * BLOCK]
            if not part:
                return
            yield part
            start += len(part)


def read_raster(size: int, fetch: Fetch) -> Raster:
    """Return the header of a raster, or why it cannot be read. Raises what ``fetch`` raises."""
    if not size:
        return Raster(error="it is empty")
    failures: list[Exception] = []

    def keep_failure(start: int, end: int) -> bytes:
        try:
            return fetch(start, end)
        except Exception as exc:  # GDAL calls this, and would hide the error  # noqa: BLE001
            failures.append(exc)
            return b""

    try:
        with _read_errors() as messages, rasterio.open(RangeReader(size, keep_failure)) as source:
            header = Raster(
                crs=str(source.crs) if source.crs else None,
                bands=source.count,
                width=source.width,
                height=source.height,
                bounds=tuple(source.bounds),
                error=_find_truncation(source, size) or next(iter(messages), None),
            )
    except RasterioError as exc:
        header = Raster(error=" ".join(str(exc).split()))
    if failures:
        raise failures[0]
    return header


@contextmanager
def _read_errors() -> Iterator[list[str]]:
    """Collect what GDAL only logs: parts of the header that could not be read, on this thread."""
    messages: list[str] = []
    thread = threading.get_ident()

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == thread and "error during reading" in record.getMessage():
                messages.append(record.getMessage())

    handler, logger = Handler(logging.WARNING), logging.getLogger("rasterio._env")
    logger.addHandler(handler)
    try:
        yield messages
    finally:
        logger.removeHandler(handler)


def _find_truncation(source: DatasetReader, size: int) -> str | None:
    """Return what is wrong where a block of the raster lies behind the end of the file."""
    for band in source.indexes:
        for (row, column), _ in source.block_windows(band):
            offset = source.get_tag_item(f"BLOCK_OFFSET_{column}_{row}", "TIFF", bidx=band)
            length = source.get_tag_item(f"BLOCK_SIZE_{column}_{row}", "TIFF", bidx=band)
            if offset and length and int(offset) + int(length) > size:
                return f"it is truncated: {size:,} bytes, of which it needs at least {int(offset) + int(length):,}"
    return None
