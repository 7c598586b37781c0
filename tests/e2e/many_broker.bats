#!/usr/bin/env bats
# listen --broker and unix -l --broker: who hears what, standard input and output as a member, and how it ends.

load helper
load many

@test "broker: what one says all others get, whole, in order, and not itself" {
	scenario <<-'END'
		for command in 'listen', 'unix':
		    with Skt(command, '-v', '--broker', '--broker-buffer', '16M', stdout=subprocess.DEVNULL) as skt:
		        a, b, c = skt.clients(3)
		        a.sendall(b'one')
		        assert read_exactly(b, 3) == read_exactly(c, 3) == b'one'
		        b.sendall(b'two')
		        assert read_exactly(a, 3) == read_exactly(c, 3) == b'two'
		        d, = skt.clients(1) # hears what is said from now on
		        c.sendall(b'three\0\r\n')
		        for s in a, b, d:
		            assert read_exactly(s, 8) == b'three\0\r\n'
		        body = os.urandom(8 << 20)
		        got = [None] * 3
		        def hear(i, s):
		            got[i] = digest(read_exactly(s, len(body)))
		        threads = [threading.Thread(target=hear, args=pair) for pair in enumerate((b, c, d))]
		        for t in threads:
		            t.start()
		        a.sendall(body)
		        for t in threads:
		            t.join(LIMIT)
		        assert got == [digest(body)] * 3
		        silent(a)
		        assert skt.end(signal.SIGTERM) == 143
		        assert not skt.lines('dropped'), skt.said()
	END
}

@test "broker: many speak at once, each is heard by all in its own order" {
	scenario <<-'END'
		n, lines = 12, 400
		with Skt('listen', '-v', '--broker', stdout=subprocess.DEVNULL) as skt:
		    all, got = skt.clients(n), {}
		    def speak(i):
		        for k in range(lines):
		            all[i].sendall(b'%c%06d' % (65 + i, k))
		    def hear(i):
		        got[i] = read_exactly(all[i], (n - 1) * lines * 7)
		    threads = [threading.Thread(target=f, args=(i,)) for i in range(n) for f in (speak, hear)]
		    for t in threads:
		        t.start()
		    for t in threads:
		        t.join(LIMIT)
		    for i in range(n):
		        # pieces may be cut in one another: the letters tell where one begins
		        counts = {}
		        assert len(got[i]) == (n - 1) * lines * 7
		        for k in range(n):
		            assert got[i].count(bytes([65 + k])) == (0 if k == i else lines), (i, k)
		        if b''.join(sorted(re.findall(rb'[A-Z]\d{6}', got[i]))) == b''.join(sorted(
		                b'%c%06d' % (65 + k, j) for k in range(n) if k != i for j in range(lines))):
		            for k in range(n):
		                mine = re.findall(b'%c(\\d{6})' % (65 + k), got[i])
		                assert mine == sorted(mine)
		    assert skt.end(signal.SIGTERM) == 143
	END
}

@test "broker: who has ended its writing hears on; its last words reach all" {
	scenario <<-'END'
		for command in 'listen', 'unix':
		    with Skt(command, '-v', '--broker', stdout=subprocess.DEVNULL) as skt:
		        a, b, c = skt.clients(3)
		        c.sendall(b'bye')
		        c.shutdown(socket.SHUT_WR)
		        for s in a, b:
		            assert read_exactly(s, 3) == b'bye'
		        before = skt.running_time()
		        time.sleep(0.3)
		        assert SLOW or skt.running_time() - before < 0.02
		        a.sendall(b'still there?')
		        assert read_exactly(c, 12) == read_exactly(b, 12) == b'still there?'
		        b.sendall(b'I go')
		        b.close()
		        assert read_exactly(a, 4) == read_exactly(c, 4) == b'I go'
		        # that it is gone is noticed, at the latest, when somebody speaks
		        until(lambda: a.send(b'?') and skt.lines('closed'), 'b is gone')
		        assert len(skt.lines('closed')) == 1 and not skt.lines('reset|Broken'), skt.said()
		        assert read_exactly(c, 1) == b'?'
		        reset(c) if command == 'listen' else c.close()
		        until(lambda: len(skt.lines('closed')) == 2, 'c is gone')
		        assert skt.end(signal.SIGTERM) == 143
	END
}

@test "broker: a client that breaks is told, and hurts nobody" {
	scenario <<-'END'
		with Skt('listen', '-v', '--broker', stdout=subprocess.DEVNULL) as skt:
		    a, b, c = skt.clients(3)
		    c.sendall(b'last words')
		    assert read_exactly(a, 10) == read_exactly(b, 10) == b'last words'
		    reset(c)
		    assert len(skt.wait_said(r'^skt: listen: 127.0.0.1:\d+: .*reset')) == 1
		    a.sendall(b'x')
		    assert read_exactly(b, 1) == b'x'
		    assert skt.end(signal.SIGTERM) == 143
	END
}

@test "broker: standard input and output are a member" {
	mkfifo in
	exec 9<>in
	start_skt -n skt listen -v --broker 127.0.0.1 0 <in
	echo 'nobody is there yet' >&9
	coproc CLIENT { timeout 20 "$SKT" connect 127.0.0.1 "$PORT"; }
	read -r -t 10 -u "${CLIENT[0]}" line
	[ "$line" = 'nobody is there yet' ]
	echo hello >&"${CLIENT[1]}"
	wait_for grep -q hello skt.out
	echo 'and you' >&9
	read -r -t 10 -u "${CLIENT[0]}" line
	[ "$line" = 'and you' ]
	stop skt
	wait_end skt
	assert_status 143
	assert_output hello
}

@test "broker: the end of standard input ends nothing; a closed and an empty one only hear" {
	scenario <<-'END'
		for how in 'ended', 'null', 'closed':
		    stdin = subprocess.PIPE if how == 'ended' else subprocess.DEVNULL
		    before = ('sh', '-c', 'exec "$@" <&-', 'sh') if how == 'closed' else ()
		    with Skt('listen', '-v', '--broker', stdin=stdin, stdout=subprocess.PIPE, before=before) as skt:
		        a, b = skt.clients(2)
		        if how == 'ended':
		            skt.process.stdin.write(b'said')
		            skt.process.stdin.close()
		            assert read_exactly(a, 4) == read_exactly(b, 4) == b'said'
		        a.sendall(b'hello')
		        assert read_exactly(b, 5) == skt.process.stdout.read(5) == b'hello'
		        silent(a)
		        assert skt.end(signal.SIGTERM) == 143
		        assert len(skt.lines(r'.')) == 6, skt.said()
	END
}

@test "broker: --recv-only leaves standard input alone; a closed standard output hears nothing" {
	scenario <<-'END'
		with Skt('listen', '-v', '--broker', '--recv-only', stdin=subprocess.PIPE, stdout=subprocess.PIPE) as skt:
		    a, = skt.clients(1)
		    skt.process.stdin.write(b'unread')
		    skt.process.stdin.flush()
		    a.sendall(b'hello')
		    assert skt.process.stdout.read(5) == b'hello'
		    silent(a)
		    assert skt.end(signal.SIGTERM) == 143
		with Skt('listen', '-v', '--broker', before=('sh', '-c', 'exec "$@" >&-', 'sh')) as skt:
		    a, b = skt.clients(2)
		    a.sendall(b'hello')
		    assert read_exactly(b, 5) == b'hello'
		    assert skt.end(signal.SIGTERM) == 143
		    assert len(skt.lines('.')) == 6, skt.said()
	END
}

@test "broker: the reader of standard output goes: 141, without a word; a full disk: 9" {
	[ -c /dev/full ] || skip "there is no /dev/full"
	scenario <<-'END'
		with Skt('listen', '--broker', stdout=subprocess.PIPE) as skt:
		    s = skt.client()
		    skt.process.stdout.close()
		    assert skt.end() == 141
		    assert read_all(s) == b''
		    assert len(skt.lines('.')) == 1, skt.said()
		with Skt('listen', '--broker', stdout=open('/dev/full', 'wb')) as skt:
		    s = skt.client()
		    s.sendall(b'x')
		    assert skt.end() == 9
		    assert read_all(s) == b''
		    assert skt.lines('standard output: No space left on device'), skt.said()
	END
}

@test "broker --clients: it ends when all have been served, or nobody is left who could speak" {
	scenario <<-'END'
		for command in 'listen', 'unix':
		    with Skt(command, '-v', '--stats', '--clients', '2', '--broker', stdin=subprocess.PIPE,
		             stdout=subprocess.PIPE) as skt:
		        a, b = skt.clients(2)
		        a.sendall(b'hello')
		        a.shutdown(socket.SHUT_WR)
		        assert read_exactly(b, 5) == b'hello'
		        b.sendall(b'bye' + bytes(300000))
		        b.shutdown(socket.SHUT_WR)
		        skt.process.stdin.write(b'the last')
		        skt.process.stdin.close()
		        assert sorted(read_all(a)) == sorted(b'byethe last' + bytes(300000))
		        assert read_all(b) == b'the last'
		        assert skt.process.stdout.read() == b'hellobye' + bytes(300000)
		        assert skt.end() == 0
		        assert skt.lines('sent 300024 bytes, received 300008 bytes .*, 2 clients'), skt.said()
		        assert not skt.path or not os.path.exists(skt.path)
		# an open standard input is not waited for when nobody is left
		with Skt('listen', '-v', '--clients', '1', '--broker', stdin=subprocess.PIPE, stdout=subprocess.PIPE) as skt:
		    a, = skt.clients(1)
		    a.sendall(b'hello')
		    assert skt.process.stdout.read(5) == b'hello'
		    reset(a)
		    assert skt.end() == 0
	END
}

@test "broker: nc, ncat and socat talk to one another" {
	need nc ncat socat
	start_skt -n skt listen -v --broker 127.0.0.1 0
	for client in nc ncat socat; do
		mkfifo "$client.in"
	done
	exec 5<>nc.in 6<>ncat.in 7<>socat.in
	start nc nc 127.0.0.1 "$PORT" <nc.in
	start ncat ncat 127.0.0.1 "$PORT" <ncat.in
	start socat socat - "TCP:127.0.0.1:$PORT" <socat.in
	all_in() { [ "$(grep -c ': accepted ' skt.err)" -eq 3 ]; }
	wait_for all_in
	echo 'nc says' >&5
	wait_for grep -q 'nc says' ncat.out
	wait_for grep -q 'nc says' socat.out
	echo 'ncat says' >&6
	wait_for grep -q 'ncat says' nc.out
	wait_for grep -q 'ncat says' socat.out
	echo 'socat says' >&7
	wait_for grep -q 'socat says' nc.out
	wait_for grep -q 'socat says' ncat.out
	wait_for grep -q 'socat says' skt.out
	[ "$(cat nc.out)" = $'ncat says\nsocat says' ]
	[ "$(cat skt.out)" = $'nc says\nncat says\nsocat says' ]
}

@test "broker: what means nothing with it is refused, and no socket is opened" {
	for words in --echo --discard '--forward 127.0.0.1:1' '--exec cat' --send-only --hold --no-half-close \
		'--linger 1' '--max-bytes 5' '--rate 1' '--buffer-size 5' --progress --crlf --telnet \
		'--interval 1' '--hex-dump x' -u; do
		# shellcheck disable=SC2086 # several words
		try skt listen --broker $words 127.0.0.1 0
		assert_status 2
		assert_one_error 'broker|datagrams'
	done
	try skt listen --broker 127.0.0.1 0 -- cat
	assert_status 2
	try skt listen --broker-buffer 5 127.0.0.1 0
	assert_status 2
	assert_one_error "broker-buffer.*needs.*broker"
	for size in 0 -1 5x 2G; do
		try skt listen --broker --broker-buffer "$size" 127.0.0.1 0
		assert_status 2
		assert_one_error broker-buffer
	done
	try skt unix -l --type seqpacket --broker ./s
	assert_status 2
	assert_one_error 'broker.*streams'
	try skt unix --broker ./s
	assert_status 2
}
