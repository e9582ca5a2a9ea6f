#!/usr/bin/env python3
"""Boots a kernel of the lab in an emulated machine, runs commands in it and saves what /proc said and dumps of its memory.

    guest.py NAME 'snap start; insmod /mod/seqleak.ko; drive seq 20000; snap end' --kernel 6.1 --mem 128 --dump elf,zlib

LAB_WORK/out/NAME then holds start/meminfo, end/slabinfo, …, vmcore.elf, vmcore.zlib, serial.log and machine.json.
"""
import argparse
import gzip
import json
import lzma
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORK = Path(os.environ.get("LAB_WORK") or Path(tempfile.gettempdir()) / "kleak-lab")
READY = "@@@READY@@@"
# Of Debian's kernels; what init.sh loads, in its order, where it is no part of the kernel itself.
DRIVERS = ("qemu_fw_cfg", "loop", "virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_blk")
MACHINES = {
    "x86_64": dict(cpu="max", console="ttyS0", options=[], strip="strip"),
    "aarch64": dict(cpu="cortex-a57", console="ttyAMA0", options=["-M", "virt"], strip="aarch64-linux-gnu-strip"),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("commands")
    parser.add_argument("--kernel", default="6.1", help="a folder of LAB_WORK/kernels (default 6.1)")
    parser.add_argument("--arch", default="x86_64", choices=MACHINES)
    parser.add_argument("--mem", default="128", help="MiB")
    parser.add_argument("--smp", default="2")
    parser.add_argument("--cpu", help="QEMU's name; 'max' has 5-level page tables, 'qemu64' has not")
    parser.add_argument("--accel", default="tcg")
    parser.add_argument("--append", default="", help="more for the kernel's command line")
    parser.add_argument("--dump", default="elf", help="elf, paging (elf with virtual addresses), zlib, lzo, snappy, none")
    parser.add_argument("--disk", action="append", default=[], help="a raw disk image for the guest: /dev/vda, /dev/vdb, …; :ro behind it protects it")
    parser.add_argument("--timeout", type=float, default=300, help="seconds until the commands must have ended")
    return parser.parse_args()


def pack_guest(options, kernel, target):
    """Makes the initramfs: busybox, the guest program, modules, init."""
    machine = MACHINES[options.arch]
    tools = WORK / "guest" / options.arch
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        root = Path(folder)
        for name in "bin dev proc sys tmp mod".split():
            (root / name).mkdir()
        for tool in tools.iterdir():
            shutil.copy(tool, root / "bin")
        shutil.copy(WORK / "guest/ext4.img", root / "ext4.img")
        for module in (kernel / "modules").glob("*.ko"):
            subprocess.run([machine["strip"], "-g", "-o", root / "mod" / module.name, module], check=True)
        for module in kernel.glob("root/**/modules/*/kernel/drivers/*/*.ko*"):
            name = module.name.removesuffix(".xz")
            if name.removesuffix(".ko") in DRIVERS:
                (root / "mod" / name).write_bytes(lzma.decompress(module.read_bytes()) if module.suffix == ".xz" else module.read_bytes())
        init = root / "init"
        init.write_text(f"{(HERE / 'init.sh').read_text()}\n{options.commands}\nsync\necho {READY}\nwhile :; do sleep 1000; done\n")
        init.chmod(0o755)
        names = subprocess.run(["find", "."], cwd=root, check=True, capture_output=True).stdout
        archive = subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=root, check=True, input=names, capture_output=True)
        target.write_bytes(gzip.compress(archive.stdout, 1))


class Monitor:
    """QEMU's control socket."""

    def __init__(self, path):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(path))
        self.stream = connection.makefile("rw")
        self.stream.readline()
        self.call("qmp_capabilities")

    def call(self, command, **parameters):
        self.stream.write(json.dumps({"execute": command, "arguments": parameters}) + "\n")
        self.stream.flush()
        while True:
            answer = json.loads(self.stream.readline())
            if "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]


def await_ready(process, serial, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        time.sleep(0.3)
        if serial.exists() and READY in serial.read_text(errors="replace"):
            return True
    return False


def take_dump(monitor, kind, target):
    start = time.monotonic()
    form = {} if kind in ("elf", "paging") else {"format": f"kdump-{kind}"}
    monitor.call("dump-guest-memory", paging=kind == "paging", protocol=f"file:{target}", **form)
    print(f"  {target.name}: {target.stat().st_size >> 20} MiB, {time.monotonic() - start:.1f} s")


def cut_files(log, folder):
    """What the guest showed between '@@@ LABEL/FILE' lines becomes files."""
    target = None
    for line in log.split("\n"):
        if line.startswith("@@@ "):
            path = folder / line[4:].strip()
            if target:
                target.close()
            target = None
            if path.name != "-":
                path.parent.mkdir(parents=True, exist_ok=True)
                target = path.open("w")
        elif target:
            target.write(line + "\n")
    if target:
        target.close()


def main():
    options = arguments()
    machine = MACHINES[options.arch]
    kernel = WORK / "kernels" / options.kernel
    image = next(iter(sorted((kernel / "root/boot").glob("vmlinuz-*"))), kernel / "Image")
    out = WORK / "out" / options.name
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    initramfs, serial, control = out / "initramfs.gz", out / "serial.log", out / "monitor"
    pack_guest(options, kernel, initramfs)
    cpu = options.cpu or machine["cpu"]
    append = f"console={machine['console']} loglevel=4 panic=-1 {options.append}".strip()
    command = [
        f"qemu-system-{options.arch}", *machine["options"], "-accel", options.accel, "-cpu", cpu, "-m", options.mem,
        "-smp", options.smp, "-nodefaults", "-no-user-config", "-display", "none", "-serial", f"file:{serial}",
        "-qmp", f"unix:{control},server=on,wait=off", "-device", "vmcoreinfo", "-kernel", str(image),
        "-initrd", str(initramfs), "-append", append, "-no-reboot",
    ]  # fmt: skip
    for disk in options.disk:
        image_file, _, mode = disk.partition(":")
        command += ["-drive", f"file={image_file},if=virtio,format=raw,readonly={'on' if mode == 'ro' else 'off'}"]
    start = time.monotonic()
    process = subprocess.Popen(command)
    try:
        ready = await_ready(process, serial, options.timeout)
        print(f"{options.name}: {'ready' if ready else 'NOT READY'} after {time.monotonic() - start:.1f} s")
        if ready:
            monitor = Monitor(control)
            monitor.call("stop")
            for kind in options.dump.split(","):
                if kind != "none":
                    take_dump(monitor, kind, out / f"vmcore.{kind}")
            monitor.stream.write('{"execute": "quit"}\n')
            monitor.stream.flush()
            process.wait(10)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    initramfs.unlink(missing_ok=True)
    control.unlink(missing_ok=True)
    cut_files(serial.read_text(errors="replace").replace("\r", ""), out)
    facts = dict(kernel=options.kernel, image=image.name, arch=options.arch, mebibytes=int(options.mem), cpu=cpu, append=append)
    (out / "machine.json").write_text(json.dumps(facts | dict(commands=options.commands), indent=2) + "\n")
    sys.exit(0 if ready else 1)


if __name__ == "__main__":
    main()
