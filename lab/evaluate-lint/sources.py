#!/usr/bin/env python3
"""sources.py FOLDER SEED…: writes the modules that generate.py would build into FOLDER, and truth.json: what each of them loses.

The ledger is for those who judge a dump; its calls are taken out here, since a driver that leaks has none.
"""
import json
import random
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "evaluate"))

from kinds import RECIPES, make


def settle(source):
    """Conditionals of numbers alone, as the templates have them, give way to the part that holds."""
    out, states = [], []  # of each open conditional: whether a part was taken, whether this one is, whether it is settled here
    for line in source.split("\n"):
        word = re.match(r"#(if|elif|else|endif)\b\s*([^/]*)", line)
        if word and word[1] == "if" and re.fullmatch(r"[\d= ]+", word[2].strip()):
            holds = bool(eval(word[2]))
            states.append([holds, holds])
        elif word and states and word[1] == "elif":
            states[-1][1] = not states[-1][0] and bool(eval(word[2]))
            states[-1][0] |= states[-1][1]
        elif word and states and word[1] == "else":
            states[-1][1] = not states[-1][0]
        elif word and states and word[1] == "endif":
            states.pop()
        elif all(taken for _, taken in states):
            out.append(line)
    return "\n".join(out)


target = Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)
truth = []
for seed in sys.argv[2:]:
    for kind in RECIPES:
        planted = make(random.Random(f"{seed} {kind} 6.1"), kind)
        function = re.search(r"static int (\w+)\(unsigned long (?:i|fd)\)\n\{", planted.source).group(1)
        note = next(m.group(1) for m in re.finditer(r"static __maybe_unused void (\w+)\(const void \*object, u64 tag\)", planted.source))
        source = re.sub(rf"(?<!void )\b{note}\([^;]*\);", ";", planted.source)
        name = f"{seed}-{kind}.c"
        source = re.sub(r"\n\t+if \([^\n]*\)\n\t+;", "", settle(source))
        (target / name).write_text(source)
        open_function = re.search(r"static int (\w+)\(struct inode", source)
        lost = not planted.truth.get("listed")
        truth.append(dict(file=name, kind=kind, function=open_function.group(1) if open_function else function, lost=lost))
(target / "truth.json").write_text(json.dumps(truth, indent=1))
