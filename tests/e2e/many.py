"""many: what the scenarios of many_*.bats share: skt as a server of many clients, its clients and its upstream.

Every wait has a limit; nothing listens anywhere but on loopback, on ports that the kernel chose.
"""
import errno
import fcntl
import hashlib
import json
import os
import random
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time

SKT = os.environ['SKT']
LIMIT = 15
SLOW = bool(os.environ.get('SKT_SANITIZE'))  # sanitizers: no figures of memory and time
TICK = os.sysconf('SC_CLK_TCK')


def until(condition, what, limit=LIMIT):
    """Repeats until the condition holds; its value."""
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, 'not within %g s: %s' % (limit, what)
        time.sleep(0.01)


class Skt:
    """with Skt('listen', '--echo') as skt: a server on 127.0.0.1 (listen) or on a path (unix -l), ready."""
    count = 0

    def __init__(self, *words, before=(), at=None, stdin=subprocess.DEVNULL, stdout=None):
        Skt.count += 1
        self.name = 'many%d' % Skt.count
        self.ready = os.path.abspath(self.name + '.ready')
        self.path = None
        words = list(words)
        if words[0] == 'unix':
            self.path = at or os.path.abspath(self.name + '.s')
            words += ['-l', self.path]
        else:
            words += [at or '127.0.0.1', '0']
        words[1:1] = ['--ready-file', self.ready]
        if os.path.exists(self.ready):
            os.unlink(self.ready)
        self.errors = open(self.name + '.err', 'w+b')
        environment = dict(os.environ)
        if 'strace' in before:  # whose ptrace the leak checker does not bear
            environment['ASAN_OPTIONS'] = environment.get('ASAN_OPTIONS', '') + ':detect_leaks=0'
        self.process = subprocess.Popen([*before, SKT, *words], stdin=stdin, stdout=stdout, stderr=self.errors,
                                        env=environment)
        self.port = None

    def __enter__(self):
        until(lambda: os.path.exists(self.ready) or self.process.poll() is not None, 'ready')
        assert os.path.exists(self.ready), self.said()
        if not self.path:
            self.port = int(open(self.ready).read().split()[1])
        return self

    def __exit__(self, kind, *_):
        if kind:
            print('# skt said:', self.said()[-3000:], file=sys.stderr)
        if self.process.poll() is None:
            try:
                os.kill(self.pid, signal.SIGTERM)  # strace would end and leave it running
                os.kill(self.pid, signal.SIGCONT)
            except (OSError, IndexError):
                self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    @property
    def pid(self):
        """Of skt itself, also under strace."""
        children = '/proc/%d/task/%d/children' % (self.process.pid, self.process.pid)
        if 'strace' in os.path.basename(self.process.args[0]) or self.process.args[0] == 'timeout':
            return int(open(children).read().split()[0])
        return self.process.pid

    def said(self):
        """All but what -v says of the sandbox, which depends on the kernel (sandbox.bats)."""
        lines = open(self.name + '.err', errors='replace').read().splitlines(keepends=True)
        return ''.join(line for line in lines if not re.search(r'^skt: [a-z]+: sandbox:|"event":"sandbox"', line))

    def lines(self, pattern):
        return [line for line in self.said().splitlines() if re.search(pattern, line)]

    def wait_said(self, pattern, n=1):
        until(lambda: len(self.lines(pattern)) >= n, '%d lines of %s in: %s' % (n, pattern, self.said()[-2000:]))
        return self.lines(pattern)

    def client(self, source=None):
        if self.path:
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(LIMIT)
            s.connect(self.path)
        else:
            s = socket.create_connection(('127.0.0.1', self.port), LIMIT)
        return s

    def clients(self, n):
        """As many, accepted (-v)."""
        before = len(self.lines(': accepted'))
        all = [self.client() for i in range(n)]
        self.wait_said(': accepted', before + n)
        return all

    def broken_client(self, send=b''):
        """A client that gets a reset, perhaps before its connect() is over: what came before."""
        try:
            s = self.client()
            if send:
                s.sendall(send)
            return read_broken(s)
        except (ConnectionResetError, BrokenPipeError):
            return b''

    def end(self, number=None):
        """Its status, after a signal if one is given."""
        if number:
            self.process.send_signal(number)
        return self.process.wait(LIMIT)

    def cpu(self):
        """Seconds of processor time so far."""
        fields = open('/proc/%d/stat' % self.pid).read().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def running_time(self):
        """As cpu(), in nanoseconds of the scheduler, for what is less than a tick."""
        return int(open('/proc/%d/schedstat' % self.pid).read().split()[0]) / 1e9

    def fds(self):
        there = '/proc/%d/fd' % self.pid
        found = {}
        for fd in os.listdir(there):
            try:
                found[fd] = os.readlink(os.path.join(there, fd))
            except FileNotFoundError:
                pass
        return found

    def children(self):
        return open('/proc/%d/task/%d/children' % (self.pid, self.pid)).read().split()

    def rss(self):
        return int(re.search(r'VmRSS:\s+(\d+)', open('/proc/%d/status' % self.pid).read()).group(1)) * 1024


class Upstream:
    """A listening socket, of which the scenario takes what skt connects; `handle` runs in a thread for each."""

    def __init__(self, handle=None, path=None, backlog=1024):
        self.path = os.path.abspath(path) if path else None
        self.socket = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        self.socket.bind(self.path or ('127.0.0.1', 0))
        self.socket.settimeout(LIMIT)
        self.backlog = backlog
        if backlog:
            self.socket.listen(backlog)
        self.word = 'unix:' + self.path if path else '127.0.0.1:%d' % self.port
        self.handle = handle
        if handle:
            threading.Thread(target=self.serve, daemon=True).start()

    @property
    def port(self):
        return self.socket.getsockname()[1]

    def take(self):
        s, _ = self.socket.accept()
        s.settimeout(LIMIT)
        return s

    def serve(self):
        self.socket.settimeout(None)
        while True:
            try:
                s, _ = self.socket.accept()
            except OSError:
                return
            s.settimeout(LIMIT)
            threading.Thread(target=self.one, args=(s,), daemon=True).start()

    def one(self, s):
        try:
            self.handle(s)
        except OSError:
            pass
        s.close()

    def close(self):
        self.socket.close()


def reset(s):
    """Breaks the connection: RST (TCP)."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    s.close()


def listening():
    """The TCP ports of this machine that somebody listens on."""
    rows = [line.split() for line in open('/proc/net/tcp')]
    return {int(row[1].split(':')[1], 16) for row in rows if row[3] == '0A'}


def unacknowledged(s):
    """Bytes that the other side's kernel does not have yet (TCP)."""
    return struct.unpack('i', fcntl.ioctl(s.fileno(), termios.TIOCOUTQ, bytes(4)))[0]


def read_all(s):
    """Everything up to the end: the bytes. A reset raises."""
    got = bytearray()
    while True:
        piece = s.recv(262144)
        if not piece:
            return bytes(got)
        got += piece


def read_exactly(s, n):
    got = bytearray()
    while len(got) < n:
        piece = s.recv(n - len(got))
        assert piece, 'the end after %d of %d bytes' % (len(got), n)
        got += piece
    return bytes(got)


def read_broken(s):
    """Everything up to a reset, which must come: the bytes before it."""
    got = bytearray()
    while True:
        try:
            piece = s.recv(262144)
        except ConnectionResetError:
            return bytes(got)
        assert piece, 'an end where a reset was due, after %d bytes' % len(got)
        got += piece


def silent(s):
    """Nothing has come, not even the end; the socket does not block any more."""
    s.setblocking(False)
    try:
        raise AssertionError(s.recv(1))
    except BlockingIOError:
        pass


def exchange(s, data):
    """Sends all of it and the end, and reads to the end meanwhile."""
    failure = []

    def send():
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
        except OSError as e:
            failure.append(e)
    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    got = read_all(s)
    sender.join(LIMIT)
    assert not failure, failure
    return got


def echo(s):
    while True:
        piece = s.recv(65536)
        if not piece:
            s.shutdown(socket.SHUT_WR)
            return
        s.sendall(piece)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def skip(why):
    print('skip:', why)
    sys.exit(77)


def bind_soon(sock, port):
    """Binds a port that was ours a moment ago; a connection of some other test may have it just now."""
    end = time.monotonic() + 15
    while True:
        try:
            return sock.bind(('127.0.0.1', port))
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
