#!/usr/bin/env bats
# Many clients at once: hundreds that talk, a thousand that do not, some that stall.

load helper
load many

@test "500 clients at once, each with its own bytes both ways" {
	scenario <<-'END'
		up = Upstream(echo)
		with Skt('listen', '--forward', up.word, '--clients', '500', '--backlog', '1000') as skt:
		    clients = [skt.client() for i in range(500)]
		    for i, s in enumerate(clients):
		        s.sendall(b'%d ' % i * 3000)
		    for i, s in enumerate(clients):
		        s.shutdown(socket.SHUT_WR)
		    for i, s in enumerate(clients):
		        assert read_all(s) == b'%d ' % i * 3000, i
		        s.close()
		    assert skt.end() == 0
		    assert len(skt.lines('')) == 1, skt.said()
	END
}

@test "stalled clients and upstreams hold nobody up and cost no processor time" {
	scenario <<-'END'
		def fill(s):
		    s.settimeout(0.3)
		    try:
		        while True:
		            s.send(bytes(65536))
		    except TimeoutError:
		        pass
		for command in 'listen', 'unix':
		    up = Upstream(path=None if command == 'listen' else 'up')
		    with Skt(command, '--forward', up.word) as skt:
		        pairs = [(skt.client(), up.take()) for i in range(5)]
		        for s, u in pairs[:2]:
		            fill(s)
		        for s, u in pairs[1:4]:
		            fill(u)
		        s, u = pairs[4]
		        before, end = skt.running_time(), time.monotonic() + 2
		        time.sleep(0.5)
		        slowest = 0
		        while time.monotonic() < end:
		            began = time.monotonic()
		            s.sendall(b'ask')
		            read_exactly(u, 3)
		            u.sendall(b'answer')
		            read_exactly(s, 6)
		            slowest = max(slowest, time.monotonic() - began)
		            time.sleep(0.25)
		        spent = skt.running_time() - before
		        assert SLOW or spent < 0.05, 'processor time: %g s' % spent
		        assert slowest < 1, slowest
	END
}

@test "1,000 idle sessions: less than 2 KiB each, and no processor time" {
	[ -z "${SKT_SANITIZE:-}" ] || skip "a build with sanitizers has other sizes"
	scenario <<-'END'
		import resource
		soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
		if hard < 3000:
		    skip('RLIMIT_NOFILE is %d' % hard)
		resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
		up, ups = Upstream(backlog=2000), []
		def open_some(n):
		    for i in range(n):
		        s, u = skt.client(), up.take()
		        s.sendall(b'question')
		        read_exactly(u, 8)
		        u.sendall(b'answer')
		        read_exactly(s, 6)
		        ups.append((s, u))
		with Skt('listen', '--forward', up.word) as skt:
		    open_some(100)
		    before = skt.rss()
		    open_some(1000)
		    each = (skt.rss() - before) / 1000
		    print('%g bytes a session' % each)
		    assert each < 2048, each
		    time.sleep(0.2)
		    spent = skt.running_time()
		    time.sleep(1.5)
		    spent = skt.running_time() - spent
		    assert spent < 0.0005, spent
		    descriptors = len(skt.fds())
		    assert descriptors <= 2200 + 10 + 32, descriptors
	END
}

# What a session needed for bulk, or while its bytes were held up, it gives back: the next one has use for it.
@test "sessions that carried bulk or were held up are small again when idle" {
	[ -z "${SKT_SANITIZE:-}" ] || skip "a build with sanitizers has other sizes"
	scenario <<-'END'
		up = Upstream()
		up.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
		def held_up(s, u):
		    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
		    for i in range(12):
		        s.sendall(bytes(1000))
		    assert read_exactly(u, 12000) == bytes(12000)
		def bulk(s, u):
		    data = bytes(300000)
		    threads = [threading.Thread(target=there.sendall, args=(data,)) for there in (s, u)]
		    for t in threads:
		        t.start()
		    assert read_exactly(s, len(data)) == data
		    assert read_exactly(u, len(data)) == data
		    for t in threads:
		        t.join(LIMIT)
		for what in held_up, bulk:
		    with Skt('listen', '--send-buffer', '1', '--forward', up.word) as skt:
		        pairs = [(skt.client(), up.take()) for i in range(100)]
		        for pair in pairs[:20]:
		            what(*pair)
		        before, descriptors = skt.rss(), len(skt.fds())
		        for pair in pairs[20:]:
		            what(*pair)
		        each = (skt.rss() - before) / 80
		        print(what.__name__, '%g bytes a session' % each, len(skt.fds()) - descriptors)
		        assert len(skt.fds()) <= descriptors + 32, skt.fds()
		        assert each < 2048, each
	END
}
