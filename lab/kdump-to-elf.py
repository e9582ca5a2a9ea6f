#!/usr/bin/env python3
"""kdump-to-elf.py KDUMP ELF: an ELF dump out of QEMU's kdump (zlib, flattened or not), whose blocks may be larger than the kernel's pages.

makedumpfile takes the blocks of a dump for pages; QEMU writes blocks of 64 KiB on arm64 whatever the kernel's pages are.
"""
import struct
import sys
import zlib

EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
PHDR = struct.Struct("<IIQQQQQQ")
X86_64, AARCH64 = 62, 183  # QEMU names the first alone
FLATTENED = b"makedumpfile"
ZLIB = 1


def assemble(raw):
    """The dump as it lies on disk once the pieces of a flattened one are where they belong."""
    if not raw.startswith(FLATTENED):
        return raw
    whole, at = bytearray(), 4096
    while True:
        offset, size = struct.unpack_from(">qq", raw, at)
        if offset < 0:
            return bytes(whole)
        at += 16
        if len(whole) < offset + size:
            whole.extend(bytes(offset + size - len(whole)))
        whole[offset : offset + size] = raw[at : at + size]
        at += size


def main(source, target):
    with open(source, "rb") as file:
        dump = assemble(file.read())
    block, sub, bitmaps = struct.unpack_from("<iiI", dump, 428)
    machine = dump[12 + 4 * 65 :].split(b"\0", 1)[0]
    note_at, note_size = struct.unpack_from("<QQ", dump, block + 48)
    bitmap = int.from_bytes(dump[(1 + sub + bitmaps // 2) * block : (1 + sub + bitmaps) * block], "little")
    descriptors, runs, n, frame = (1 + sub + bitmaps) * block, [], 0, 0
    while bitmap >> frame:
        if bitmap >> frame & 1:
            offset, size, flags = struct.unpack_from("<QII", dump, descriptors + 24 * n)
            data = dump[offset : offset + size]
            data = zlib.decompress(data) if flags & ZLIB else data
            if runs and runs[-1][0] + len(runs[-1][1]) == frame * block:
                runs[-1][1].extend(data)
            else:
                runs.append((frame * block, bytearray(data)))
            n += 1
        frame += 1
    at = EHDR.size + PHDR.size * (1 + len(runs))
    segments = [PHDR.pack(4, 0, at, 0, 0, note_size, note_size, 0)]
    at += note_size
    for physical, data in runs:
        segments.append(PHDR.pack(1, 7, at, 0, physical, len(data), len(data), 0))
        at += len(data)
    ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    header = EHDR.pack(ident, 4, X86_64 if machine == b"x86_64" else AARCH64, 1, 0, EHDR.size, 0, 0, EHDR.size, PHDR.size, len(segments), 0, 0, 0)
    with open(target, "wb") as file:
        file.write(header + b"".join(segments) + dump[note_at : note_at + note_size])
        for _, data in runs:
            file.write(data)


main(sys.argv[1], sys.argv[2])
