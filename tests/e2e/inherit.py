#!/usr/bin/env python3
"""Starts a command with sockets, as systemd and inetd do.

    inherit.py passed|inetd|stdin [NAME=VALUE]... SOCKET... -- COMMAND ARG...

passed: on descriptors 3 and up, with LISTEN_PID and LISTEN_FDS; inetd: the one socket on 0, 1 and 2; stdin: on 0 alone.
NAME=VALUE changes the environment (PID in VALUE is our process; NAME= takes it away).
SOCKET: tcp4, tcp6, unix:PATH, seqpacket:PATH (listening), udp4, idle (neither), file, and client:PORT (connected to it),
with '+nonblocking'. The ports of the listening ones are written to the file 'ports'.
"""
import os
import socket
import sys


def listener(family, kind, where):
    s = socket.socket(family, kind)
    s.bind(where)
    if kind != socket.SOCK_DGRAM:
        s.listen(16)
    return s


def make(word, ports):
    word, *flags = word.split('+')
    kind, _, rest = word.partition(':')
    if kind == 'file':
        return os.open('/etc/passwd', os.O_RDONLY)
    if kind in ('tcp4', 'udp4'):
        s = listener(socket.AF_INET, socket.SOCK_STREAM if kind == 'tcp4' else socket.SOCK_DGRAM, ('127.0.0.1', 0))
        ports.append(str(s.getsockname()[1]))
    elif kind == 'tcp6':
        s = listener(socket.AF_INET6, socket.SOCK_STREAM, ('::1', 0))
        ports.append(str(s.getsockname()[1]))
    elif kind in ('unix', 'seqpacket'):
        s = listener(socket.AF_UNIX, socket.SOCK_STREAM if kind == 'unix' else socket.SOCK_SEQPACKET, rest)
    elif kind == 'client':
        s = socket.create_connection(('127.0.0.1', int(rest)))
    elif kind == 'idle':
        s = socket.socket()
    s.setblocking('nonblocking' not in flags)
    return s.detach()


def main():
    at = sys.argv.index('--')
    how, words, command = sys.argv[1], sys.argv[2:at], sys.argv[at + 1:]
    ports = []
    fds = [make(word, ports) for word in words if '=' not in word]
    if ports:
        with open('ports.new', 'w') as file:
            file.write(' '.join(ports) + '\n')
        os.rename('ports.new', 'ports')
    if how == 'passed':
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(fds)), LISTEN_FDNAMES=':'.join('x' * len(fds)))
        high = [os.dup2(fd, 100 + i) for i, fd in enumerate(fds)]
        for fd in set(fds):
            os.close(fd)
        for i, fd in enumerate(high):
            os.dup2(fd, 3 + i, inheritable=True)
            os.close(fd)
    else:
        for fd in (0, 1, 2) if how == 'inetd' else (0,):
            os.dup2(fds[0], fd, inheritable=True)
        os.close(fds[0])
    for word in words:
        name, is_one, value = word.partition('=')
        if is_one and value:
            os.environ[name] = value.replace('PID', str(os.getpid()))
        elif is_one:
            os.environ.pop(name, None)
    os.execvp(command[0], command)


main()
