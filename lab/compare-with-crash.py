#!/usr/bin/env python3
"""Asks kleak and crash the same about a dump: symbols, memory, what an address is, structs. About 200 questions, drawn by a seed.

    compare-with-crash.py DUMP VMLINUX [--seed N] [--count 200] [--markdown FILE] [-- OPTION-OF-KLEAK…]

kleak sees the dump alone, unless told `-- --symbols FILE`. Prints the tools' versions, every disagreement and a summary; exit
status 1 where they disagree. LAB_CRASH: the crash to run.
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from crash_answers import Crash, StructText, gdb_bytes, kmem_address, memory_words, symbol_rows

KLEAK = os.environ.get("LAB_KLEAK", Path(__file__).resolve().parent.parent / "bin/kleak")
MASK = (1 << 64) - 1
CACHES = ["dentry", "inode_cache", "filp", "files_cache", "mm_struct", "vm_area_struct", "kmalloc-64", "kmalloc-192", "kmalloc-1k"]
LEFT_OUT = re.compile("__(crc|kstrtab|kstrtabns|ksymtab|UNIQUE_ID)_")  # of kallsyms, by its own rules
TYPES = {"dentry": "dentry", "inode_cache": "inode", "filp": "file", "mm_struct": "mm_struct", "vm_area_struct": "vm_area_struct"}


def hexadecimals(pattern, text):
    return re.findall(pattern, text, re.MULTILINE)


def draw(crash, rng, count, folder, ram):
    """The questions: (kind, argument of kleak, command of crash)."""
    listing = ["sym -l", "kmem -s", "kmem -p", "kmem -v", "kmem -o", "mod", "ps", "runq"]
    symbols, caches, pages, areas, offsets, modules, tasks, queues = crash.ask(listing, folder)
    names = [line.split(None, 6)[-1] for line in caches.splitlines()[1:] if len(line.split()) >= 7]
    names = sorted(set(CACHES) & set(names)) + rng.sample(names, min(12, len(names)))
    members = dict(zip(names, crash.ask([f"kmem -S {n}" for n in names], folder)))
    table = [s for s in symbol_rows(symbols) if s[1] in "TtDdBbRr" and s[0] > 1 << 62 and not LEFT_OUT.match(s[2])]
    percpu = [s for s in symbol_rows(symbols) if 0 < s[0] < 0x100000 and s[1] in "Dd"]
    cpus = hexadecimals(r"CPU \d+: ([0-9a-f]{16})", offsets)
    in_modules = [s for s in table if any(lo <= s[0] < lo + n for lo, n in module_ranges(modules))]
    used = [(n, a) for n, text in members.items() for a in hexadecimals(r"^ +\[([0-9a-f]{16})\]", text)]
    free = [a for text in members.values() for a in hexadecimals(r"^   ([0-9a-f]{16})(?:\s|$)", text)]
    frames = re.findall(r"^([0-9a-f]{16}) +([0-9a-f]+) .* [0-9a-f]+(?: ([a-z_,]+))?$", pages, re.MULTILINE)
    frames = [f for f in frames if int(f[1], 16) < ram]  # the memory map of a section goes on where RAM has ended
    slab_frames = [f for f in frames if "slab" in f[2]] or [f for f in frames if "reserved" not in f[2]]
    ranges = hexadecimals(r"([0-9a-f]{16}) - [0-9a-f]{16}", areas)
    physical = crash.ask([f"ptov {f[1]}" for f in rng.sample(slab_frames, min(count // 8, len(slab_frames)))], folder)
    virtual = [a for text in physical for a in hexadecimals(r"^([0-9a-f]{16}) ", text)]
    objects = [f"{int(a, 16) + rng.randrange(0, 4096, 8):016x}" for a in virtual]

    def some(list_, part):
        return rng.sample(list_, min(len(list_), max(1, round(count * part)))) if list_ else []

    def at(symbol):
        return f"{symbol[0]:016x}"

    questions = [("sym", s[2], f"sym {s[2]}") for s in some(table, 0.08) + some(in_modules, 0.02) + some(percpu, 0.02)]
    questions += [("sym-at", f"{s[0] + rng.randrange(0, 16):016x}", None) for s in some(table, 0.08) + some(in_modules, 0.03)]
    readable = [at(s) for s in some([s for s in table if s[1] in "DdBbRr"], 0.07)] + [a for _, a in some(used, 0.06)] + some(ranges, 0.03)
    readable += [f"{int(rng.choice(cpus), 16) + s[0]:016x}" for s in some(percpu, 0.04)] + [f[0] for f in some(frames, 0.03)]
    questions += [("read", a, f"rd -64 {a} 8") for a in readable]
    places = [f"{int(a, 16) + rng.randrange(0, 64, 8):016x}" for _, a in some(used, 0.08)] + some(free, 0.08) + objects
    places += [f[0] for f in some(frames, 0.05)] + some(ranges, 0.03) + [at(s) for s in some(in_modules, 0.02) + some(table, 0.02)]
    questions += [("whatis", a, f"kmem {a}") for a in places]
    structs = [(TYPES[n], a) for n, a in some([u for u in used if u[0] in TYPES], 0.08)]
    structs += [("page", f[0]) for f in some(frames, 0.04)]
    structs += [("task_struct", a) for a in some(hexadecimals(r"\b(f[0-9a-f]{15})  (?:RU|IN|UN|ID)", tasks), 0.03)]
    structs += [("kmem_cache", a) for a in some(hexadecimals(r"^([0-9a-f]{16}) ", caches), 0.04)]
    structs += [("vm_struct", a) for a in some(hexadecimals(r"^[0-9a-f]{16}  ([0-9a-f]{16})", areas), 0.03)]
    structs += [("module", a) for a in some(hexadecimals(r"^([0-9a-f]{16}) ", modules), 0.01)]
    structs += [("rq", a) for a in some(hexadecimals(r"RUNQUEUE: ([0-9a-f]{16})", queues), 0.01)]
    questions += [("struct", (t, a), f"struct {t} {a}") for t, a in structs]
    return [(k, a, c or f"sym {a}") for k, a, c in questions]


def ram_of(dump):
    """Bytes, where the lab made the dump."""
    facts = Path(dump).parent / "machine.json"
    return json.loads(facts.read_text())["mebibytes"] << 20 if facts.exists() else 1 << 52


def module_ranges(text):
    rows = re.findall(r"^[0-9a-f]{16}  \S+ +([0-9a-f]{16}) +(\d+)", text, re.MULTILINE)
    return [(int(base, 16), int(size)) for base, size in rows]


def kleak(arguments):
    done = subprocess.run([KLEAK, "core", *arguments, "--json"], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else {"refused": done.stderr.strip()}


def compare_sym(ours, theirs, name):
    rows = symbol_rows(theirs)
    if not rows:
        return f"crash has none, kleak {ours}"
    mine = {int(s["address"], 16) for s in ours.get("symbols", [])}
    return None if rows[0][0] in mine else f"crash {rows[0][0]:016x}, kleak {ours.get('refused') or [hex(m) for m in mine]}"


def compare_sym_at(ours, theirs, address):
    rows = symbol_rows(theirs)
    if not rows:
        return f"crash has none, kleak {ours}"
    begin = rows[0][0] - rows[0][3] if rows[0][3] else rows[0][0]
    mine = ours.get("symbols", [])
    if any(s["name"] == rows[0][2] or int(s["address"], 16) == begin for s in mine):
        return None
    return f"crash {rows[0][2]} at {begin:016x}, kleak {ours.get('refused') or [(s['name'], s['address']) for s in mine]}"


def vmlinux_only(dump, theirs, extra):
    """crash's symbol, where the kernel's own table has no such name: kallsyms leaves out what begins with __kstrtab_ and the like."""
    rows = symbol_rows(theirs)
    return rows[0][2] if rows and "no symbol" in kleak(["sym", dump, rows[0][2], *extra]).get("refused", "") else None


def compare_read(ours, theirs, address):
    words = memory_words(theirs)
    mine = [w["value"] for w in ours.get("words", [])]
    if not words and "refused" in ours:
        return None  # neither can
    return None if words == mine[: len(words)] and words else f"crash {words[:4]}, kleak {ours.get('refused') or mine[:4]}"


def compare_whatis(ours, theirs, address):
    facts = kmem_address(theirs)
    if "refused" in ours:
        return f"crash {facts}, kleak {ours['refused']}" if facts else None
    slab, page = ours.get("slab", {}), ours.get("page", {})
    wrong = []
    if "describes" in page:  # the address of a struct page
        if facts.get("physical", 0) >> 12 != page["describes"]:
            wrong.append(f"frame {page['describes']:x} of {facts.get('physical', 0):x}")
        return wrong[0] if wrong else None
    if facts.get("cache") != slab.get("cache"):
        wrong.append(f"cache {slab.get('cache')}, crash {facts.get('cache')}")
    if "object" in facts and (facts["object"], facts["state"]) != (slab.get("object"), slab.get("state")):
        wrong.append(f"object {slab.get('object')} {slab.get('state')}, crash {facts['object']} {facts['state']}")
    if "physical" in facts and "cache" not in facts and facts["physical"] >> 12 != page.get("frame"):
        wrong.append(f"frame {page.get('frame')}, crash {facts['physical'] >> 12}")
    return "; ".join(wrong) or None


def leaves(members, path="", into=None):
    """kleak's members as {path: [values]}, like StructText."""
    into = {} if into is None else into
    for member in members:
        name = f"{path}.{member['name']}" if path and member["name"] else member["name"] or path
        leaf(member["value"], name, into)
    return into


def leaf(value, path, into):
    kind = value["kind"]
    if kind == "struct":
        leaves(value["members"], path, into)
    elif kind == "array":
        for element in value["elements"]:
            for _ in range(element.get("times", 1)):
                leaf(element["value"], path, into)
    else:
        into.setdefault(path, []).append(value)


def same(ours, theirs):
    """A value of kleak and one of crash; None: not comparable."""
    kind, text = ours["kind"], theirs
    number = re.match(r"(-?\d+|0x[0-9a-f]+)\b", text)
    if kind in ("place", "bytes", "unreadable"):
        return None
    if kind == "text":
        found = gdb_bytes(text)
        found = found[: found.index(0)] if 0 in found else found
        shown = bytes(found).decode(errors="replace")
        return None if not text.startswith(('"', "'")) else shown == ours["text"] or shown.startswith(ours["text"].rstrip("…"))
    if kind == "bool":
        return (text == "true") == ours["value"]
    if kind == "enum" and not number:
        return ours.get("constant") == text or "|" in text
    if number is None:
        return None
    value = ours["value"]
    value = int(value, 16) if kind == "pointer" else int(value)
    return value & MASK == int(number[1], 0) & MASK


def compare_struct(ours, theirs, what):
    if "{" not in theirs:
        return None if "refused" in ours else f"crash {theirs.strip()[:80]!r}, kleak answers"
    if "refused" in ours:
        return f"kleak {ours['refused']}"
    expected, mine, wrong = StructText(theirs).leaves, leaves(ours["members"]), []
    for path, values in expected.items():
        if path not in mine:
            if values != ["<No data fields>"]:
                wrong.append(f"{path}: kleak has none")
            continue
        found = mine[path]
        if len(values) == 1 and values[0][:1] in "\"'" and found[0]["kind"] == "number":
            values = [str(b) for b in gdb_bytes(values[0])]
            found = [dict(v, value=int(v["value"]) & 255) for v in found]
        wrong += [f"{path}: kleak {o}, crash {t}" for o, t in zip(found, values) if same(o, t) is False]
    return "; ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "") if wrong else None


COMPARE = {
    "sym": ("sym", compare_sym),
    "sym-at": ("sym", compare_sym_at),
    "read": ("read", compare_read),
    "whatis": ("whatis", compare_whatis),
    "struct": ("struct", compare_struct),
}


def main():
    argv = sys.argv[1:]
    own, extra = (argv[: argv.index("--")], argv[argv.index("--") + 1 :]) if "--" in argv else (argv, [])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dump")
    parser.add_argument("vmlinux")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--markdown", help="a file that gets the result as a section")
    options = parser.parse_args(own)
    crash = Crash(os.environ.get("LAB_CRASH", "crash"), options.vmlinux, options.dump)
    version = subprocess.run([KLEAK, "--version"], capture_output=True, text=True).stdout.strip()

    disagreements, outside, asked = [], [], {}
    with tempfile.TemporaryDirectory(dir=Path(options.dump).parent) as folder:
        questions = draw(crash, random.Random(options.seed), options.count, folder, ram_of(options.dump))
        answers = crash.ask([command for _, _, command in questions], folder)
    for (kind, argument, command), theirs in zip(questions, answers):
        sub, compare = COMPARE[kind]
        words = list(argument) if kind == "struct" else [argument, "8"] if kind == "read" else [argument]
        ours = kleak([sub, options.dump, *words, *extra])
        asked[kind] = asked.get(kind, 0) + 1
        wrong = compare(ours, theirs, argument)
        if wrong and kind.startswith("sym") and (name := vmlinux_only(options.dump, theirs, extra)):
            outside.append(f"{name} ({command})")
        elif wrong:
            disagreements.append(f"{kind} {command!r}: {wrong}")

    counts = ", ".join(f"{n} {k}" for k, n in asked.items())
    head = f"{version}, {crash.version}, {Path(options.dump).parent.name}/{Path(options.dump).name}, seed {options.seed}"
    summary = f"{sum(asked.values())} questions ({counts}): {len(disagreements)} disagreements"
    if outside:
        summary += f"; {len(outside)} symbols are in the vmlinux alone: {', '.join(outside)}"
    print(head, *disagreements, summary, sep="\n")
    if options.markdown:
        listed = "".join(f"- {d}\n" for d in disagreements) or "No disagreements.\n"
        Path(options.markdown).write_text(f"### Addresses: {head}\n\n{summary}.\n\n{listed}")
    sys.exit(1 if disagreements else 0)


main()
