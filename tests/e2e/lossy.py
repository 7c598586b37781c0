"""lossy: a path that loses, doubles and reorders datagrams by a pattern, and keeps an account.

lossy.py READY ADDRESS PORT TOTAL LOSE DOUBLE DELAY: forwards TOTAL datagrams to ADDRESS PORT; of every so many one is
lost, one doubled, one held back behind the next two. READY appears with the path's own "ADDRESS PORT"; in the end one
line, in the words of udp-recv --sequence.
"""
import os, socket, sys

ready, address = sys.argv[1:3]
port, total, lose, double, delay = map(int, sys.argv[3:8])
inside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
inside.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
inside.settimeout(30)
inside.bind(('127.0.0.1', 0))
outside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
with open(ready + '.new', 'w') as file:
    file.write('%s %d\n' % inside.getsockname())
os.rename(ready + '.new', ready)

seen, highest, held = set(), 0, []
received = duplicated = reordered = 0

def forward(number, data):
    global received, duplicated, reordered, highest
    outside.sendto(data, (address, port))
    received += 1
    if number in seen:
        duplicated += 1
    elif number < highest:
        reordered += 1
    seen.add(number)
    highest = max(highest, number)

for number in range(1, total + 1):
    data = inside.recv(65536)
    held = [(left - 1, n, d) for left, n, d in held]
    if number % lose == 1:
        pass
    elif number % delay == 0:
        held.append((2, number, data))
    else:
        forward(number, data)
        if number % double == 0:
            forward(number, data)
    for left, n, d in held:
        if left <= 0:
            forward(n, d)
    held = [one for one in held if one[0] > 0]
for left, n, d in held:
    forward(n, d)
print('received %d, lost %d, duplicated %d, reordered %d' % (received, highest - len(seen), duplicated, reordered))
