#!/usr/bin/env bats
# listen --forward and unix -l --forward: bytes, ends and breaks go through, both ways, and concern nobody else.

load helper
load many

# Every pair of a TCP or unix listener and a TCP or unix upstream.
@test "small requests get their answers, in one session and in many" {
	scenario <<-'END'
		for command in 'listen', 'unix':
		    for path in None, 'up-' + command:
		        up = Upstream(echo, path)
		        with Skt(command, '--forward', up.word) as skt:
		            for i in range(20):
		                s = skt.client()
		                for j in range(20):
		                    s.sendall(b'request %d %d\n' % (i, j))
		                    assert read_exactly(s, len(b'request %d %d\n' % (i, j))) == b'request %d %d\n' % (i, j)
		                s.close()
		            assert skt.end(signal.SIGTERM) == 143
		            assert skt.said().count('\n') == (2 if command == 'listen' else 1), skt.said()
	END
}

@test "large bodies both ways at once arrive whole" {
	scenario <<-'END'
		up_data, down_data = os.urandom(24 << 20), os.urandom(24 << 20)
		for command in 'listen', 'unix':
		    for path in None, 'up-' + command:
		        up, got = Upstream(path=path), []
		        with Skt(command, '--clients', '1', '--forward', up.word) as skt:
		            s = skt.client()
		            u = up.take()
		            t = threading.Thread(target=lambda: got.append(exchange(u, down_data)))
		            t.start()
		            assert digest(exchange(s, up_data)) == digest(down_data), (command, path)
		            t.join(LIMIT)
		            assert digest(got[0]) == digest(up_data), (command, path)
		            assert skt.end() == 0
		            assert not skt.lines('unix: |closed|reset'), skt.said()
	END
}

@test "bodies through socat as upstream and nc as client have equal checksums" {
	need socat nc
	head -c 8000000 /dev/urandom >body
	head -c 5000000 /dev/urandom >answer
	start_peer up tcp4 send-file "$PWD/answer" half-close copy recv-until-eof
	start_skt -n skt listen --clients 1 --forward "127.0.0.1:$PORT" 127.0.0.1 0
	try timeout 20 nc -N 127.0.0.1 "$PORT" <body
	assert_status 0
	assert_same answer "$OUT"
	wait_end up
	assert_same body "$OUT"
	wait_end skt
	assert_status 0
	start up2 timeout 20 socat -u UNIX-LISTEN:up2.s CREATE:up2.got
	wait_for test -S up2.s
	start_skt -n skt unix -l --clients 1 --forward "unix:$PWD/up2.s" "$PWD/s"
	timeout 20 socat -u OPEN:body "UNIX-CONNECT:$PWD/s"
	wait_end up2
	assert_same body up2.got
	wait_end skt
	assert_status 0
}

@test "the client's end is passed on while the answer still comes" {
	scenario <<-'END'
		for command in 'listen', 'unix':
		    for path in None, 'up-' + command:
		        up = Upstream(path=path)
		        with Skt(command, '--clients', '1', '--forward', up.word) as skt:
		            s, u = skt.client(), up.take()
		            s.sendall(b'question')
		            s.shutdown(socket.SHUT_WR)
		            assert read_all(u) == b'question'
		            for i in range(3):
		                u.sendall(b'answer')
		                assert read_exactly(s, 6) == b'answer'
		            u.close()
		            assert read_all(s) == b''
		            assert skt.end() == 0
	END
}

@test "the upstream's end is passed on while the client still sends" {
	scenario <<-'END'
		for command in 'listen', 'unix':
		    for path in None, 'up-' + command:
		        up = Upstream(path=path)
		        with Skt(command, '--clients', '1', '--forward', up.word) as skt:
		            s, u = skt.client(), up.take()
		            u.sendall(b'greeting')
		            u.shutdown(socket.SHUT_WR)
		            assert read_all(s) == b'greeting'
		            for i in range(3):
		                s.sendall(b'more')
		                assert read_exactly(u, 4) == b'more'
		            s.close()
		            assert read_all(u) == b''
		            u.close()
		            assert skt.end() == 0
	END
}

@test "the end never overtakes what is held for a slow reader" {
	scenario <<-'END'
		data = os.urandom(6 << 20)
		for command in 'listen', 'unix':
		    for path in None, 'up-' + command:
		        up = Upstream(path=path)
		        with Skt(command, '--clients', '2', '--forward', up.word) as skt:
		            for speaker, hearer in ((0, 1), (1, 0)):
		                pair = skt.client(), up.take()
		                t = threading.Thread(target=lambda: (pair[speaker].sendall(data),
		                                                     pair[speaker].shutdown(socket.SHUT_WR)))
		                t.start()
		                got = bytearray()
		                while len(got) < 1 << 20:
		                    got += pair[hearer].recv(1500)
		                assert digest(bytes(got) + read_all(pair[hearer])) == digest(data)
		                t.join(LIMIT)
		                pair[hearer].close()
		                pair[speaker].close()
		            assert skt.end() == 0
	END
}

@test "the answer is whole when a unix upstream closes after it, and costs no processor time while the client is idle" {
	scenario <<-'END'
		data = os.urandom(1 << 20)
		up = Upstream(path='up')
		with Skt('listen', '--forward', up.word) as skt:
		    pairs = []
		    for i in range(20):
		        s = skt.client()
		        s.sendall(b'request')
		        u = up.take()
		        read_exactly(u, 7)
		        pairs.append((s, u))
		    before = skt.running_time()
		    for s, u in pairs:
		        u.sendall(b'answer')
		        u.close()
		    for s, u in pairs:
		        assert read_exactly(s, 6) == b'answer'
		    end = time.monotonic() + 1
		    for s, u in pairs:
		        assert read_all(s) == b''
		    time.sleep(max(0, end - time.monotonic()))
		    spent = skt.running_time() - before
		    assert SLOW or spent < 0.05, 'processor time: %g s' % spent
		    s = skt.client()
		    u = up.take()
		    t = threading.Thread(target=lambda: (u.sendall(data), u.close()))
		    t.start()
		    assert read_all(s) == data
	END
}

@test "a client of -v: accepted, connected, closed with both addresses and the bytes" {
	scenario <<-'END'
		up = Upstream()
		with Skt('listen', '-v', '--clients', '1', '--forward', up.word) as skt:
		    s = skt.client()
		    u = up.take()
		    me, it = s.getsockname()[1], u.getpeername()[1]
		    s.sendall(b'12345')
		    s.shutdown(socket.SHUT_WR)
		    read_all(u)
		    u.sendall(b'123')
		    u.close()
		    assert read_all(s) == b'123'
		    assert skt.end() == 0
		    want = ['listening on 127.0.0.1:%d (inet stream tcp)' % skt.port,
		            'accepted 127.0.0.1:%d on 127.0.0.1:%d (inet stream tcp)' % (me, skt.port),
		            'connected to 127.0.0.1:%d from 127.0.0.1:%d (inet stream tcp)' % (up.port, it),
		            'closed 127.0.0.1:%d: 3 bytes sent, 5 bytes received' % me]
		    assert skt.said().splitlines() == ['skt: listen: ' + line for line in want], skt.said()
	END
}

@test "and the same as JSON, one object a line, errors with class and errno" {
	scenario <<-'END'
		up = Upstream(backlog=0)
		with Skt('listen', '-v', '--json', '--clients', '2', '--forward', up.word) as skt:
		    assert skt.broken_client() == b''
		    up.socket.listen()
		    t, u = skt.client(), up.take()
		    me = t.getsockname()[1]
		    u.sendall(b'abc')
		    u.close()
		    assert read_all(t) == b'abc'
		    t.close()
		    assert skt.end() == 0
		    lines = [json.loads(line) for line in skt.said().splitlines()]
		    assert [line['event'] for line in lines] == ['listening', 'accepted', 'error', 'closed', 'accepted',
		                                                 'connected', 'closed'], lines
		    assert lines[2]['class'] == 'refused' and lines[2]['errno'] == 'ECONNREFUSED', lines
		    assert lines[5]['address'] == '127.0.0.1' and lines[5]['port'] == up.port, lines
		    assert lines[6]['port'] == me and lines[6]['bytes_sent'] == 3 and lines[6]['bytes_received'] == 0, lines
	END
}

@test "nothing is said about sessions that end well, nor under --quiet about those that do not" {
	scenario <<-'END'
		up = Upstream(backlog=0)
		with Skt('listen', '--quiet', '--clients', '2', '--forward', up.word) as skt:
		    assert skt.broken_client() == b''
		    up.socket.listen()
		    t, u = skt.client(), up.take()
		    t.close()
		    u.close()
		    assert skt.end() == 0
		    assert not skt.said(), skt.said()
	END
}
