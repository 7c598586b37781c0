#!/usr/bin/env bats
# listen --echo (RFC 862) and --discard (RFC 863), --clients, and clients one after the other (-k).

load helper
load many

@test "echo: a body of nc comes back, by TCP and by unix" {
	need nc
	head -c 3000000 /dev/urandom >body
	start_skt -n skt listen --echo --clients 1 127.0.0.1 0
	try timeout 20 nc -N 127.0.0.1 "$PORT" <body
	assert_status 0
	assert_same body "$OUT"
	wait_end skt
	assert_status 0
	start_skt -n skt unix -l --echo --clients 1 "$PWD/s"
	try timeout 20 nc -N -U "$PWD/s" <body
	assert_status 0
	assert_same body "$OUT"
	wait_end skt
	assert_status 0
	[ ! -e s ]
}

@test "echo: a line of socat comes back at once, not at the end" {
	need socat
	start_skt -n skt listen --echo --clients 1 127.0.0.1 0
	coproc CLIENT { timeout 20 socat -t 10 - "TCP:127.0.0.1:$PORT"; }
	for line in one two three; do
		echo "$line" >&"${CLIENT[1]}"
		read -r -t 10 -u "${CLIENT[0]}" answer
		[ "$answer" = "$line" ]
	done
	local to=${CLIENT[1]}
	exec {to}>&-
	wait_end skt
	assert_status 0
}

@test "echo: one that sends and does not read is held up, alone and without processor time" {
	scenario <<-'END'
		for command in 'listen', 'unix':
		    with Skt(command, '--echo') as skt:
		        s, t = skt.client(), skt.client()
		        s.settimeout(0.5)
		        sent, page = bytearray(), os.urandom(65536)
		        try:
		            while True:
		                sent += page[:s.send(page)]
		                assert len(sent) < 200 << 20
		        except TimeoutError:
		            pass
		        before = skt.running_time()
		        end = time.monotonic() + 1
		        while time.monotonic() < end:
		            t.sendall(b'still there?')
		            assert read_exactly(t, 12) == b'still there?'
		            time.sleep(0.1)
		        spent = skt.running_time() - before
		        assert SLOW or spent < 0.05, spent
		        s.settimeout(LIMIT)
		        s.shutdown(socket.SHUT_WR)
		        assert digest(read_all(s)) == digest(sent)
	END
}

@test "discard: all is taken, nothing comes but the end after the client's" {
	scenario <<-'END'
		for command in 'listen', 'unix':
		    with Skt(command, '--discard', '-v', '--clients', '2') as skt:
		        s, t = skt.client(), skt.client()
		        t.sendall(b'x')
		        assert exchange(s, bytes(20 << 20)) == b''
		        s.close()
		        t.settimeout(0.3)
		        try:
		            t.recv(1)
		            raise AssertionError('it answered')
		        except TimeoutError:
		            pass
		        t.settimeout(LIMIT)
		        assert exchange(t, b'') == b''
		        assert skt.end() == 0
		        closed = skt.lines('closed')
		        assert '0 bytes sent, %d bytes received' % (20 << 20) in closed[0], closed
		        assert '0 bytes sent, 1 bytes received' in closed[1], closed
	END
}

@test "discard: nc and socat deliver and leave with 0" {
	need nc socat
	head -c 1000000 /dev/zero >body
	start_skt -n skt listen -v --discard --clients 2 127.0.0.1 0
	try timeout 20 nc -N 127.0.0.1 "$PORT" <body
	assert_status 0
	assert_output ""
	try timeout 20 socat -u OPEN:body "TCP:127.0.0.1:$PORT"
	assert_status 0
	wait_end skt
	assert_status 0
	[ "$(grep -c ': 0 bytes sent, 1000000 bytes received$' "$ERR")" -eq 2 ]
}

@test "standard input is not read and standard output not written" {
	need nc
	for what in --echo --discard; do
		echo "for somebody else" >in
		exec 9<in
		start_skt -n "skt$what" listen "$what" --clients 1 127.0.0.1 0 <&9
		echo data | timeout 20 nc -N 127.0.0.1 "$PORT" >/dev/null
		wait_end "skt$what"
		assert_status 0
		assert_output ""
		read -r -u 9 line
		[ "$line" = "for somebody else" ]
		exec 9<&-
	done
}

@test "a client's reset of an echo or discard is told and harms nobody" {
	scenario <<-'END'
		for what in '--echo', '--discard':
		    with Skt('listen', what, '--clients', '3') as skt:
		        other = skt.client()
		        for i in range(2):
		            s = skt.client()
		            s.sendall(b'abc')
		            if what == '--echo':
		                read_exactly(s, 3)
		            reset(s)
		            skt.wait_said(r'^skt: listen: 127.0.0.1:\d+: receive: Connection reset by peer$', i + 1)
		        assert exchange(other, b'hello') == (b'hello' if what == '--echo' else b'')
		        assert skt.end() == 0
	END
}

@test "--clients N: the Nth is served to its end, nobody else is taken, status 0" {
	scenario <<-'END'
		for command in 'listen', 'unix':
		    with Skt(command, '--echo', '--clients', '3') as skt:
		        clients = [skt.client() for i in range(3)]
		        for s in clients:
		            s.sendall(b'x')
		            assert read_exactly(s, 1) == b'x'
		        def refused():
		            try:
		                skt.client().close()
		            except (ConnectionRefusedError, FileNotFoundError):
		                return True
		        until(refused, 'refused')
		        for s in clients:
		            assert skt.process.poll() is None
		            assert exchange(s, b'more') == b'more'
		        assert skt.end() == 0
		        assert not skt.path or not os.path.exists(skt.path)
	END
}

@test "a client whose upstream fails counts as served" {
	scenario <<-'END'
		up = Upstream(backlog=0)
		with Skt('listen', '--forward', up.word, '--clients', '3') as skt:
		    for i in range(3):
		        skt.broken_client()
		    assert skt.end() == 0
	END
}

@test "-k: one client after the other on standard output, --clients ends it with 0" {
	scenario <<-'END'
		for command in 'listen', 'unix':
		    with Skt(command, '-k', '--clients', '3') as skt:
		        first, second = skt.client(), skt.client()
		        second.sendall(b'second\n')
		        first.sendall(b'first\n')
		        first.shutdown(socket.SHUT_WR)
		        read_all(first)
		        reset(first)
		        second.shutdown(socket.SHUT_WR)
		        read_all(second)
		        second.close()
		        third = skt.client()
		        third.sendall(b'third\n')
		        third.close()
		        assert skt.end() == 0
	END
	assert_output $'first\nsecond\nthird\nfirst\nsecond\nthird'
}

@test "-k: a client that resets is told, the next one is served, and it counts" {
	scenario <<-'END'
		with Skt('listen', '-k', '--clients', '2') as skt:
		    s = skt.client()
		    s.sendall(b'before\n')
		    until(lambda: b'before' in open(os.environ['OUT'], 'rb').read(), 'before')
		    reset(s)
		    skt.wait_said('Connection reset by peer$')
		    t = skt.client()
		    t.sendall(b'after\n')
		    t.close()
		    assert skt.end() == 0
	END
	assert_output $'before\nafter'
}

@test "--max-clients without a server of many is 2, and --drain with datagrams" {
	try skt listen -k --max-clients 3 127.0.0.1 0
	assert_status 2
	assert_one_error "--forward, --echo, --discard or --broker.*try 'skt listen --help'"
	try skt listen -u --drain 1s 127.0.0.1 0
	assert_status 2
	assert_one_error "'--drain' is about clients.*try 'skt listen --help'"
	for words in "--clients 0" "--max-clients 0" "--drain x" "--clients -1"; do
		# shellcheck disable=SC2086 # words
		try skt listen --echo $words 127.0.0.1 0
		assert_status 2 || complain "$words"
		assert_one_error "${words%% *}" || return 1
	done
}
