"""What crash prints, as values: structs, memory, symbols, `kmem ADDRESS`. Sessions of many commands at one start."""
import re
import subprocess
import tempfile
from pathlib import Path


class Crash:
    def __init__(self, program, vmlinux, dump):
        self.command = [program, "-s"]
        self.files = [vmlinux, dump]
        done = subprocess.run([program, "--version"], capture_output=True, text=True)
        self.version = next((line for line in done.stdout.splitlines() if line.startswith("crash ")), "crash ?")

    def ask(self, commands, folder):
        """The answer of each command, out of one session."""
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            session = Path(scratch) / "session"
            session.write_text("".join(f"{c} > {scratch}/{i}\n" for i, c in enumerate(commands)) + "exit\n")
            subprocess.run(
                [*self.command, "-i", session, *self.files], stdin=subprocess.DEVNULL, capture_output=True, timeout=900
            )
            answers = [Path(scratch) / str(i) for i in range(len(commands))]
            return [a.read_text(errors="replace") if a.exists() else "" for a in answers]


def symbol_rows(text):
    """(address, type letter, name, offset) of each line of `sym`."""
    rows = []
    for line in text.splitlines():
        match = re.match(r"\s*([0-9a-f]+) \((.)\) (\S+?)(?:\+(\d+|0x[0-9a-f]+))?(?:\s|$)", line)
        if match:
            rows.append((int(match[1], 16), match[2], match[3], int(match[4] or "0", 0)))
    return rows


def memory_words(text):
    words = []
    for line in text.splitlines():
        match = re.match(r"\s*[0-9a-f]+: +((?:[0-9a-f]{16} ?)+)", line)
        words += match[1].split() if match else []
    return words


def kmem_address(text):
    """{cache, object, state, page, physical}: what is there of them."""
    facts = {}
    lines = text.splitlines()
    for i, line in enumerate(lines[:-1]):
        if line.startswith("CACHE") and "cache" not in facts:
            facts["cache"] = lines[i + 1].split(None, 6)[-1].strip()
        elif "FREE / [ALLOCATED]" in line:
            match = re.match(r"\s*(\[)?([0-9a-f]{16})", lines[i + 1])
            if match and len([x for x in lines[i + 1 :] if re.match(r"\s*\[?[0-9a-f]{16}\]?(\s|$)", x)]) == 1:
                facts["object"] = match[2]
                facts["state"] = "allocated" if match[1] else "free"
        elif re.match(r"\s*PAGE +PHYSICAL", line):
            page, physical = lines[i + 1].split()[:2]
            facts["page"], facts["physical"] = page, int(physical, 16)
    return facts


ESCAPES = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "e": 27}


def gdb_bytes(text):
    r"""`"abc\000", '\000' <repeats 9 times>` as numbers, and whether there is more (…)."""
    found = []
    for match in re.finditer(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.[0-7]*)')(\.\.\.)?(?: <repeats (\d+) times>)?""", text):
        raw, piece, i = match[1][1:-1], [], 0
        while i < len(raw):
            if raw[i] != "\\":
                piece += list(raw[i].encode())
                i += 1
            elif octal := re.match(r"[0-7]{1,3}", raw[i + 1 :]):
                piece.append(int(octal[0], 8))
                i += 1 + len(octal[0])
            else:
                piece.append(ESCAPES.get(raw[i + 1], ord(raw[i + 1])))
                i += 2
        found += piece * int(match[3] or 1)
    return found


class StructText:
    """gdb's way to print a struct, as {path: [values]}: anonymous members have no step in the path, elements of an array the same."""

    def __init__(self, text):
        start = text.index("{")
        self.text, self.at, self.leaves = text, start, {}
        self.value("")

    def skip(self):
        while self.at < len(self.text) and self.text[self.at] in " \n\t":
            self.at += 1

    def value(self, path):
        self.skip()
        begin = self.at
        before = {k: len(v) for k, v in self.leaves.items()}
        if self.text[self.at] == "{":
            self.at += 1
            self.items(path)
        else:
            self.leaves.setdefault(path, []).append(self.scalar())
        repeats = re.compile(r" <repeats (\d+) times>").match(self.text, self.at)
        if repeats:
            self.at = repeats.end()
            for key, values in self.leaves.items():
                values += values[before.get(key, 0) :] * (int(repeats[1]) - 1)
        return begin

    def items(self, path):
        while True:
            self.skip()
            if self.text[self.at] == "}":
                self.at += 1
                return
            named = re.compile(r"([A-Za-z_]\w*) = ").match(self.text, self.at)
            if named:
                self.at = named.end()
                self.value(f"{path}.{named[1]}" if path else named[1])
            else:
                self.value(path)
            self.skip()
            if self.text.startswith("...", self.at):
                self.at += 3
            if self.text[self.at] == ",":
                self.at += 1

    def scalar(self):
        begin, quote, depth = self.at, "", 0
        while True:
            c = self.text[self.at]
            if quote:
                self.at += 2 if c == "\\" else 1
                quote = "" if c == quote else quote
                continue
            if c in "\"'":
                quote = c
            elif c in "<(":
                if self.text.startswith("<repeats ", self.at) and self.text[begin] not in "\"'":
                    self.at -= 1
                    return self.text[begin : self.at].strip()
                depth += 1
            elif c in ">)":
                depth -= 1
            elif depth <= 0 and c == "," and self.text[begin] in "\"'" and self.text[self.at + 1 :].lstrip()[:1] in ("'", '"'):
                pass
            elif depth <= 0 and c in ",}\n":
                return self.text[begin : self.at].strip()
            self.at += 1
