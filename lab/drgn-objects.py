#!/usr/bin/env python3
"""drgn-objects.py DUMP VMLINUX [--addresses CACHE…]: counts the allocated objects of every slab cache with drgn's own helpers.

Prints {"drgn": version, "caches": [{"name", "address", "objectSize", "size", "allocated", "rcuFree", "error"}], "seconds"}; the
objects' addresses too for the caches named. "rcuFree" of "allocated" (since 6.18, for drgn) are freed and wait in a CPU's
rcu_free sheaf for the end of a grace period; the addresses leave them out.
"""
import argparse
import json
import sys
import time

import drgn
from drgn.helpers.linux.cpumask import for_each_online_cpu
from drgn.helpers.linux.percpu import per_cpu_ptr
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



def waiting_for_rcu(cache):
    """Addresses of the objects in the rcu_free sheaves of a cache."""
    found = set()
    if hasattr(cache, "cpu_sheaves") and cache.cpu_sheaves:
        for cpu in for_each_online_cpu(prog):
            sheaf = per_cpu_ptr(cache.cpu_sheaves, cpu).rcu_free
            if sheaf:
                found.update(sheaf.objects[i].value_() for i in range(sheaf.size.value_()))
    return found


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
        freed = waiting_for_rcu(cache)
        entry["allocated"] = len(addresses)
        if freed:
            entry["rcuFree"] = len(freed.intersection(addresses))
        if name in options.addresses:
            entry["addresses"] = [f"{a:016x}" for a in addresses if a not in freed]
    except Exception as error:  # a cache that drgn cannot walk is an answer too
        entry["error"] = f"{type(error).__name__}: {error}"
    caches.append(entry)
version = getattr(drgn, "__version__", "unknown")
json.dump({"drgn": version, "caches": caches, "seconds": round(time.monotonic() - start, 1)}, sys.stdout, indent=1)
print()
