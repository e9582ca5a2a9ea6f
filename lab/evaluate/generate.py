#!/usr/bin/env python3
"""Makes guests that leak, from a seed: modules whose names, sizes, counts and structures nobody chose, with the truth of each.

    generate.py --seed 7 seq session blob            # one guest of each kind
    generate.py --seed 7 all                         # one of each kind there is, small leaks, healthy guests, one of 256 MiB
    generate.py --seed 7 --kernel sid seq            # another kernel of the lab
    generate.py large-768 large-1536 large-3072      # millions of objects: 5.5 GB of dumps

LAB_WORK/evaluate/out/SEED-KIND then holds start/, end/, one dump, truth.json and the modules' sources. Guests that are there are kept.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True

from healthy import HEALTHY
from kinds import LARGE, RECIPES, make

HERE = Path(__file__).resolve().parent
LAB = Path(os.environ.get("LAB_WORK") or Path(tempfile.gettempdir()) / "kleak-lab")
WORK = LAB / "evaluate"
SMALL = ["seq", "session", "blob", "ops", "skb", "linked", "cache", "pages", "area", "sockpath", "tty", "task", "file"]
# makedumpfile does not know them yet: it drops pages of slabs
UNFILTERED = ["sid", "backports"]
NOISE = ["work loop tcp", "work loop /tmp", "work loop pipe", "work loop unix", "work loop thread", "work loop watch"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="+", help="all, small, " + ", ".join([*RECIPES, *HEALTHY, *LARGE]))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kernel", default="6.1", help="a folder of LAB_WORK/kernels")
    parser.add_argument("--again", action="store_true", help="also guests that are there")
    options = parser.parse_args()
    kinds = [*RECIPES, "small", "timing", *HEALTHY] if "all" in options.kinds else options.kinds
    for kind in kinds:
        name = f"{options.seed}-{kind}" + ("" if options.kernel == "6.1" else f"-{options.kernel}")
        if options.again or not (WORK / "out" / name / "truth.json").exists():
            guest(name, kind, options)


def guest(name, kind, options):
    start = time.monotonic()
    chance = random.Random(f"{options.seed} {kind} {options.kernel}")
    planted = plant(kind, chance)
    kernel = WORK / "kernels" / name
    shutil.rmtree(kernel, ignore_errors=True)
    (kernel / "modules").mkdir(parents=True)
    (kernel / "root").symlink_to(LAB / "kernels" / options.kernel / "root")
    for each in planted:
        build(each, kernel, options.kernel)
    tools(options.kernel)
    containers = ["elf", "zlib"] if options.kernel in UNFILTERED else ["elf", "zlib", "filtered"]
    noise = chance.sample(NOISE, chance.choice([0, 0, 1, 2])) if kind in RECIPES else []
    container = "filtered" if kind == "timing" else "elf" if kind in LARGE else chance.choice(containers)
    append = chance.choice(["", "", "init_on_alloc=0"])
    run(name, commands(kind, planted, noise), container, append, memory(kind))
    out = WORK / "out" / name
    log = (out / "serial.log").read_text(errors="replace")
    if "rror:" in log or "BUG:" in log:
        print(f"{name}: see {out}/serial.log")
    for each in planted:
        (out / f"{each.name}.c").write_text(each.source)
    truth = dict(name=name, seed=options.seed, kind=kind, kernel=options.kernel, container=container, append=append, noise=noise)
    leaks = [each.truth for each in planted]
    (out / "truth.json").write_text(json.dumps(truth | dict(healthy=kind in HEALTHY, leaks=leaks), indent=2) + "\n")
    shutil.rmtree(kernel)
    print(f"{name}: {time.monotonic() - start:.0f} s")


def memory(kind):
    """MiB of the guest."""
    return LARGE.get(kind) or (256 if kind == "timing" else 160 if kind in HEALTHY else 128)


def plant(kind, chance):
    if kind in HEALTHY:
        return []
    if kind in LARGE:
        return [make(chance, "large", 8_000_000 * LARGE[kind] // 3072)]
    if kind == "timing":
        return [make(chance, "seq", 30000)]
    return [make(chance, each, 20) for each in SMALL] if kind == "small" else [make(chance, kind)]


def commands(kind, planted, noise):
    lines = ["mount -t tmpfs -o size=100m,nr_inodes=200000 t /tmp", "ifconfig lo 127.0.0.1 up", "snap start"]
    lines += [f"{loop} >/dev/null 2>&1 &" for loop in noise]
    for each in planted:
        lines += [f"insmod /mod/{each.name}.ko", *each.commands]
    lines += HEALTHY.get(kind, []) + ["sleep 1", "snap end"]
    return "\n".join(lines)


def build(planted, kernel, name):
    """Against the kernel's headers; the truth then knows the size of the module's struct."""
    folder = kernel / planted.name
    folder.mkdir()
    (folder / f"{planted.name}.c").write_text(planted.source)
    (folder / "Makefile").write_text(f"obj-m := {planted.name}.o\n")
    image = next((kernel / "root" / "boot").glob("vmlinuz-*")).name.removeprefix("vmlinuz-")
    made = make_module(folder, image, name)
    if made.returncode != 0:
        sys.exit(f"{planted.name}: {made.stdout}{made.stderr}")
    module = folder / f"{planted.name}.ko"
    if planted.truth["struct"]:
        sizes = subprocess.run(["pahole", "-s", module], capture_output=True, text=True).stdout
        planted.truth["structSize"] = next((int(line.split("\t")[1]) for line in sizes.splitlines() if line.split("\t")[0] == planted.truth["struct"]), None)
    shutil.copy(module, kernel / "modules")


def make_module(folder, image, name):
    """With the headers of this machine, or with those in a tree that has the compiler they want."""
    headers = f"/usr/src/linux-headers-{image}"
    if Path(headers).exists():
        return subprocess.run(["make", "-s", "-C", headers, f"M={folder}", "modules"], capture_output=True, text=True)
    tree = WORK / "trees" / name
    if not (tree / "build").exists():
        subprocess.run([HERE / "tree.sh", name], env=os.environ | dict(LAB_WORK=str(LAB)), check=True)
    inside = tree / "build" / folder.name
    shutil.copytree(folder, inside, dirs_exist_ok=True)
    mounted = 'mount -t proc proc "$1/proc" && exec chroot "$@"'  # objtool reads /proc
    command = ["unshare", "--mount", "sh", "-c", mounted, "-", tree, "make", "-s", "-C", headers, f"M=/build/{folder.name}", "modules"]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode == 0:
        shutil.copy(inside / f"{folder.name}.ko", folder)
    shutil.rmtree(inside)
    return made


def tools(kernel):
    folder = WORK / "guest" / "x86_64"
    if not folder.exists():
        folder.mkdir(parents=True)
        for tool in ("busybox", "drive"):
            shutil.copy(LAB / "guest/x86_64" / tool, folder)
        shutil.copy(LAB / "guest/ext4.img", folder.parent)
    if (LAB / "tools").exists() and not (WORK / "tools").exists():
        (WORK / "tools").symlink_to(LAB / "tools")  # a makedumpfile that knows newer kernels
    subprocess.run(["gcc", "-O1", "-static", "-pthread", "-o", folder / "work", HERE / "work.c"], check=True)


def run(name, script, container, append, mebibytes):
    while subprocess.run(["pgrep", "qemu-system"], capture_output=True).returncode == 0:
        time.sleep(2)  # one at a time
    environment = os.environ | dict(LAB_WORK=str(WORK))
    dump = "paging" if container == "filtered" else container
    command = ["nice", "-n", "10", HERE.parent / "guest.py", name, script, "--kernel", name, "--mem", str(mebibytes), "--dump", dump]
    subprocess.run([*command, "--append", append, "--timeout", "900"], env=environment, check=True)
    if container == "filtered":
        subprocess.run([HERE.parent / "filter.sh", WORK / "out" / name], env=environment, check=True)
        (WORK / "out" / name / "vmcore.paging").unlink()


if __name__ == "__main__":
    main()
