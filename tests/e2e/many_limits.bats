#!/usr/bin/env bats
# The limits and the end of a server of many clients: --max-clients, --drain, signals, time limits, descriptors.

load helper
load many

@test "--max-clients: those beyond it wait in the backlog until one goes" {
	scenario <<-'END'
		for command in 'listen', 'unix':
		    with Skt(command, '-v', '--echo', '--max-clients', '2') as skt:
		        a, b = skt.client(), skt.client()
		        for s in a, b:
		            s.sendall(b'x')
		            assert read_exactly(s, 1) == b'x'
		        waiting = [skt.client() for i in range(3)]
		        for s in waiting:
		            s.sendall(b'waited')
		        before = skt.running_time()
		        waiting[0].settimeout(0.5)
		        try:
		            waiting[0].recv(1)
		            raise AssertionError('served beyond --max-clients')
		        except TimeoutError:
		            pass
		        assert SLOW or skt.running_time() - before < 0.02
		        assert len(skt.lines(': accepted')) == 2
		        assert exchange(b, b'') == b''
		        waiting[0].settimeout(LIMIT)
		        assert read_exactly(waiting[0], 6) == b'waited'
		        assert len(skt.lines(': accepted')) == 3
		        reset(a)
		        assert read_exactly(waiting[1], 6) == b'waited'
		        assert exchange(waiting[0], b'') == b''
		        assert read_exactly(waiting[2], 6) == b'waited'
		        assert len(skt.lines(': accepted')) == 5
	END
}

@test "--max-clients 1 serves strictly one after the other, failed upstreams included" {
	scenario <<-'END'
		up = Upstream(backlog=0)
		with Skt('listen', '--max-clients', '1', '--clients', '12', '--forward', up.word) as skt:
		    for i in range(10):
		        skt.broken_client()
		    skt.wait_said('refused', 10)
		    up.socket.listen()
		    for i in range(2):
		        s, u = skt.client(), up.take()
		        u.close()
		        assert exchange(s, b'') == b''
		    assert skt.end() == 0
	END
}

@test "SIGTERM and SIGINT cut the sessions: a reset for client and upstream, a closed line each, 143 and 130" {
	scenario <<-'END'
		for number, status in (signal.SIGTERM, 143), (signal.SIGINT, 130):
		    up = Upstream()
		    with Skt('listen', '-v', '--forward', up.word) as skt:
		        pairs = [(skt.client(), up.take()) for i in range(3)]
		        for s, u in pairs:
		            s.sendall(b'x')
		            read_exactly(u, 1)
		        assert skt.end(number) == status
		        for s, u in pairs:
		            assert read_broken(s) == b''
		            assert read_broken(u) == b''
		        assert len(skt.lines('closed .*: 0 bytes sent, 1 bytes received')) == 3, skt.said()
		        assert len(skt.lines('ended by signal %d' % number)) == 1, skt.said()
	END
}

@test "--drain lets sessions end, takes nobody new, and then it is 143 at once" {
	scenario <<-'END'
		for command in 'listen', 'unix':
		    up = Upstream()
		    with Skt(command, '--drain', '60s', '--forward', up.word) as skt:
		        pairs = [(skt.client(), up.take()) for i in range(3)]
		        skt.process.send_signal(signal.SIGTERM)
		        gone = lambda: not os.path.exists(skt.path) if skt.path else skt.port not in listening()
		        until(gone, 'not listening')
		        for s, u in pairs:
		            s.sendall(b'ask')
		            assert read_exactly(u, 3) == b'ask'
		            u.sendall(b'answer')
		            u.close()
		            assert exchange(s, b'') == b'answer'
		        assert skt.end() == 143
	END
}

@test "--drain: what is being dialled or queued is a session too" {
	silent_port
	HOLE=$PORT scenario <<-'END'
		with Skt('listen', '--drain', '60s', '--connect-timeout', '1s', '--forward',
		         '127.0.0.1:' + os.environ['HOLE'], '-v') as skt:
		    s = skt.client()
		    skt.wait_said('accepted')
		    skt.process.send_signal(signal.SIGTERM)
		    assert read_broken(s) == b''
		    assert skt.end() == 143
		    assert skt.lines('connect limit'), skt.said()
	END
}

@test "--drain: after its time, or at a second signal, the rest is cut" {
	scenario <<-'END'
		for drain, second in ('300ms', None), ('60s', signal.SIGTERM), ('60s', signal.SIGINT):
		    with Skt('listen', '-v', '--echo', '--drain', drain) as skt:
		        s = skt.client()
		        s.sendall(b'x')
		        read_exactly(s, 1)
		        began = time.monotonic()
		        skt.process.send_signal(signal.SIGTERM)
		        until(lambda: skt.port not in listening(), 'not listening')
		        if second:
		            s.sendall(b'y')
		            assert read_exactly(s, 1) == b'y'
		            skt.process.send_signal(second)
		        assert read_broken(s) == b''
		        assert skt.end() == 143
		        assert second or time.monotonic() - began > 0.28
		        assert skt.lines('closed .*: %d bytes sent' % (2 if second else 1)), skt.said()
	END
}

@test "--idle-timeout is each session's own: the idle one is reset and told, the busy one lives" {
	scenario <<-'END'
		up = Upstream(echo)
		for words in ('--echo',), ('--forward', up.word), ('--discard',):
		    with Skt('listen', '--idle-timeout', '2s', *words) as skt:
		        idle, busy = skt.client(), skt.client()
		        done = threading.Event()
		        def keep():
		            while not done.is_set():
		                busy.sendall(b'x')
		                if words[0] != '--discard':
		                    read_exactly(busy, 1)
		                time.sleep(0.05)
		        t = threading.Thread(target=keep)
		        t.start()
		        try:
		            assert read_broken(idle) == b''
		            told = skt.wait_said(r'^skt: listen: 127.0.0.1:\d+: nothing moved for 2 s')
		            assert len(told) == 1
		            assert ':%d:' % busy.getsockname()[1] not in told[0], told
		        finally:
		            done.set()
		            t.join(LIMIT)
		        assert exchange(busy, b'') == b''
	END
}

@test "a session that is cut says no end before the reset" {
	scenario <<-'END'
		up = Upstream(echo)
		for words in ('--echo',), ('--forward', up.word), ('--discard',):
		    with Skt('listen', '--trace', '--idle-timeout', '50ms', *words) as skt:
		        assert read_broken(skt.client()) == b''
		        skt.wait_said('nothing moved for')
		        assert not skt.lines('shutdown'), skt.said()
	END
}

@test "--accept-timeout counts from the last client on, and not while nobody can be taken" {
	scenario <<-'END'
		with Skt('listen', '--echo', '--accept-timeout', '800ms', '--max-clients', '2') as skt:
		    for i in range(5):
		        assert exchange(skt.client(), b'x') == b'x'
		        time.sleep(0.3)
		    full = [skt.client() for i in range(2)]
		    for s in full:
		        s.sendall(b'x')
		        read_exactly(s, 1)
		    time.sleep(1.2)
		    assert exchange(full[0], b'') == b''
		    assert exchange(skt.client(), b'x') == b'x'
		    full[1].close()
		    assert skt.end() == 6
		    assert skt.lines('no client came'), skt.said()
	END
}

@test "--deadline ends it all with 6, the sessions by a reset" {
	scenario <<-'END'
		with Skt('listen', '--echo', '--deadline', '1s') as skt:
		    s = skt.client()
		    s.sendall(b'x')
		    assert read_exactly(s, 1) == b'x'
		    assert read_broken(s) == b''
		    assert skt.end() == 6
	END
}

@test "few descriptors: the rest waits in the backlog, all are served in the end" {
	need prlimit
	scenario <<-'END'
		up = Upstream(echo)
		with Skt('listen', '--forward', up.word, '--backlog', '500', before=('prlimit', '--nofile=90:90')) as skt:
		    clients = [skt.client() for i in range(200)]
		    for i, s in enumerate(clients):
		        s.sendall(b'number %d' % i)
		    for i, s in enumerate(clients):
		        assert exchange(s, b'') == b'number %d' % i
		    assert not skt.lines('open files|accept'), skt.said()
		    assert len(skt.fds()) < 64
	END
}

# The limit is taken away under a running server, which had counted on more.
@test "descriptors that run out: no end, no spinning, and on it goes when there are some again" {
	need prlimit
	scenario <<-'END'
		up = Upstream(echo)
		for words in ('--echo',), ('--forward', up.word):
		    with Skt('listen', '--backlog', '200', *words) as skt:
		        first = skt.client()
		        first.sendall(b'x')
		        read_exactly(first, 1)
		        used = max(map(int, skt.fds())) + 1
		        old = subprocess.run(['prlimit', '--pid', str(skt.pid), '--nofile', '-o', 'SOFT,HARD', '--noheadings'],
		                             capture_output=True, text=True).stdout.split()
		        subprocess.run(['prlimit', '--pid', str(skt.pid), '--nofile=%d:' % used], check=True)
		        waiting = [skt.client() for i in range(10)]
		        before = skt.running_time()
		        end = time.monotonic() + 1
		        while time.monotonic() < end:
		            first.sendall(b'still')
		            assert read_exactly(first, 5) == b'still'
		            time.sleep(0.1)
		        assert SLOW or skt.running_time() - before < 0.05
		        subprocess.run(['prlimit', '--pid', str(skt.pid), '--nofile=%s:' % old[0]], check=True)
		        for s in waiting:
		            assert exchange(s, b'hello') == b'hello'
	END
}

# A stalled session keeps its pipes; they must not cost the next client its descriptors.
@test "stalled bulk does not take the descriptors of clients that there is room for" {
	need prlimit
	scenario <<-'END'
		up = Upstream()
		def fill(s):
		    s.setblocking(False)
		    end = time.monotonic() + 0.1
		    while time.monotonic() < end:
		        try:
		            s.send(bytes(1 << 20))
		        except BlockingIOError:
		            time.sleep(0.01)
		with Skt('listen', '--forward', up.word, '--backlog', '500', before=('prlimit', '--nofile=260:260')) as skt:
		    stalled = [(skt.client(), up.take()) for i in range(50)]
		    threads = [threading.Thread(target=fill, args=(s,)) for pair in stalled for s in pair]
		    for t in threads:
		        t.start()
		    for t in threads:
		        t.join(LIMIT)
		    small = [(skt.client(), up.take()) for i in range(45)]
		    for s, u in small:
		        s.sendall(b'ask')
		    for s, u in small:
		        assert read_exactly(u, 3) == b'ask'
		    assert not skt.lines('open files'), skt.said()
		    assert len(skt.fds()) <= 260
	END
}
