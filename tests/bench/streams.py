"""One stream through a socket, from a file or a pipe to a file, a pipe or nowhere. Each tool stands at both ends."""
import os
import subprocess
import time

from lab import Case, Failure, Measure, Turn, processor_time

CHECKED = 64 << 20  # bytes of the untimed run, which go to a file whatever the case


def tools(kind, send, take):
    """{name: (server, client)}: lines in which {skt}, {least} and {at} are filled in. send, take: least's jobs."""
    if kind == "unix":
        peers = {
            "skt": ("{skt} unix --listen {at}", "{skt} unix {at}"),
            "nc.openbsd": ("nc.openbsd -l -U {at}", "nc.openbsd -N -U {at}"),
            "ncat": ("ncat -l -U {at}", "ncat --send-only -U {at}"),
            "socat": ("socat -u UNIX-LISTEN:{at} STDOUT", "socat -u STDIN UNIX-CONNECT:{at}"),
        }
    else:
        peers = {
            "skt": ("{skt} listen 127.0.0.1 {at}", "{skt} connect 127.0.0.1 {at}"),
            "nc.openbsd": ("nc.openbsd -l 127.0.0.1 {at}", "nc.openbsd -N 127.0.0.1 {at}"),
            "ncat": ("ncat -l 127.0.0.1 {at}", "ncat --send-only 127.0.0.1 {at}"),
            "socat": ("socat -u TCP-LISTEN:{at},bind=127.0.0.1 STDOUT", "socat -u STDIN TCP:127.0.0.1:{at}"),
        }
    peers["socat -b 256k"] = tuple(line.replace("socat", "socat -b 262144", 1) for line in peers["socat"])
    peers["least"] = ("{least} " + take + " {at}", "{least} " + send + " {at}")
    return peers


def transfer(lab, lines, kind, source, sink, sent):
    """(seconds from the client's start to the end of both, processor time of all that took part); lab's `got` has what
    a file or pipe received: the bytes of a `file` or `tee`, for a pipe their number."""
    at = lab.address(kind)
    server_line, client_line = (line.format(skt=lab.skt, least=lab.least, at=at).split() for line in lines)
    got = lab.path("got")
    if os.path.exists(got):
        os.unlink(got)
    before = processor_time()
    processes = []
    with open("/dev/null" if sink == "null" else got, "wb") as target:
        if sink in ("pipe", "tee"):
            server = lab.start(server_line, stdout=subprocess.PIPE)
            processes.append(lab.start([lab.least, "count"] if sink == "pipe" else ["cat"], server.stdout, target))
            server.stdout.close()
        else:
            server = lab.start(server_line, stdout=target)
    lab.wait_served(kind, at, server)
    start = time.monotonic()
    if source == "pipe":
        feeder = lab.start(["cat", sent], stdout=subprocess.PIPE)
        client = lab.start(client_line, stdin=feeder.stdout)
        feeder.stdout.close()
        processes.append(feeder)
    else:
        with open(sent, "rb") as data:
            client = lab.start(client_line, stdin=data)
    for process in [client, server] + processes:
        lab.finish(process)
    return time.monotonic() - start, processor_time() - before


def stream(name, title, work, kind, source, sink, send, take):
    lines = tools(kind, send, take)

    def check(lab, tool):
        sent = lab.data("checked", min(CHECKED, lab.mb << 20))
        transfer(lab, lines[tool], kind, source, "tee" if sink == "pipe" else "file", sent)
        lab.compare(sent, lab.path("got"))
        return True

    def turn(lab, tool):
        sent = lab.data("sent", lab.mb << 20)
        wall, processor = transfer(lab, lines[tool], kind, source, sink, sent)
        if sink == "file":
            lab.compare(sent, lab.path("got"))
        elif sink == "pipe":
            with open(lab.path("got")) as file:
                number = int(file.read())
            if number != os.path.getsize(sent):
                raise Failure(f"{number} bytes arrived of {os.path.getsize(sent)}")
        return Turn(lab.mb / wall, processor * 1024 / lab.mb)

    needs = {tool: [tool.split()[0]] for tool in lines if tool not in ("skt", "least")}
    return Case(name, title, work, Measure("throughput", "MiB/s", True), Measure("processor time", "s/GiB", False),
                lines, needs, check, turn)


CASES = [
    stream("file-tcp-null", "file → TCP → /dev/null", "Each tool sends a file to itself over TCP; the bytes go "
           "nowhere.", "tcp", "file", "null", "send-file", "take-file"),
    stream("pipe-tcp-pipe", "pipe → TCP → pipe", "`cat FILE | client` on one side, `server | count` on the other; the "
           "processor time of `cat` and `count` is in it.", "tcp", "pipe", "pipe", "send-pipe", "take-pipe"),
    stream("file-tcp-file", "file → TCP → file", "Each tool sends a file to itself over TCP, into a new file.",
           "tcp", "file", "file", "send-file", "take-file"),
    stream("file-unix-null", "file → unix → /dev/null", "The same over a unix-domain stream; the bytes go nowhere.",
           "unix", "file", "null", "send-file", "take-file"),
]
