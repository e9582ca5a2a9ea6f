#!/usr/bin/env python3
"""Compares the slab caches that kleak counts in a dump with drgn's count, and the objects of some caches one by one.

    compare-with-drgn.py DUMP VMLINUX [--seed N] [--caches 8] [--markdown FILE] [-- OPTION-OF-KLEAK…]

drgn walks the allocated objects of every cache; those that wait in an rcu_free sheaf (since 6.18), which it takes for
allocated, are taken off. kleak sees the dump alone, unless told `-- --symbols FILE`. Prints the tools'
versions, every disagreement and a summary; exit status 1 where they disagree. LAB_DRGN_PYTHON: the Python that has drgn.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
KLEAK = os.environ.get("LAB_KLEAK", HERE.parent / "bin/kleak")


def run(command):
    start = time.monotonic()
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command[:3]))} …: status {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout, time.monotonic() - start


def in_use(cache):
    return cache["allocated"] - cache.get("rcuFree", 0)


def main():
    argv = sys.argv[1:]
    own, extra = (argv[: argv.index("--")], argv[argv.index("--") + 1 :]) if "--" in argv else (argv, [])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dump")
    parser.add_argument("vmlinux")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--caches", type=int, default=8, help="how many caches are compared object by object")
    parser.add_argument("--answer", help="what drgn-objects.py said earlier, instead of asking anew")
    parser.add_argument("--markdown", help="a file that gets the result as a section")
    options = parser.parse_args(own)

    slabs, kleak_seconds = run([KLEAK, "core", "slabs", options.dump, "--json", *extra])
    kleak = {c["address"]: c for c in json.loads(slabs)["caches"]}
    chosen = sorted(c["name"] for c in kleak.values() if c["allocated"])
    chosen = random.Random(options.seed).sample(chosen, min(options.caches, len(chosen)))
    python = os.environ.get("LAB_DRGN_PYTHON", "/usr/bin/python3")
    if options.answer:
        drgn = json.loads(Path(options.answer).read_text())
    else:
        drgn = json.loads(run([python, HERE / "drgn-objects.py", options.dump, options.vmlinux, "--addresses", *chosen])[0])
    one_by_one = sum("addresses" in c for c in drgn["caches"])
    version = run([KLEAK, "--version"])[0].strip()

    disagreements, agreeing, objects = [], 0, 0
    for theirs in drgn["caches"]:
        ours = kleak.pop(theirs["address"], None)
        name = theirs["name"]
        if ours is None:
            disagreements.append(f"{name}: drgn has a cache at {theirs['address']}, kleak none")
        elif "error" in theirs:
            disagreements.append(f"{name}: kleak {ours['allocated']}, drgn failed: {theirs['error']}")
        elif (ours["name"], ours["objectSize"], ours["allocated"]) != (name, theirs["objectSize"], in_use(theirs)):
            said = f"kleak {ours['name']} {ours['objectSize']} B × {ours['allocated']}"
            disagreements.append(f"{name}: {said}, drgn {theirs['objectSize']} B × {in_use(theirs)}; {ours.get('problems')}")
        else:
            agreeing += 1
            objects += in_use(theirs)
        if ours and "addresses" in theirs:
            lines, _ = run([KLEAK, "core", "objects", options.dump, name, *extra])
            states = [json.loads(line) for line in lines.splitlines()]
            mine = {o["address"] for o in states if o["state"] == "allocated"}
            for address in sorted(mine ^ set(theirs["addresses"])):
                disagreements.append(f"{name}: {address} is allocated for {'kleak' if address in mine else 'drgn'} alone")
    disagreements += [f"{c['name']}: kleak has a cache at {a}, drgn none" for a, c in kleak.items()]

    summary = (
        f"{agreeing} of {len(drgn['caches'])} caches with {objects} allocated objects agree; objects of {one_by_one} caches "
        f"compared one by one; {len(disagreements)} disagreements. kleak {kleak_seconds:.1f} s, drgn {drgn['seconds']} s"
    )
    head = f"{version}, drgn {drgn['drgn']}, {Path(options.dump).parent.name}/{Path(options.dump).name}, seed {options.seed}"
    print(head, *disagreements, summary, sep="\n")
    if options.markdown:
        listed = "".join(f"- {d}\n" for d in disagreements) or "No disagreements.\n"
        Path(options.markdown).write_text(f"### Slab caches: {head}\n\n{summary}.\n\n{listed}")
    sys.exit(1 if disagreements else 0)


main()
