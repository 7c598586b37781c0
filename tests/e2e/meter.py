#!/usr/bin/env python3
"""meter: what the meter_*.bats files ask python3 for.

  meter.py field FILE KEY...      the fields of the last "stats" object in FILE, one a line; - where it has none
  meter.py ascending FILE KEY...  whether these fields are numbers and none is below the one before
  meter.py terminal FILE COMMAND...  runs it with a terminal as standard error, whose bytes go to FILE; its status
  meter.py draws FILE             how often a live line was drawn
"""
import json
import os
import re
import sys


def stats(path):
    found = None
    with open(path, encoding="ascii") as lines:
        for line in lines:
            event = json.loads(line)
            found = event if event["event"] == "stats" else found
    if not found:
        sys.exit(f"no stats in {path}")
    return found


def terminal(path, command):
    master, slave = os.openpty()
    pid = os.fork()
    if not pid:
        os.close(master)
        os.dup2(slave, 2)
        os.close(slave)
        os.execvp(command[0], command)
    os.close(slave)
    with open(path, "wb") as log:
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:  # EIO: the last holder of the terminal has gone
                break
            if not part:
                break
            log.write(part)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


what, file, words = sys.argv[1], sys.argv[2], sys.argv[3:]
if what == "field":
    event = stats(file)
    for word in words:
        print(event.get(word, "-"))
elif what == "ascending":
    event = stats(file)
    values = [event[word] for word in words]
    if values != sorted(values):
        sys.exit(f"not ascending: {dict(zip(words, values))}")
elif what == "terminal":
    sys.exit(terminal(file, words))
elif what == "draws":
    with open(file, "rb") as log:
        print(len(re.findall(rb"\r(?!\x1b\[K|\n|$)", log.read())))
