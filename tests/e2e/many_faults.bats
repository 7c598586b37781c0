#!/usr/bin/env bats
# A server of many whose system calls fail (strace injects it): bytes arrive whole, and one client's failure is its own.

load helper
load many

# Bodies both ways at once through --forward, and through --echo, while strace injects FAULTS... (each for a run).
survives() {
	need strace
	SCENARIO_LIMIT=100 FAULTS="$*" scenario <<-'END'
		def traced(fault):
		    call = re.split('[:]', fault)[0]
		    return ('strace', '-f', '-qq', '-o', 'calls', '-e', 'trace=' + call, '-e', 'inject=' + fault)
		up_data, down_data = os.urandom(2 << 20), os.urandom(2 << 20)
		for fault in os.environ['FAULTS'].split():
		    for command, path in ('listen', None), ('unix', 'up'):
		        print(fault, command)
		        if path and os.path.exists(path):
		            os.unlink(path)
		        up, got = Upstream(path=path), []
		        with Skt(command, '--clients', '2', '--forward', up.word, before=traced(fault)) as skt:
		            for i in range(2):
		                s = skt.client()
		                u = up.take()
		                t = threading.Thread(target=lambda: got.append(exchange(u, down_data)))
		                t.start()
		                assert digest(exchange(s, up_data)) == digest(down_data), fault
		                t.join(LIMIT)
		                assert digest(got.pop()) == digest(up_data), fault
		            assert skt.end() == 0, fault
		            assert len(skt.lines('')) == (command == 'listen'), skt.said()
		        assert 'INJECTED' in open('calls').read(), fault
		    with Skt('listen', '--clients', '1', '--echo', before=traced(fault)) as skt:
		        assert digest(exchange(skt.client(), up_data)) == digest(up_data), fault
		        assert skt.end() == 0, fault
		        assert len(skt.lines('')) == 1, skt.said()
	END
}

@test "EINTR and EAGAIN from splice, at first and now and then" {
	survives splice:error=EINTR:when=1+3 splice:error=EAGAIN:when=1+3 splice:error=EAGAIN:when=2+2
}

@test "EINVAL from splice: at the first call, at a later one, at every other" {
	survives splice:error=EINVAL:when=1 splice:error=EINVAL:when=2 splice:error=EINVAL:when=9 \
		splice:error=EINVAL:when=1+ splice:error=ENOSYS:when=1+2
}

@test "EINTR and EAGAIN from recv and send, epoll_wait interrupted" {
	survives recvfrom:error=EINTR:when=1+2 recvfrom:error=EAGAIN:when=1+2 sendto:error=EINTR:when=1+2 \
		sendto:error=EAGAIN:when=1+2 epoll_wait,epoll_pwait:error=EINTR:when=1+2
}

@test "no pipe to be had: memory does" {
	survives pipe2:error=EMFILE:when=1+ pipe2:error=ENOMEM:when=1
}

@test "sockets that take and bring a few bytes at a time" {
	scenario <<-'END'
		data = os.urandom(20000)
		up = Upstream()
		small = lambda s: s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
		with Skt('listen', '--clients', '1', '--forward', up.word, '--send-buffer', '1', '--recv-buffer', '1') as skt:
		    small(up.socket)
		    s = skt.client()
		    small(s)
		    u = up.take()
		    got = []
		    t = threading.Thread(target=lambda: got.append(exchange(u, data[::-1])))
		    t.start()
		    assert exchange(s, data) == data[::-1]
		    t.join(LIMIT)
		    assert got == [data]
		    assert skt.end() == 0
	END
}

@test "SIGSTOP and SIGCONT in mid-transfer" {
	scenario <<-'END'
		data = os.urandom(30 << 20)
		up = Upstream(echo)
		with Skt('listen', '--clients', '1', '--forward', up.word) as skt:
		    def interrupt():
		        while not done.is_set():
		            skt.process.send_signal(signal.SIGSTOP)
		            time.sleep(0.02)
		            skt.process.send_signal(signal.SIGCONT)
		            time.sleep(0.02)
		    done = threading.Event()
		    t = threading.Thread(target=interrupt)
		    t.start()
		    try:
		        assert digest(exchange(skt.client(), data)) == digest(data)
		    finally:
		        done.set()
		        t.join()
		    assert skt.end() == 0
	END
}

@test "errors of accept4 never end the server, nor spin, and are told once" {
	need strace
	scenario <<-'END'
		for error in 'ECONNABORTED', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EPROTO', 'EINTR', 'EPERM', 'ENETDOWN':
		    with Skt('listen', '--clients', '3', '--echo', before=('strace', '-qq', '-o', 'calls', '-e',
		             'trace=accept4,accept', '-e', 'inject=accept4,accept:error=%s:when=1+2' % error)) as skt:
		        for i in range(3):
		            assert exchange(skt.client(), b'hello') == b'hello', error
		        assert skt.end() == 0, error
		        told = skt.lines(': accept: .*; trying again$')
		        assert len(told) == (error != 'EINTR') and len(skt.lines('')) == 1 + len(told), skt.said()
		        calls = open('calls').read()
		        assert 1 <= calls.count('INJECTED') <= 20, calls
	END
}

@test "a server of one after the other, and of a command, waits for descriptors, too, and says so once" {
	need strace
	local words
	for words in '-k --recv-only --accept-timeout 500ms' '--exec true --accept-timeout 500ms'; do
		# shellcheck disable=SC2086 # words
		ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" start strace strace -qq -o calls -e trace=accept4,accept \
			-e inject=accept4,accept:error=EMFILE:when=1..3 "$SKT" listen --json --ready-file strace.ready \
			127.0.0.1 0 $words
		wait_ready strace
		try skt connect "$ADDRESS" "$PORT"
		assert_status 0
		wait_end strace
		assert_status 6
		rm strace.ready
		[ "$(grep -c INJECTED calls)" -eq 3 ] || complain 'not three failures' calls
		[ "$(grep -c '"class":"unexpected","errno":"EMFILE","message":"accept: .*; trying again"' "$ERR")" -eq 1 ] ||
			complain_about_run 'not told once'
	done
}

@test "no socket for the upstream: that client is reset and told, the next is served" {
	need strace
	scenario <<-'END'
		up = Upstream(echo)
		for error, text in ('EMFILE', 'Too many open files'), ('ENOBUFS', 'No buffer space available'):
		    with Skt('listen', '--clients', '3', '--forward', up.word, before=('strace', '-f', '-qq', '-o', 'calls',
		             '-e', 'trace=socket', '-e', 'inject=socket:error=%s:when=3' % error)) as skt:
		        assert exchange(skt.client(), b'hello') == b'hello'
		        skt.broken_client()
		        assert len(skt.wait_said(r'127.0.0.1:\d+: .*' + text)) == 1, skt.said()
		        assert exchange(skt.client(), b'hello') == b'hello'
		        assert skt.end() == 0
	END
}

@test "a break in mid-bulk, seen by splice, is the session's own end" {
	need strace
	scenario <<-'END'
		for error in 'ECONNRESET', 'EPIPE', 'EIO':
		    up = Upstream()
		    with Skt('listen', '--forward', up.word, before=('strace', '-f', '-qq', '-o', 'calls', '-e', 'trace=splice',
		             '-e', 'inject=splice:error=%s:when=5' % error)) as skt:
		        other, other_up = skt.client(), up.take()
		        s, u = skt.client(), up.take()
		        def send():
		            try:
		                u.sendall(bytes(8 << 20))
		            except (ConnectionResetError, BrokenPipeError):
		                pass
		        me = s.getsockname()[1]
		        threading.Thread(target=send).start()
		        assert len(read_broken(s)) < 8 << 20
		        assert len(skt.wait_said(r'^skt: listen: 127.0.0.1:\d+: ')) == 1
		        assert skt.lines('127.0.0.1:%d: ' % me), skt.said()
		        other.sendall(b'?')
		        assert read_exactly(other_up, 1) == b'?'
		        os.kill(skt.pid, signal.SIGTERM)
		        assert skt.end() == 143
	END
}
