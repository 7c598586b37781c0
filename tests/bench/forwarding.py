"""Forwarders between a load generator (wrk) and a web server (nginx), both the same for all."""
import contextlib
import os
import re
import socket
import time

from lab import Case, Failure, Measure, Turn

SECONDS = 2
SMALL, BIG = 512, 1 << 20

NGINX = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    sendfile on;
    keepalive_requests 10000000;
    client_body_temp_path {folder}/temporary;
    proxy_temp_path {folder}/temporary;
    fastcgi_temp_path {folder}/temporary;
    uwsgi_temp_path {folder}/temporary;
    scgi_temp_path {folder}/temporary;
    server {{
        listen 127.0.0.1:{at} backlog=4096;
        root {folder}/pages;
    }}
}}
"""
HAPROXY = """\
global
    nbthread 1
    maxconn 4000
defaults
    mode tcp
    option splice-auto
    timeout connect 5s
    timeout client 1m
    timeout server 1m
listen forward
    bind 127.0.0.1:{at}
    server origin 127.0.0.1:{origin}
"""
FORWARDERS = {
    "skt": "{skt} listen --forward 127.0.0.1:{origin} --backlog 4096 127.0.0.1 {at}",
    "haproxy": "haproxy -db -f {folder}/haproxy.conf",
    "socat": "socat TCP-LISTEN:{at},bind=127.0.0.1,reuseaddr,fork,backlog=4096 TCP:127.0.0.1:{origin}",
}
DIRECT = "no forwarder"

standing = {}  # name: (port, process) while the lab is set up


def fill(lab, name, text):
    path = lab.path(name)
    with open(path, "w") as file:
        file.write(text)
    return path


@contextlib.contextmanager
def set_up(lab):
    os.makedirs(lab.path("pages"), exist_ok=True)
    for name, size in (("small", SMALL), ("big", BIG)):
        os.chmod(lab.data(os.path.join("pages", name), size), 0o644)
    open(lab.path("stderr"), "wb").close()
    try:
        origin = lab.address("tcp")
        config = fill(lab, "nginx.conf", NGINX.format(folder=lab.folder, at=origin))
        nginx = lab.start(["nginx", "-p", lab.folder, "-c", config, "-e", "stderr"])
        lab.wait_served("tcp", origin, nginx)
        standing[DIRECT] = (origin, nginx)
        for tool, line in FORWARDERS.items():
            if lab.has(lab.skt if tool == "skt" else tool):
                at = lab.address("tcp")
                fill(lab, "haproxy.conf", HAPROXY.format(at=at, origin=origin))
                forwarder = lab.start(line.format(skt=lab.skt, folder=lab.folder, at=at, origin=origin).split())
                lab.wait_served("tcp", at, forwarder)
                standing[tool] = (at, forwarder)
        yield
    finally:
        standing.clear()
        lab.stop_all()


def used(process):
    """Processor seconds of a forwarder and of its children that have ended: it is waited for until they have."""
    children = f"/proc/{process.pid}/task/{process.pid}/children"
    end = time.monotonic() + 3
    while time.monotonic() < end and os.path.exists(children):
        with open(children) as file:
            if not file.read().strip():
                break
        time.sleep(0.01)
    with open(f"/proc/{process.pid}/stat") as file:
        columns = file.read().rsplit(")", 1)[1].split()
    return sum(int(ticks) for ticks in columns[11:15]) / os.sysconf("SC_CLK_TCK")


def check(lab, tool):
    """The big page comes through byte by byte."""
    at, _ = standing[tool]
    with socket.create_connection(("127.0.0.1", int(at)), timeout=10) as client:
        client.sendall(b"GET /big HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(1 << 16), b""))
    with open(lab.path("pages/big"), "rb") as file:
        if answer.partition(b"\r\n\r\n")[2] != file.read():
            raise Failure("the page that came is not the page that is there")
    return True


def load(lab, tool, clients, page, headers):
    at, process = standing[tool]
    before = used(process)
    line = ["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}s", *headers, f"http://127.0.0.1:{at}/{page}"]
    with open(lab.path("got"), "wb") as target:
        lab.finish(lab.start(line, stdout=target))
    with open(lab.path("got")) as file:
        said = file.read()
    done = re.search(r"(\d+) requests in ([\d.]+)s", said)
    rate = re.search(r"Requests/sec: +([\d.]+)", said)
    bad = re.search(r"Socket errors.*|Non-2xx.*", said)
    if bad or not done or not int(done[1]):
        raise Failure(bad[0] if bad else "no request was answered")
    return Turn(float(rate[1]), (used(process) - before) / int(done[1]) * 1e6 if tool != DIRECT else None)


def forwarding(name, title, work, unit, clients, page, *headers):
    return Case(name, title, work, Measure("rate", unit, True),
                Measure("forwarder's processor time", "µs/request", False),
                ["skt", "haproxy", "socat", DIRECT],
                {"": ["nginx", "wrk"], "haproxy": ["haproxy"], "socat": ["socat"]},
                check, lambda lab, tool: load(lab, tool, clients, page, headers), set_up)


CASES = [
    forwarding("forward-kept", "forwarding: kept connections", f"Requests for {SMALL} bytes on 50 connections.",
               "requests/s", 50, "small"),
    forwarding("forward-new", "forwarding: new connections", f"Requests for {SMALL} bytes, 50 at once, each "
               "on a connection of its own.", "requests/s", 50, "small", "-H", "Connection: close"),
    forwarding("forward-big", "forwarding: 1 MiB bodies", "Requests for 1 MiB on 4 connections.", "MiB/s", 4, "big"),
]
