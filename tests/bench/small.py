"""What is many and small: datagrams, and one message by a process of its own."""
import json
import subprocess
import time

from lab import Case, Failure, Measure, Turn, processor_time

CHECKED = 1000  # datagrams of the untimed run: few enough to fit in the receiver's buffer, so that all must come
MESSAGES = 200
PAYLOAD = b"m" * 100


def receiver(lab, line, at):
    """Started, and bound. Its output is a file, `got`."""
    with open(lab.path("got"), "wb") as target:
        process = lab.start(line, stdout=target)
    lab.wait_served("udp", at, process)
    return process


def skt_datagrams(lab, size, count, counted):
    at, sent = lab.address("udp"), lab.data("datagrams", size * count)
    line = [lab.skt, "udp-recv", "--recv-buffer", "4M", "--idle-timeout", "500ms", "127.0.0.1", at]
    before = processor_time()
    if counted:
        taker = lab.start(line, stdout=subprocess.PIPE)
        with open(lab.path("got"), "wb") as target:
            counter = lab.start([lab.least, "count"], taker.stdout, target)
        taker.stdout.close()
        lab.wait_served("udp", at, taker)
        ends = [taker, counter]
    else:
        ends = [receiver(lab, line, at)]
    with open(sent, "rb") as data:
        start = time.monotonic()
        lab.finish(lab.start([lab.skt, "udp-send", "--frame", f"size={size}", "127.0.0.1", at], stdin=data))
        wall = time.monotonic() - start
    for process in ends:
        lab.finish(process)
    return sent, wall, processor_time() - before


def least_datagrams(lab, how, size, count):
    at, before = lab.address("udp"), processor_time()
    taker = receiver(lab, [lab.least, "catch-" + how, at], at)
    start = time.monotonic()
    lab.finish(lab.start([lab.least, "throw-" + how, at, str(size), str(count)]))
    wall = time.monotonic() - start
    lab.finish(taker)
    return wall, processor_time() - before


def iperf3_datagrams(lab, size, count):
    at, before = lab.address("tcp"), processor_time()
    server = lab.start(["iperf3", "--server", "--one-off", "--port", at])
    lab.wait_served("tcp", at, server)
    with open(lab.path("got"), "wb") as target:
        lab.finish(lab.start(["iperf3", "--client", "127.0.0.1", "--port", at, "--udp", "--bitrate", "0", "--json",
                              "--length", str(size), "--blockcount", str(count)], stdout=target))
    lab.finish(server)
    with open(lab.path("got")) as file:
        total = json.load(file)["end"]["sum"]
    sent = total["packets"]
    return Turn(sent / total["seconds"], (processor_time() - before) / sent * 1e6, 1 - total["lost_percent"] / 100)


def datagrams(size, full):
    """full: how many at --mb 512; those who are slow send an eighth of it."""
    ways = {"skt": 1, "iperf3": 8, "least": 1, "least, sendmmsg": 8, "least, send": 8}
    jobs = {"least": "segments", "least, sendmmsg": "batches", "least, send": "single"}

    def check(lab, tool):
        if tool == "skt":
            sent, _, _ = skt_datagrams(lab, size, CHECKED, counted=False)
            lab.compare(sent, lab.path("got"))
        return True

    def turn(lab, tool):
        count = max(full * lab.mb // 512 // ways[tool], CHECKED)
        if tool == "iperf3":
            return iperf3_datagrams(lab, size, count)
        if tool == "skt":
            _, wall, processor = skt_datagrams(lab, size, count, counted=True)
        else:
            wall, processor = least_datagrams(lab, jobs[tool], size, count)
        with open(lab.path("got")) as file:
            arrived = int(file.read())
        if arrived % size or not 0 < arrived <= size * count:
            raise Failure(f"{arrived} bytes arrived of {count} datagrams of {size}")
        return Turn(count / wall, processor / count * 1e6, arrived / size / count)

    return Case(f"udp-{size}", f"{size}-byte datagrams", f"Sent as fast as it goes, `udp-send --frame size={size}` to "
                "`udp-recv`; the processor time is that of both. `least` is given one buffer for many datagrams "
                "(`UDP_SEGMENT`), as skt does; below, by `sendmmsg` and one by one.",
                Measure("sent", "a second", True), Measure("processor time", "µs each", False),
                ways, {"iperf3": ["iperf3"]}, check, turn)


def message_turn(lab, tool, number):
    at = lab.address("tcp")
    line = MESSENGERS[tool].format(skt=lab.skt, least=lab.least, at=at).split()
    message = lab.path("message")
    with open(message, "wb") as file:
        file.write(PAYLOAD)
    with open(lab.path("got"), "wb") as target:
        server = lab.start([lab.least, "swallow", at, str(number)], stdout=target)
    lab.wait_served("tcp", at, server)
    before, start = processor_time(), time.monotonic()
    lab.finish(lab.start([lab.least, "times", str(number), message] + line))
    wall, processor = time.monotonic() - start, processor_time() - before
    lab.finish(server)
    with open(lab.path("got")) as file:
        arrived = int(file.read())
    if arrived != number * len(PAYLOAD):
        raise Failure(f"{arrived} bytes arrived of {number * len(PAYLOAD)}")
    return Turn(wall / number * 1000, processor / number * 1000)


MESSENGERS = {
    "skt": "{skt} connect 127.0.0.1 {at}",
    "nc.openbsd": "nc.openbsd -N 127.0.0.1 {at}",
    "ncat": "ncat --send-only 127.0.0.1 {at}",
    "socat": "socat -u STDIN TCP:127.0.0.1:{at}",
    "least": "{least} send-copy {at}",
}

CASES = [
    datagrams(64, 2_000_000),
    datagrams(1400, 500_000),
    Case("small-message", "one small message", f"A whole process for {len(PAYLOAD)} bytes: start, connect, send, end; "
         f"{MESSAGES} times in a row, ncat {MESSAGES // 10} times.",
         Measure("time", "ms", False), Measure("processor time", "ms", False),
         MESSENGERS, {tool: [tool] for tool in ("nc.openbsd", "ncat", "socat")},
         lambda lab, tool: message_turn(lab, tool, 2),
         lambda lab, tool: message_turn(lab, tool, MESSAGES // 10 if tool == "ncat" else MESSAGES)),
]
