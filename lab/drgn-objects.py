#!/usr/bin/env python3
"""drgn-objects.py DUMP VMLINUX [--addresses CACHE…]: counts the allocated objects of every slab cache with drgn's own helpers.

Prints {"drgn": version, "caches": [{"name", "address", "objectSize", "size", "allocated", "error"}], "seconds"}; the objects'
addresses too for the caches named.
"""
import argparse
import json
import sys
import time

import drgn
from drgn.helpers.linux.slab import for_each_slab_cache, slab_cache_for_each_allocated_object

parser = argparse.ArgumentParser()
parser.add_argument("dump")
parser.add_argument("vmlinux")
parser.add_argument("--addresses", nargs="*", default=[])
options = parser.parse_args()

start = time.monotonic()
prog = drgn.Program()
prog.set_core_dump(options.dump)
try:
    prog.load_debug_info([options.vmlinux])
except drgn.MissingDebugInfoError as error:
    print(f"without modules' types: {str(error).splitlines()[0]}", file=sys.stderr)

caches = []
for cache in for_each_slab_cache(prog):
    name = cache.name.string_().decode(errors="replace")
    entry = {
        "name": name,
        "address": f"{cache.value_():016x}",
        "objectSize": cache.object_size.value_(),
        "size": cache.size.value_(),
    }
    try:
        addresses = [o.value_() for o in slab_cache_for_each_allocated_object(cache, "void")]
        entry["allocated"] = len(addresses)
        if name in options.addresses:
            entry["addresses"] = [f"{a:016x}" for a in addresses]
    except Exception as error:  # a cache that drgn cannot walk is an answer too
        entry["error"] = f"{type(error).__name__}: {error}"
    caches.append(entry)
version = getattr(drgn, "__version__", "unknown")
json.dump({"drgn": version, "caches": caches, "seconds": round(time.monotonic() - start, 1)}, sys.stdout, indent=1)
print()
