#!/usr/bin/env bats
# listen --forward: what breaks. Resets go through, an upstream that is not there harms its own client only, names are
# looked up once.

load helper
load many

@test "an upstream that refuses: the client is reset and it is told; others, before and after, go on" {
	scenario <<-'END'
		up = Upstream()
		port = up.port
		with Skt('listen', '--forward', up.word) as skt:
		    first = skt.client()
		    first_up = up.take()
		    up.close()
		    for i in range(5):
		        skt.broken_client(b'hello')
		        first.sendall(b'%d' % i)
		        assert read_exactly(first_up, 1) == b'%d' % i
		    told = skt.wait_said('connect to 127.0.0.1:%d: Connection refused' % port, 5)
		    assert all(re.match(r'skt: listen: 127.0.0.1:\d+: connect', line) for line in told), told
		    assert len(skt.lines('')) == 6, skt.said()
		    again = Upstream(echo)
		    descriptors = skt.fds()
		    assert descriptors['0'] == '/dev/null', descriptors
	END
}

# A client that is dropped before its session began must not take a descriptor of another with it.
@test "failed upstreams leave the server's descriptors alone" {
	scenario <<-'END'
		up = Upstream(backlog=0)
		with Skt('listen', '--forward', up.word) as skt:
		    before = skt.fds()
		    for i in range(20):
		        skt.broken_client()
		    skt.wait_said('Connection refused', 20)
		    until(lambda: skt.fds() == before, (before, skt.fds()))
		    up.socket.listen()
		    s, u = skt.client(), up.take()
		    s.sendall(b'works')
		    assert read_exactly(u, 5) == b'works'
	END
}

@test "a unix upstream that is missing or dead: the same" {
	scenario <<-'END'
		Upstream(path='dead').close()
		for path, why in ('missing', 'No such file or directory'), ('dead', 'Connection refused'):
		    with Skt('listen', '--clients', '2', '--forward', 'unix:' + path) as skt:
		        for i in range(2):
		            skt.broken_client()
		        assert skt.end() == 0
		        assert len(skt.lines('127.0.0.1:[0-9]+: connect to .*%s: %s$' % (path, why))) == 2, skt.said()
	END
}

@test "a black hole: the connect limit is over, that client is reset, others go on meanwhile" {
	silent_port
	HOLE=$PORT scenario <<-'END'
		with Skt('listen', '--connect-timeout', '700ms', '--forward', '127.0.0.1:' + os.environ['HOLE']) as skt:
		    clients = [skt.client() for i in range(5)]
		    for s in clients:
		        assert read_broken(s) == b''
		    told = skt.wait_said('127.0.0.1:[0-9]+: .*connect limit of 0.7 s$', 5)
		    assert len(skt.lines('')) == 6, skt.said()
	END
}

@test "an upstream's reset resets its client, after the bytes that came before it" {
	scenario <<-'END'
		data = os.urandom(3000)
		up = Upstream()
		with Skt('listen', '--forward', up.word) as skt:
		    other, other_up = skt.client(), up.take()
		    for i in range(20):
		        s, u = skt.client(), up.take()
		        u.sendall(data)
		        if i % 2:
		            s.sendall(b'question')
		            read_exactly(u, 8)
		        got = read_exactly(s, 3000)
		        reset(u)
		        assert got + read_broken(s) == data
		    skt.wait_said('reset by peer', 20)
		    other.sendall(b'?')
		    assert read_exactly(other_up, 1) == b'?'
	END
}

# What had arrived at us before the break is the client's: skt is stopped meanwhile, so that all of it is there first.
@test "all that lay ready before the upstream's reset is delivered" {
	scenario <<-'END'
		data = os.urandom(100000)
		up = Upstream()
		with Skt('listen', '--forward', up.word) as skt:
		    for i in range(5):
		        s, u = skt.client(), up.take()
		        s.sendall(b'x')
		        read_exactly(u, 1)
		        skt.process.send_signal(signal.SIGSTOP)
		        u.sendall(data)
		        until(lambda: not unacknowledged(u), 'acknowledged')
		        reset(u)
		        skt.process.send_signal(signal.SIGCONT)
		        got = read_broken(s)
		        assert got == data, '%d of %d bytes' % (len(got), len(data))
	END
}

@test "a client's reset reaches the upstream, be it idle, asking or being answered" {
	scenario <<-'END'
		up = Upstream()
		def send_until_broken(u):
		    u.setblocking(False)
		    for i in range(1000):
		        try:
		            u.send(bytes(65536))
		        except BlockingIOError:
		            time.sleep(0.01)
		        except (ConnectionResetError, BrokenPipeError):
		            return
		    raise AssertionError('not broken')
		with Skt('listen', '--forward', up.word) as skt:
		    other, other_up = skt.client(), up.take()
		    for i, what in enumerate(['idle', 'asks', 'is answered', 'after its end', 'does not read']):
		        print(what)
		        s, u = skt.client(), up.take()
		        if what != 'idle':
		            s.sendall(b'question')
		            read_exactly(u, 8)
		        if what == 'after its end':
		            s.shutdown(socket.SHUT_WR)
		            assert u.recv(1) == b''
		        if what == 'is answered':
		            u.sendall(b'a')
		            read_exactly(s, 1)
		        if what == 'does not read':
		            u.settimeout(0.3)
		            try:
		                while True:
		                    u.send(bytes(65536))
		            except TimeoutError:
		                pass
		        reset(s)
		        skt.wait_said(': (send|receive): (Connection reset by peer|Broken pipe)$', i + 1)
		        if what in ('after its end', 'does not read'):
		            send_until_broken(u)
		        else:
		            assert read_broken(u) == b''
		    other.sendall(b'?')
		    assert read_exactly(other_up, 1) == b'?'
	END
}

@test "the last words of a client that then resets reach the upstream" {
	scenario <<-'END'
		up = Upstream()
		data = os.urandom(50000)
		with Skt('listen', '--forward', up.word) as skt:
		    for i in range(5):
		        s, u = skt.client(), up.take()
		        u.sendall(b'x')
		        read_exactly(s, 1)
		        skt.process.send_signal(signal.SIGSTOP)
		        s.sendall(data)
		        until(lambda: not unacknowledged(s), 'acknowledged')
		        reset(s)
		        skt.process.send_signal(signal.SIGCONT)
		        got = read_broken(u)
		        assert got == data, '%d of %d bytes' % (len(got), len(data))
	END
}

@test "an upstream that closes on a client that still sends breaks the client" {
	scenario <<-'END'
		for path in None, 'up':
		    up = Upstream(path=path)
		    with Skt('listen', '--forward', up.word) as skt:
		        s, u = skt.client(), up.take()
		        s.sendall(b'x')
		        read_exactly(u, 1)
		        u.close()
		        assert s.recv(1) == b''
		        try:
		            for i in range(500):
		                s.sendall(bytes(65536))
		            raise AssertionError('nobody took them, and they were sent')
		        except (ConnectionResetError, BrokenPipeError):
		            pass
		        if not path:
		            skt.wait_said('127.0.0.1:[0-9]+: send: (Broken pipe|Connection reset by peer)')
	END
}

@test "the upstream's name is looked up once, and again after a failure" {
	need strace
	scenario <<-'END'
		count = lambda: sum('/etc/hosts"' in line for line in open('calls'))
		up = Upstream(echo)
		word = 'localhost:%d' % up.port
		with Skt('listen', '-4', '-v', '--forward', word,
		         before=('strace', '-f', '-o', 'calls', '-e', 'trace=open,openat')) as skt:
		    def works():
		        s = skt.client()
		        s.sendall(b'x')
		        assert read_exactly(s, 1) == b'x'
		        s.close()
		    works()
		    once = count()
		    assert once >= 1
		    for i in range(10):
		        works()
		    assert count() == once, (once, count())
		    port = up.port
		    up.socket.shutdown(socket.SHUT_RDWR)
		    up.close()
		    skt.broken_client()
		    skt.wait_said('Connection refused')
		    assert count() == once, (once, count())
		    again = socket.socket()
		    again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		    bind_soon(again, port)
		    again.listen()
		    up.socket = again
		    threading.Thread(target=up.serve, daemon=True).start()
		    works()
		    assert count() > once, (once, count())
		    twice = count()
		    for i in range(10):
		        works()
		    assert count() == twice, (twice, count())
		    os.kill(skt.pid, signal.SIGTERM)
		    skt.end()
	END
}

@test "many clients at once cost one look-up as well" {
	need strace
	scenario <<-'END'
		up = Upstream(echo)
		with Skt('listen', '-4', '--forward', 'localhost:%d' % up.port,
		         before=('strace', '-f', '-o', 'calls', '-e', 'trace=open,openat,clone,clone3')) as skt:
		    server = skt.pid
		    os.kill(server, signal.SIGSTOP)
		    clients = [skt.client() for i in range(30)]
		    os.kill(server, signal.SIGCONT)
		    for s in clients:
		        s.sendall(b'x')
		        assert read_exactly(s, 1) == b'x'
		    lookups = sum('/etc/hosts"' in line for line in open('calls'))
		    assert lookups == 1, lookups
		    os.kill(server, signal.SIGTERM)
		    skt.end()
	END
}

@test "a name that does not resolve: that client is reset and told, the server goes on" {
	scenario <<-'END'
		with Skt('listen', '--clients', '2', '--json', '--forward', 'no-such-name.invalid:80') as skt:
		    for i in range(2):
		        skt.broken_client()
		    assert skt.end() == 0
		    told = [json.loads(line) for line in skt.lines('"error"')]
		    assert [line['class'] for line in told] == ['resolve'] * 3, told # at the start, and for each client
	END
}

@test "words of --forward that cannot be meant are 2" {
	for word in host 127.0.0.1 127.0.0.1:0 127.0.0.1:70000 :80 '' unix: "unix:/$(printf %0200d 0)" 127.0.0.1:80x; do
		try skt listen --forward "$word" 127.0.0.1 0
		assert_status 2 || complain "for '$word'"
		assert_one_error "^skt: listen: .*try 'skt listen --help'" || return 1
	done
	for words in "--echo --discard" "--echo --forward 127.0.0.1:1" "--discard --forward 127.0.0.1:1"; do
		# shellcheck disable=SC2086 # words
		try skt listen $words 127.0.0.1 0
		assert_status 2
		assert_one_error "--(echo|discard|forward)" || return 1
	done
	try skt unix --echo "$PWD/s"
	assert_status 2
	assert_one_error "listen"
}
