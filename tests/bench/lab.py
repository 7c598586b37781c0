"""Where the cases are run: processes with an end, ports, turns, and what a turn has shown."""
import contextlib
import os
import resource
import select
import shutil
import socket
import subprocess
import sys
import time
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
os.environ["PATH"] += ":/usr/sbin:/sbin"
os.environ["LC_ALL"] = "C"

# unit, and whether more of it is better: the two that a case measures, as the wall's clock and the processor's see it
Measure = namedtuple("Measure", "name unit more")
# tools: {name: what the case's functions understand}, skt first; needs: {name: the program it is}
# check(lab, tool): once, untimed, raises Failure unless the bytes come through; turn(lab, tool): a timed run -> Turn
# around: a context manager (lab) within which the case is run, or None
Case = namedtuple("Case", "name title work wall processor tools needs check turn around", defaults=[None])
Turn = namedtuple("Turn", "wall processor arrived", defaults=[None])
Result = namedtuple("Result", "case rounds")  # rounds: a list of {tool: Turn}

PACKAGES = {"nc.openbsd": "netcat-openbsd", "nginx": "nginx-light"}  # where it is not the program's name


class Failure(Exception):
    """A run that does not count, and why."""


def processor_time():
    """Of all processes that have been waited for, and those that they waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def is_served(kind, address):
    """Does somebody listen at this TCP port or unix path, is this UDP port bound? Nobody hears the question."""
    if kind == "unix":
        with open("/proc/net/unix") as table:
            return any(row.split()[3] == "00010000" and row.split()[-1] == address for row in table if row[0] != "N")
    state = {"tcp": "0A", "udp": "07"}[kind]
    for path in ("/proc/net/" + kind, "/proc/net/" + kind + "6"):
        if os.path.exists(path):
            with open(path) as table:
                for row in list(table)[1:]:
                    columns = row.split()
                    if columns[3] == state and int(columns[1].split(":")[1], 16) == int(address):
                        return True
    return False


class Lab:
    def __init__(self, skt, least, folder, mb):
        self.skt, self.least, self.folder, self.mb = skt, least, folder, mb
        self.limit = 30 + mb / 10  # seconds; a run that takes longer hangs
        self.running = []
        self.failures = []  # (case, tool, why)
        self.missing = []   # programs
        os.chmod(folder, 0o755)  # nginx's worker is another user

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, line, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL):
        with open(self.path("stderr"), "ab") as said:
            process = subprocess.Popen(line, stdin=stdin, stdout=stdout, stderr=said)
        self.running.append(process)
        return process

    def finish(self, process):
        """Waits for its end, and knows it at once: Popen.wait() with a limit looks after ever longer pauses."""
        ended = os.pidfd_open(process.pid)
        try:
            if not select.select([ended], [], [], self.limit)[0]:
                raise Failure(f"{os.path.basename(process.args[0])} did not end within {self.limit:.0f} s")
        finally:
            os.close(ended)
        status = process.wait()
        self.running.remove(process)
        if status:
            raise Failure(f"{os.path.basename(process.args[0])} ended with {status}: {self.said() or 'not a word'}")

    def said(self):
        with open(self.path("stderr"), errors="replace") as file:
            lines = file.read().strip().splitlines()
        return lines[-1] if lines else ""

    def stop(self, process):
        """TERM, and KILL for the one that does not listen."""
        if process in self.running:
            self.running.remove(process)
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop_all(self, but=()):
        for process in [one for one in self.running if one not in but]:
            self.stop(process)

    def wait_served(self, kind, address, server):
        end = time.monotonic() + 10
        while not is_served(kind, address):
            if server.poll() is not None:
                raise Failure(f"{os.path.basename(server.args[0])} does not listen: {self.said()}")
            if time.monotonic() > end:
                raise Failure(f"nobody listens at {address}")
            time.sleep(0.005)

    def address(self, kind):
        if kind == "unix":
            return self.path(f"socket{time.monotonic_ns()}")
        return free_port(socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)

    def data(self, name, size):
        """A file of this size in which no two MiB are the same; bytes that got lost or changed places are seen."""
        path = self.path(name)
        if not os.path.exists(path) or os.path.getsize(path) != size:
            block = os.urandom(1 << 20)
            with open(path, "wb") as file:
                for begin in range(0, size, len(block)):
                    file.write((begin.to_bytes(8, "big") + block[8:])[:size - begin])
        return path

    def compare(self, sent, got):
        if subprocess.run(["cmp", "-s", sent, got], check=False).returncode:
            raise Failure(f"what arrived ({os.path.getsize(got)} bytes) is not what was sent ({os.path.getsize(sent)})")

    def has(self, program):
        if program in (self.skt, self.least) or shutil.which(program):
            return True
        if program not in self.missing:
            self.missing.append(program)
            print(f"skipped: {program} is not installed ({PACKAGES.get(program, program)})", file=sys.stderr)
        return False

    def attempt(self, case, tool, function):
        """function's result, or None when it failed: told, and noted down for the report."""
        keep = list(self.running)
        open(self.path("stderr"), "wb").close()
        try:
            return function(self, tool)
        except (Failure, OSError, ValueError, subprocess.SubprocessError) as error:
            print(f"failed: {case.name}, {tool}: {error}", file=sys.stderr, flush=True)
            self.failures.append((case.name, tool, str(error)))
            return None
        finally:
            self.stop_all(but=keep)

    def measure(self, case, rounds):
        lacking = [program for program in case.needs.get("", ()) if not self.has(program)]
        tools = [tool for tool in case.tools if all(self.has(program) for program in case.needs.get(tool, ()))]
        if lacking or "skt" not in tools:
            print(f"skipped: {case.name} needs {' and '.join(lacking)}", file=sys.stderr)
            return Result(case, [])
        try:
            with case.around(self) if case.around else contextlib.nullcontext():
                return Result(case, self.turns(case, tools, rounds))
        except (Failure, OSError) as error:
            print(f"failed: {case.name}: {error}", file=sys.stderr)
            self.failures.append((case.name, "skt", f"was not measured: {error}"))
            return Result(case, [])

    def turns(self, case, tools, rounds):
        sound = [tool for tool in tools if self.attempt(case, tool, case.check) is not None]
        seen = []
        for number in range(rounds):
            first = number % max(1, len(sound))
            turns = {tool: self.attempt(case, tool, case.turn) for tool in sound[first:] + sound[:first]}
            seen.append({tool: turns[tool] for tool in sound if turns[tool]})
        return seen
