#!/usr/bin/env python3
"""Cuts the power while a server writes, as often as asked, and looks for all that was acknowledged.

    power_failure.py PROGRAM [--images 300] [--changes 24] [--seed 1] [--keep DIR]

A server runs with recorder.so, which records what it writes. It is killed, started again and stopped in between. Then images of
its folder are built as a power failure could have left it after any call: a write is there if it was made durable, or if a sync of
its file began after it; of every other, all, nothing, or some sectors of 512 bytes may be there, in any order; names that were
given or taken are there as far as their folder was synced, and further ones in their order. The call that was under way may be
there in part. Each image must open, have every change that was acknowledged before the next call began, and pass `check`.
"""
import argparse, json, os, pathlib, random, shutil, signal, struct, subprocess, sys, tempfile, time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("program")
parser.add_argument("--images", type=int, default=300)
parser.add_argument("--changes", type=int, default=24)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--keep", help="a folder for the images that are bad")
options = parser.parse_args()
here = pathlib.Path(__file__).resolve().parent
work = pathlib.Path(tempfile.mkdtemp(prefix="power-"))
rnd = random.Random(options.seed)


def build_recorder():
    library = work / "recorder.so"
    subprocess.run(["cc", "-O2", "-fPIC", "-shared", "-o", library, here / "recorder.c", "-ldl"], check=True)
    return library


def run_workload(library):
    """Lets a server make tenants; returns their names with the time at which each was acknowledged."""
    data, acks = work / "data", []
    data.mkdir()
    environment = dict(os.environ, RECORD=str(work / "ops"), RECORD_BELOW=str(data) + "/", LD_PRELOAD=str(library))
    number = 0
    for ending in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
        server = subprocess.Popen(
            [options.program, "serve", "--data", str(data), *SERVE],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        # One line, when it answers: before that a command would find no server, and open the store itself.
        if not server.stdout.readline():
            sys.exit("the server does not start")
        for _ in range(options.changes // 3):
            number += 1
            name = f"t{number}"
            command("tenant", "create", name, "--data", str(data))
            acks.append((name, time.monotonic_ns()))
        server.send_signal(ending)
        server.wait()
    return acks


def command(*words, check=True):
    return subprocess.run([options.program, *words], capture_output=True, text=True, check=check)


SERVE = ["--listen", f"unix:{work}/scim.sock", "--public-url", "http://localhost", "--audit-output", "stderr",
         "--json"]


class Op:
    def __init__(self, kind, durable, path, second, before, after, offset, data):
        self.kind, self.durable, self.path, self.second = kind, durable, path, second
        self.before, self.after, self.offset, self.data = before, after, offset, data
        self.file = None


def read_ops():
    content, place, ops = (work / "ops").read_bytes(), 0, []
    while place < len(content):
        magic, kind, durable, first, second, _, before, after, offset, length = struct.unpack_from("<IBBHHHQQQQ", content, place)
        assert magic == 0x50574552, "the record is out of step"
        place += 44
        names = content[place:place + first].decode(), content[place + first:place + first + second].decode()
        place += first + second
        kind = chr(kind)
        data = content[place:place + length] if kind == "W" else b""
        place += len(data)
        path, other = (os.path.normpath(n) if n else "" for n in names)
        if not path.endswith("lock.mdb") and not path.endswith(".sock"):
            ops.append(Op(kind, bool(durable), path, other, before, after, offset, data))
    return sorted(ops, key=lambda op: op.after)


def resolve(ops):
    """Finds the file of each call, whatever name it has then, and the calls that change names."""
    names, files = {}, 0
    for op in ops:
        if op.kind in "CT" and op.path not in names:
            names[op.path] = files = files + 1
            op.names = dict(names)
        elif op.kind == "R" and op.path in names:
            names[op.second] = names.pop(op.path)
            op.names = dict(names)
        elif op.kind == "U" and op.path in names:
            del names[op.path]
            op.names = dict(names)
        else:
            op.names = None
        op.file = names.get(op.second if op.kind == "R" else op.path)


def durable_after(ops, k):
    """Which calls up to k are certainly on the disk, and how many changes of names."""
    last_sync, done, names, count = {}, set(), 0, 0
    for op in ops[:k + 1]:
        if op.kind == "S":
            last_sync[op.file if op.file is not None else op.path] = op.before
    changes = []
    for index, op in enumerate(ops[:k + 1]):
        if op.kind in "WLTA" and op.file is not None and (op.durable or op.after <= last_sync.get(op.file, -1)):
            done.add(index)
        if op.names is not None:
            changes.append(op.names)
            if op.after <= last_sync.get(os.path.dirname(op.path) or ".", -1):
                count = len(changes)
    return done, changes, count


def apply(content, op, how):
    if op.kind == "W":
        sectors = range(op.offset // 512 * 512, op.offset + len(op.data), 512)
        for sector in sectors if how == "torn" else [None]:
            low = op.offset if sector is None else max(sector, op.offset)
            high = op.offset + len(op.data) if sector is None else min(sector + 512, op.offset + len(op.data))
            if sector is not None and rnd.random() < 0.5:
                continue
            if len(content) < high:
                content.extend(bytes(high - len(content)))
            content[low:high] = op.data[low - op.offset:high - op.offset]
    elif op.kind == "T":
        del content[:]
    elif op.kind == "L":
        if len(content) > op.offset:
            del content[op.offset:]
        else:
            content.extend(bytes(op.offset - len(content)))
    elif op.kind == "A" and len(content) < op.offset:
        content.extend(bytes(op.offset - len(content)))


def image(ops, k, mood, tears_next):
    done, changes, count = durable_after(ops, k)
    names = {}
    if changes:
        kept = {"none": count, "all": len(changes)}.get(mood, rnd.randint(count, len(changes)))
        names = changes[kept - 1] if kept > 0 else {}
    contents = {}
    for index, op in enumerate(ops[:k + 2]):
        if op.kind not in "WLTA" or op.file is None:
            continue
        content = contents.setdefault(op.file, bytearray())
        if index == k + 1:
            if tears_next and op.kind == "W":
                apply(content, op, "torn")
        elif index in done or mood == "all" or mood == "some" and rnd.random() < 0.5:
            apply(content, op, "whole")
        elif mood == "torn":
            apply(content, op, "torn")
    return {name: contents.get(file, bytearray()) for name, file in names.items()}


def write_sparse(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        for place in range(0, len(content), 65536):
            part = content[place:place + 65536]
            if part.count(0) != len(part):
                file.seek(place)
                file.write(part)
        file.truncate(len(content))


def check(files, must):
    """Why an image is bad; None if it is not."""
    folder = work / "image"
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        if name.startswith("store/"):
            write_sparse(folder / name, content)
    (folder / "store").mkdir(parents=True, exist_ok=True)
    os.chmod(folder, 0o700)
    if "store/data.mdb" not in files:
        return "the store is gone" if must else None
    listed = command("tenant", "list", "--data", str(folder), "--json", check=False)
    if listed.returncode != 0:
        # Until the first change is answered, nothing is promised but that a sentence tells what is the matter.
        return f"it does not open: {listed.stderr.strip()}" if must else None
    found = {tenant["name"] for tenant in json.loads(listed.stdout)["tenants"]}
    lost = [name for name in must if name not in found]
    if lost:
        return f"lost: {' '.join(lost)}"
    checked = command("check", "--data", str(folder), check=False)
    return None if checked.returncode == 0 else f"check finds: {checked.stdout.strip()[:300]}"


def main():
    acks = run_workload(build_recorder())
    ops = read_ops()
    resolve(ops)
    assert any(op.kind == "W" and op.path.endswith("data.mdb") for op in ops), "nothing was recorded of the data file"
    assert any(op.kind == "W" and op.path.endswith(".log") for op in ops), "nothing was recorded of the log"
    moods = ["none", "all", "some", "torn"]
    points = [k for k in range(len(ops)) if ops[k].kind in "WLTASCRU"]
    bad = 0
    for count in range(options.images):
        k = points[(count * len(points) // options.images + rnd.randrange(3)) % len(points)]
        mood, tears_next = moods[count % 4], rnd.random() < 0.5
        end = ops[k + 1].before if k + 1 < len(ops) else 1 << 63
        must = [name for name, at in acks if at < end]
        files = image(ops, k, mood, tears_next)
        why = check(files, must)
        if why:
            bad += 1
            print(f"after call {k} of {len(ops)} ({ops[k].kind} {ops[k].path}), not synced: {mood}: {why}", flush=True)
            if options.keep:
                shutil.copytree(work / "image", pathlib.Path(options.keep) / f"image{count}")
    print(f"{len(ops)} calls, {len(acks)} changes acknowledged, {options.images} images, {bad} bad")
    shutil.rmtree(work, ignore_errors=True)
    sys.exit(1 if bad else 0)


main()
