#!/usr/bin/env bats
# Thousands of clients that come, break and stall at random, and then nothing is left: no descriptor, no child, no
# memory, no client unaccounted for, and it still serves. SKT_SOAK=100000 is the long way, by hand.

load helper
load many

CLIENTS=${SKT_SOAK:-2500}
[ -z "${SKT_SANITIZE:-}" ] || CLIENTS=400

soak() {
	SOAK=$1 SOAK_CLIENTS=$CLIENTS SCENARIO_LIMIT=$((100 + CLIENTS / 100)) scenario <<-'END'
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
		def one(rng):
		    s = skt.client()
		    try:
		        dice = rng.random()
		        if dice < 0.1:
		            return reset(s)
		        s.sendall(bytes(rng.choice([1, 100, 5000, 40000, 150000])))
		        if dice < 0.25:
		            return reset(s)
		        if dice < 0.35:
		            time.sleep(0.02 if dice < 0.347 else 1)
		        if dice < 0.7:
		            s.shutdown(socket.SHUT_WR)
		            read_all(s)
		        elif dice < 0.85:
		            s.recv(100)
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
		        t.join(60 + n / 100)
		        assert not t.is_alive(), 'a client hangs'
		    assert not failures, failures
		def count(what):
		    return len(skt.lines(': %s ' % what))
		def settled():
		    until(lambda: count('closed') == count('accepted'), 'all closed', 60)
		    until(lambda: sockets() == 1, 'all descriptors closed: %s' % skt.fds())
		seed, failures = chance.random(), []
		print('seed', seed)
		up = Upstream(upstream, 'up' if kind == 'unix' else None)
		words = {'echo': ('--echo',), 'exec': ('--exec', 'cat')}.get(kind, ('--forward', up.word))
		with Skt('unix' if kind == 'unix' else 'listen', '-v', *words) as skt:
		    assert exchange(skt.client(), b'') == b''
		    skt.wait_said(': closed')
		    sockets = lambda: sum(what.startswith('socket:') for what in skt.fds().values())
		    until(lambda: sockets() == 1, 'closed')
		    before = skt.fds()
		    crowd(min(n, 500))
		    settled()
		    size = skt.rss()
		    crowd(n - min(n, 500))
		    settled()
		    print('%d KiB before, %d KiB after' % (size >> 10, skt.rss() >> 10))
		    assert SLOW or skt.rss() <= size + 512 * 1024
		    # a client that reset before it was accepted is nobody's
		    print(count('accepted'), 'of', n + 1)
		    assert n * 0.9 < count('accepted') <= n + 1
		    assert not skt.children(), 'children left'
		    now = skt.fds()
		    others = lambda fds: sorted(what for what in fds.values() if not what.startswith('pipe:'))
		    assert others(now) == others(before), (before, now)
		    assert len(now) <= len(before) + 32, now
		    spent = skt.running_time()
		    time.sleep(0.3)
		    assert SLOW or skt.running_time() - spent < 0.01
		    assert skt.end(signal.SIGTERM) == 143
	END
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

@test "soak: hundreds of clients of --exec leave nothing behind" {
	CLIENTS=$((CLIENTS / 5)) soak exec
}
