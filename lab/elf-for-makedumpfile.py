#!/usr/bin/env python3
"""elf-for-makedumpfile.py FILE: leaves in an ELF dump of QEMU (kind 'paging') what makedumpfile copes with, as /proc/vmcore has it.

The program headers move to byte 64 (QEMU 7.2 puts section headers there and says so in e_phoff, which makedumpfile does not
read), and of the mappings only those of the direct map stay: from others makedumpfile takes a wrong page_offset.
"""
import struct
import sys
from collections import Counter

EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
PHDR = struct.Struct("<IIQQQQQQ")
PT_LOAD = 1


def main(path):
    with open(path, "r+b") as file:
        header = list(EHDR.unpack(file.read(EHDR.size)))
        start, count = header[5], header[10]  # e_phoff, e_phnum
        file.seek(start)
        segments = [PHDR.unpack(file.read(PHDR.size)) for _ in range(count)]
        mapped = Counter()
        for kind, _, _, virtual, physical, _, size, _ in segments:
            if kind == PT_LOAD:
                mapped[virtual - physical] += size
        direct = mapped.most_common(1)[0][0]
        kept = [s for s in segments if s[0] != PT_LOAD or s[3] - s[4] == direct]
        header[5], header[6] = EHDR.size, 0  # e_phoff, e_shoff
        header[8], header[9], header[10], header[12], header[13] = EHDR.size, PHDR.size, len(kept), 0, 0
        file.seek(0)
        file.write(EHDR.pack(*header) + b"".join(PHDR.pack(*s) for s in kept))


main(sys.argv[1])
