#!/usr/bin/env bats
# Thousands of clients that come, break and stall at random, and then nothing is left: no descriptor, no child, no
# memory, no client unaccounted for, and it still serves. The long way, by hand, tells its figures:
# SKT_SOAK=100000 ctest --test-dir build -V -R many_soak

load helper
load many

CLIENTS=${SKT_SOAK:-800}
[ -z "${SKT_SANITIZE:-}" ] || CLIENTS=400

soak() {
	SOAK=$1 SOAK_CLIENTS=$CLIENTS SCENARIO_LIMIT=$((100 + CLIENTS / 10)) scenario <<-'END'
		kind, n = os.environ['SOAK'], int(os.environ['SOAK_CLIENTS'])
		chance = random.Random(int.from_bytes(os.urandom(4), 'big'))
		def upstream(s):
		    for piece in iter(lambda: s.recv(65536), b''):
		        dice = random.random()
		        if dice < 0.1:
		            return reset(s)
		        if dice < 0.15:
		            return
		        if dice < 0.2:
		            time.sleep(0.02)
		        if dice < 0.25:
		            s.sendall(bytes(200000))
		        s.sendall(piece)
		    s.shutdown(socket.SHUT_WR)
		    s.recv(1)
		# of the broker nobody hears itself, or an end: a little of what the others say must do
		def hear(s, least=None):
		    if kind == 'broker':
		        for i in range(4):
		            if select.select([s], [], [], 0.01)[0]:
		                s.recv(65536)
		    elif least:
		        s.recv(least)
		    else:
		        read_all(s)
		def one(rng):
		    s = skt.client()
		    try:
		        dice = rng.random()
		        if dice < 0.1:
		            return reset(s)
		        s.sendall(bytes(rng.choice(sizes)))
		        if dice < 0.25:
		            return reset(s)
		        if dice < 0.35:
		            time.sleep(0.02 if dice < 0.347 else 1)
		        if dice < 0.7:
		            s.shutdown(socket.SHUT_WR)
		            hear(s)
		        elif dice < 0.85 and kind != 'discard':
		            hear(s, 100)
		        s.close()
		    except (ConnectionResetError, BrokenPipeError):
		        s.close()
		    except OSError as e:
		        if e.errno != errno.ENOTCONN: # from shutdown(), after a reset
		            raise
		def worker(seed):
		    rng = random.Random(seed)
		    try:
		        while turns.acquire(blocking=False):
		            try:
		                one(rng)
		            except ConnectionResetError:
		                pass
		    except BaseException as e:
		        failures.append(e)
		        raise
		def crowd(clients):
		    global turns
		    turns = threading.Semaphore(clients)
		    threads = [threading.Thread(target=worker, args=(seed + i,)) for i in range(24)]
		    for t in threads:
		        t.start()
		    for t in threads:
		        t.join(60 + n / 10)
		        assert not t.is_alive(), 'a client hangs'
		    assert not failures, failures
		def count(what):
		    return skt.said().count(': %s ' % what)
		def settled():
		    # that who only hears is gone is noticed when somebody speaks; who does not listen would be dropped
		    def ring(bell):
		        while count('closed') + 1 < count('accepted'):
		            bell.send(b'?')
		            for i in range(10):
		                hear(bell)
		        reset(bell)
		    if kind == 'broker':
		        ring(skt.clients(1)[0])
		    until(lambda: count('closed') == count('accepted'), 'all closed', 60)
		    until(lambda: sockets() == 1, 'all descriptors closed: %s' % skt.fds())
		    return count('accepted'), len(skt.fds()), skt.rss() >> 10
		seed, failures, began = chance.random(), [], time.monotonic()
		print('seed', seed)
		sizes = [1, 100, 300, 5000] if kind == 'broker' else [1, 100, 5000, 40000, 150000]
		up = Upstream(upstream, 'up' if kind == 'unix' else None)
		words = {'exec': ('--exec', 'cat'), 'tcp': ('--stats', '--forward', up.word),
		         'unix': ('--stats', '--forward', up.word)}.get(kind, ('--stats', '--' + kind))
		with Skt('unix' if kind == 'unix' else 'listen', '-v', *words, stdout=subprocess.DEVNULL) as skt:
		    reset(skt.clients(1)[0])
		    skt.wait_said(': closed')
		    sockets = lambda: sum(what.startswith('socket:') for what in skt.fds().values())
		    until(lambda: sockets() == 1, 'closed')
		    fds = skt.fds()
		    crowd(min(n, 400))
		    before = settled()
		    crowd(n - min(n, 400))
		    after = settled()
		    for when, figures in ('before', before), ('after', after):
		        print('%s: %d clients, %d descriptors, %d KiB' % (when, *figures))
		    print('%d reset, %d dropped' % (count('receive: Connection reset'), skt.said().count(': dropped')))
		    assert SLOW or after[2] <= before[2] + 512
		    # a client that reset before it was accepted is nobody's
		    assert n * 0.9 < after[0] <= n + 3
		    assert not skt.children(), 'children left'
		    now = skt.fds()
		    others = lambda fds: sorted(what for what in fds.values() if not what.startswith('pipe:'))
		    assert others(now) == others(fds), (fds, now)
		    assert len(now) <= len(fds) + 32, now
		    spent = skt.running_time()
		    time.sleep(0.3)
		    assert SLOW or skt.running_time() - spent < 0.01
		    print('%.1f s of processor time in %.1f s' % (spent, time.monotonic() - began))
		    assert skt.end(signal.SIGTERM) == 143
		    if '--stats' in words:
		        assert skt.lines(', %d clients$' % after[0]), skt.said()[-300:]
	END
	[ -z "${SKT_SOAK:-}" ] || echo "# $1: ${output//$'\n'/$'\n'"# $1: "}" >&3
}

@test "soak: thousands of clients of --forward by TCP leave nothing behind" {
	soak tcp
}

@test "soak: thousands of clients of --forward by unix leave nothing behind" {
	soak unix
}

@test "soak: thousands of clients of --echo leave nothing behind" {
	soak echo
}

@test "soak: thousands of clients of --discard leave nothing behind" {
	soak discard
}

@test "soak: thousands of clients of --broker leave nothing behind" {
	soak broker
}

@test "soak: hundreds of clients of --exec leave nothing behind" {
	CLIENTS=$((CLIENTS / 5)) soak exec
}
