"""Writes a small georeferenced GeoTIFF: always the same bytes for the same job and name."""

from __future__ import annotations

import hashlib
import struct
from functools import lru_cache

SIZE = 32  # pixels per side
PIXEL_DEGREES = 0.0001  # about 10 m, the resolution of Sentinel-2
_SHORT, _LONG, _DOUBLE = 3, 4, 12
_FORMAT = {_SHORT: "H", _LONG: "I", _DOUBLE: "d"}
# GeoKeyDirectory (GeoTIFF 1.1, 7.1): version 1.1.0 and four keys: geographic model, pixel is area, EPSG:4326, degrees.
_GEO_KEYS = (1, 1, 0, 4, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326, 2054, 0, 1, 9102)


@lru_cache(maxsize=16384)
def geotiff(job_id: str, name: str) -> tuple[bytes, str]:
    """The file's bytes and their MD5 in hex (S3's ETag)."""
    pixels = hashlib.shake_128(f"{job_id}/{name}".encode()).digest(SIZE * SIZE)
    west, north = origin(job_id, name)
    entries: list[tuple[int, int, tuple[int, ...] | tuple[float, ...]]] = [
        (256, _SHORT, (SIZE,)),  # ImageWidth
        (257, _SHORT, (SIZE,)),  # ImageLength
        (258, _SHORT, (8,)),  # BitsPerSample
        (259, _SHORT, (1,)),  # Compression: none
        (262, _SHORT, (1,)),  # PhotometricInterpretation: black is zero
        (273, _LONG, (8,)),  # StripOffsets: right after the header
        (277, _SHORT, (1,)),  # SamplesPerPixel
        (278, _SHORT, (SIZE,)),  # RowsPerStrip
        (279, _LONG, (len(pixels),)),  # StripByteCounts
        (33550, _DOUBLE, (PIXEL_DEGREES, PIXEL_DEGREES, 0.0)),  # ModelPixelScale
        (33922, _DOUBLE, (0.0, 0.0, 0.0, west, north, 0.0)),  # ModelTiepoint
        (34735, _SHORT, _GEO_KEYS),  # GeoKeyDirectory
    ]
    directory_at = 8 + len(pixels)
    extra_at = directory_at + 2 + 12 * len(entries) + 4
    directory = struct.pack("<H", len(entries))
    extra = b""
    for tag, field_type, values in entries:
        packed = struct.pack(f"<{len(values)}{_FORMAT[field_type]}", *values)
        if len(packed) > 4:
            value_or_offset = struct.pack("<I", extra_at + len(extra))
            extra += packed
        else:
            value_or_offset = packed.ljust(4, b"\0")
        directory += struct.pack("<HHI", tag, field_type, len(values)) + value_or_offset
    content = struct.pack("<2sHI", b"II", 42, directory_at) + pixels + directory + struct.pack("<I", 0) + extra
    return content, hashlib.md5(content, usedforsecurity=False).hexdigest()


def origin(job_id: str, name: str) -> tuple[float, float]:
    """Longitude and latitude of the upper left corner: each job has an area, and each of its files a cell in it."""
    job = hashlib.sha256(job_id.encode()).digest()
    cell = hashlib.sha256(name.encode()).digest()
    side = SIZE * PIXEL_DEGREES
    west = -120 + job[0] / 10 + (cell[0] % 64) * side
    north = 30 + job[1] / 20 - (cell[1] % 64) * side
    return round(west, 6), round(north, 6)
