"""Medians and ratios, on the terminal and as Markdown; the machine they belong to."""
import os
import platform
import re
import shutil
import statistics
import subprocess
import time
from collections import namedtuple

from lab import HERE

# A tool's medians; ratios say how many times as good skt is (above 1: skt is better); spread: of wall, in its median
Row = namedtuple("Row", "wall wall_ratio processor processor_ratio spread arrived")
PEERS = ["nc.openbsd", "ncat", "socat", "socat -b 256k", "iperf3", "haproxy", "no forwarder", "least"]
VERSIONS = [  # what says it, where it stands
    ("nc.openbsd", ["nc.openbsd", "-h"], r"patchlevel ([\w.-]+)"),
    ("ncat", ["ncat", "--version"], r"Version ([\w.]+)"),
    ("socat", ["socat", "-V"], r"socat version ([\w.+-]+)"),
    ("iperf3", ["iperf3", "--version"], r"iperf ([\w.]+)"),
    ("haproxy", ["haproxy", "-v"], r"version ([\d.]+)"),
    ("nginx", ["nginx", "-v"], r"nginx/([\w.]+)"),
    ("wrk", ["wrk", "-v"], r"wrk (?:debian/)?([\w.]+)"),
]


def said(*line):
    try:
        done = subprocess.run(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace").strip()


def cpu():
    with open("/proc/cpuinfo") as file:
        text = file.read()
    model = re.search(r"^model name\s*: (.*)", text, re.M)
    guest = re.search(r"^flags\s*:.*\bhypervisor\b", text, re.M)
    return (model[1] if model else platform.machine()) + (", a virtual machine" if guest else "")


def machine(options, in_memory):
    """{what: words}, taken before anything runs."""
    with open("/proc/meminfo") as file:
        memory = int(re.search(r"MemTotal: +(\d+)", file.read())[1]) / (1 << 20)
    found = [(name, re.search(pattern, said(*line))) for name, line, pattern in VERSIONS if shutil.which(line[0])]
    version = re.search(r"[\d.]+", said(options.skt, "--version"))
    commit = said("git", "-C", HERE, "describe", "--always", "--dirty")
    return {
        "date": time.strftime("%Y-%m-%d"),
        "processor": cpu(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "load before": f"{os.getloadavg()[0]:.2f} (1 minute)",
        "skt": (version[0] if version else "?") + (f" ({commit})" if re.fullmatch(r"[\w.-]+", commit) else ""),
        "peers": ", ".join(f"{name} {match[1] if match else '?'}" for name, match in found),
        "not installed": ", ".join(line[0] for _, line, _ in VERSIONS if not shutil.which(line[0])) or "-",
        "rounds": f"{options.rounds}, {options.mb} MiB a stream, files {'in memory' if in_memory else 'on a disk'}",
    }


def ratios(rounds, tool, column, more):
    pairs = [(getattr(turns["skt"], column), getattr(turns[tool], column)) for turns in rounds
             if "skt" in turns and tool in turns]
    return [(skt / other if more else other / skt) for skt, other in pairs if skt and other]


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def rows(result):
    """{tool: Row}, in the order of the case."""
    table = {}
    for tool in result.case.tools:
        turns = [turns[tool] for turns in result.rounds if tool in turns]
        if turns:
            walls = [turn.wall for turn in turns]
            table[tool] = Row(
                median(walls), median(ratios(result.rounds, tool, "wall", result.case.wall.more)),
                median(turn.processor for turn in turns), median(ratios(result.rounds, tool, "processor", False)),
                (max(walls) - min(walls)) / median(walls), median(turn.arrived for turn in turns))
    return table


def number(value):
    """Three digits that count, and thousands apart."""
    if value is None:
        return "-"
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:,.{digits}f}"


def times(value):
    return "-" if value is None else f"{value:.1f}×" if value >= 10 else f"{value:.2f}×"


def percent(value):
    return "-" if value is None else f"{value:.1%}"


def cells(case, table):
    """The table of a case as lists of words, the first its header."""
    arrived = any(row.arrived is not None for row in table.values())
    lines = [["", f"{case.wall.name}, {case.wall.unit}", "skt is", f"{case.processor.name}, {case.processor.unit}",
              "skt is", "spread"] + ["arrived"] * arrived]
    for tool, row in table.items():
        own = tool == "skt"
        lines.append([tool, number(row.wall), "" if own else times(row.wall_ratio), number(row.processor),
                      "" if own else times(row.processor_ratio), f"{row.spread:.0%}"]
                     + [percent(row.arrived)] * arrived)
    return lines


def show(result):
    """On the terminal."""
    lines = cells(result.case, rows(result))
    if len(lines) == 1:
        return
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    print(f"\n{result.case.title}")
    for line in lines:
        print("  " + "  ".join(word.ljust(width) if i == 0 else word.rjust(width)
                               for i, (word, width) in enumerate(zip(line, widths))), flush=True)


def grid(lines):
    """A Markdown table, numbers to the right."""
    text = [f"| {' | '.join(line)} |" for line in lines]
    text.insert(1, "|---|" + "---:|" * (len(lines[0]) - 1))
    return "\n".join(text)


def overview(results):
    """A line a case, a column a peer: the ratios alone."""
    tables = {result.case.title: rows(result) for result in results}
    peers = [peer for peer in PEERS if any(peer in table for table in tables.values())]
    lines = [["skt against"] + peers]
    for title, table in tables.items():
        if "skt" in table:
            pairs = [table.get(peer) for peer in peers]
            lines.append([title] + [f"{times(row.wall_ratio)} / {times(row.processor_ratio)}" if row else ""
                                    for row in pairs])
    return grid(lines)


def markdown(results, about, options, failures):
    parts = [
        "# skt beside other tools",
        "All of it from one run of `cmake --build build --target bench` (`tests/bench/run`) on this machine:",
        grid([["", ""]] + [[what, words] for what, words in about.items()]).replace("---:", "---"),
        f"The tools take turns; a figure is the median of {options.rounds} round{'s' * (options.rounds > 1)}, a ratio "
        "the median of the ratios within a round, *spread* the distance from the slowest round to the fastest. Above "
        "1×, skt is better. Processor time is that of all processes that took part, of both sides, unless it says "
        "otherwise. `least` is what the kernel needs: the bare system calls in a loop (`tests/bench/least.c`).",
        "Everything that arrives in a pipe or as a datagram is counted, everything in a file compared, in every round; "
        "what goes nowhere is compared in a run beforehand. A run that fails, or loses or changes a byte of a stream, "
        "does not count.",
        "## Ratios",
        "Throughput or rate (time, where that is measured) / processor time:",
        overview(results),
    ]
    for result in results:
        table = rows(result)
        if table:
            parts += [f"## {result.case.title}", result.case.work, grid(cells(result.case, table))]
    if failures:
        parts += ["## What failed", "\n".join(f"- {case}, {tool}: {why}" for case, tool, why in failures)]
    return "\n\n".join(parts) + "\n"
