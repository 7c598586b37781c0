#!/usr/bin/env bats
# listen --broker: slow members, limits, signals, and system calls that fail.

load helper
load many

@test "broker: who does not read is dropped, told and reset; the rest has everything at once" {
	scenario <<-'END'
		body = os.urandom(20 << 20)
		for command in 'listen', 'unix':
		    with Skt(command, '-v', '--broker', stdout=subprocess.DEVNULL) as skt:
		        a, b, slow = skt.clients(3)
		        got, began = [], time.monotonic()
		        t = threading.Thread(target=lambda: got.append(digest(read_exactly(b, len(body)))))
		        t.start()
		        a.sendall(body)
		        t.join(LIMIT)
		        spent = time.monotonic() - began
		        assert got == [digest(body)]
		        assert SLOW or spent < 8, spent
		        told = skt.wait_said('dropped')
		        assert len(told) == 1 and len(skt.lines('closed')) == 1, skt.said()
		        behind = int(re.search('it is (\\d+) bytes behind', told[0]).group(1))
		        assert 512 << 10 < behind <= 1 << 20, behind
		        if command == 'listen':
		            assert ':%d: dropped' % slow.getsockname()[1] in told[0]
		            part = read_broken(slow)
		            assert body.startswith(part)
		        assert SLOW or skt.rss() < 16 << 20, skt.rss()
		        a.sendall(b'on')
		        assert read_exactly(b, 2) == b'on'
		        assert skt.end(signal.SIGTERM) == 143
	END
}

@test "broker: who was held up for less than --broker-buffer has all of it in the end" {
	scenario <<-'END'
		for size in '64K', '4M':
		    with Skt('listen', '-v', '--broker', '--broker-buffer', size, '--send-buffer', '4096',
		             stdout=subprocess.DEVNULL) as skt:
		        limit = int(size[:-1]) << (10 if size[-1] == 'K' else 20)
		        a, b, late = skt.clients(3)
		        body = os.urandom(limit - 1000)
		        a.sendall(body)
		        assert read_exactly(b, len(body)) == body
		        time.sleep(0.4)
		        assert read_exactly(late, len(body)) == body
		        b.sendall(b'?')
		        assert read_exactly(late, 1) == read_exactly(a, 1) == b'?'
		        assert skt.end(signal.SIGTERM) == 143
		        assert not skt.lines('dropped'), skt.said()
	END
}

@test "broker: a tiny buffer carries bulk all the same, and every byte" {
	scenario <<-'END'
		body = os.urandom(300000)
		for size in '1', '100', '5000':
		    part = body[:20000] if size == '1' else body
		    with Skt('listen', '-v', '--broker', '--broker-buffer', size, stdout=subprocess.DEVNULL) as skt:
		        a, b, c = skt.clients(3)
		        a.sendall(part)
		        a.shutdown(socket.SHUT_WR)
		        assert read_exactly(b, len(part)) == read_exactly(c, len(part)) == part
		        assert skt.end(signal.SIGTERM) == 143
	END
}

@test "broker: a blocked standard output holds nobody up, and gets no more; the status remembers it" {
	scenario <<-'END'
		body = os.urandom(4 << 20)
		with Skt('listen', '-v', '--clients', '2', '--broker', stdout=subprocess.PIPE) as skt:
		    a, b = skt.clients(2)
		    a.sendall(b'short')
		    assert read_exactly(b, 5) == b'short'
		    got = []
		    t = threading.Thread(target=lambda: got.append(digest(read_exactly(b, len(body)))))
		    t.start()
		    a.sendall(body)
		    t.join(LIMIT)
		    assert got == [digest(body)]
		    assert skt.wait_said('standard output is \\d+ bytes behind the others and gets no more')
		    b.sendall(b'on')
		    assert read_exactly(a, 2) == b'on'
		    before = skt.running_time()
		    time.sleep(0.3)
		    assert SLOW or skt.running_time() - before < 0.02
		    a.close()
		    b.close()
		    out = skt.process.stdout.read()
		    assert (b'short' + body).startswith(out)
		    assert skt.end() == 9
	END
}

@test "broker --clients: all that was said is written before the end, however slow standard output is" {
	scenario <<-'END'
		body = os.urandom(900000)
		with Skt('listen', '--clients', '1', '--broker', stdout=subprocess.PIPE) as skt:
		    s = skt.client()
		    s.sendall(body)
		    s.close()
		    time.sleep(0.5)
		    assert skt.process.stdout.read() == body
		    assert skt.end() == 0
	END
}

@test "broker: a signal; what was said is still delivered, and everybody gets the end" {
	scenario <<-'END'
		for number, status in (signal.SIGTERM, 143), (signal.SIGINT, 130):
		    with Skt('listen', '-v', '--broker', stdout=subprocess.PIPE) as skt:
		        a, b, c = skt.clients(3)
		        skt.process.send_signal(signal.SIGSTOP)
		        a.sendall(b'the last words')
		        skt.process.send_signal(number)
		        skt.process.send_signal(signal.SIGCONT)
		        assert skt.end() == status
		        assert read_all(b) == read_all(c) == skt.process.stdout.read() == b'the last words'
		        assert read_all(a) == b''
		        assert len(skt.lines('closed')) == 3, skt.said()
	END
}

@test "broker: at a signal, who does not take what was said has a second, then it is reset" {
	scenario <<-'END'
		with Skt('listen', '-v', '--broker', '--broker-buffer', '32M', stdout=subprocess.DEVNULL) as skt:
		    a, b, slow = skt.clients(3)
		    body = os.urandom(16 << 20)
		    a.sendall(body)
		    assert read_exactly(b, len(body)) == body
		    began = time.monotonic()
		    assert skt.end(signal.SIGTERM) == 143
		    assert time.monotonic() - began > 0.9
		    assert read_all(a) == read_all(b) == b''
		    assert len(read_broken(slow)) < len(body)
		with Skt('listen', '-v', '--broker', '--broker-buffer', '32M', stdout=subprocess.DEVNULL) as skt:
		    a, b, slow = skt.clients(3)
		    a.sendall(body)
		    assert read_exactly(b, len(body)) == body
		    skt.process.send_signal(signal.SIGTERM)
		    until(lambda: skt.port not in listening(), 'not listening')
		    assert skt.end(signal.SIGTERM) == 143 # at once
		    assert len(read_broken(slow)) < len(body)
	END
}

@test "broker --drain: the talk goes on for so long, or until nobody is left who could speak" {
	scenario <<-'END'
		with Skt('listen', '-v', '--drain', '60s', '--broker', stdout=subprocess.DEVNULL) as skt:
		    a, b = skt.clients(2)
		    skt.process.send_signal(signal.SIGTERM)
		    until(lambda: skt.port not in listening(), 'not listening')
		    a.sendall(b'still')
		    a.shutdown(socket.SHUT_WR)
		    assert read_exactly(b, 5) == b'still'
		    b.sendall(b'here')
		    b.shutdown(socket.SHUT_WR)
		    assert read_all(a) == b'here' and read_all(b) == b''
		    assert skt.end() == 143
		with Skt('listen', '-v', '--drain', '300ms', '--broker', stdout=subprocess.DEVNULL) as skt:
		    a, b = skt.clients(2)
		    began = time.monotonic()
		    skt.process.send_signal(signal.SIGTERM)
		    assert read_all(a) == read_all(b) == b''
		    assert skt.end() == 143
		    assert time.monotonic() - began > 0.28
	END
}

@test "broker: --idle-timeout, --max-clients, --accept-timeout and --deadline" {
	scenario <<-'END'
		with Skt('listen', '-v', '--idle-timeout', '700ms', '--broker', stdout=subprocess.DEVNULL) as skt:
		    a, = skt.clients(1)
		    assert read_broken(a) == b''
		    assert skt.lines(r'127.0.0.1:\d+: nothing moved for 0.7 s'), skt.said()
		    a, b = skt.clients(2)
		    end = time.monotonic() + 1.5
		    while time.monotonic() < end: # who hears is not idle, either
		        a.sendall(b'x')
		        assert read_exactly(b, 1) == b'x'
		        time.sleep(0.02)
		    assert skt.end(signal.SIGTERM) == 143
		with Skt('unix', '-v', '--max-clients', '2', '--broker', stdout=subprocess.DEVNULL) as skt:
		    a, b = skt.clients(2)
		    waiting = skt.client()
		    waiting.sendall(b'first words')
		    a.sendall(b'x')
		    assert read_exactly(b, 1) == b'x'
		    assert len(skt.lines(': accepted')) == 2
		    a.close()
		    assert read_exactly(b, 11) == b'first words'
		    assert skt.end(signal.SIGTERM) == 143
		with Skt('listen', '-v', '--accept-timeout', '2s', '--broker', stdout=subprocess.DEVNULL) as skt:
		    a, b = skt.clients(2)
		    for s in a, b:
		        s.shutdown(socket.SHUT_WR)
		    assert read_all(a) == read_all(b) == b'' # nobody comes, nobody speaks
		    assert skt.end() == 6
		with Skt('listen', '--deadline', '500ms', '--broker', stdout=subprocess.DEVNULL) as skt:
		    s = skt.client()
		    assert read_all(s) == b''
		    assert skt.end() == 6
	END
}

@test "broker: interrupted and short system calls; no byte is lost" {
	need strace
	scenario <<-'END'
		body = os.urandom(1 << 20)
		for fault in ('recvfrom:error=EINTR:when=1+2', 'recvfrom:error=EAGAIN:when=1+3', 'sendto:error=EINTR:when=1+2',
		              'sendto:error=EAGAIN:when=1+3', 'epoll_wait,epoll_pwait:error=EINTR:when=1+2'):
		    with Skt('listen', '-v', '--broker', stdout=subprocess.DEVNULL, before=('strace', '-qq', '-o', 'calls', '-e',
		             'trace=' + fault.split(':')[0], '-e', 'inject=' + fault)) as skt:
		        a, b, c = skt.clients(3)
		        threads = [threading.Thread(target=a.sendall, args=(body,))]
		        threads[0].start()
		        assert digest(read_exactly(b, len(body))) == digest(read_exactly(c, len(body))) == digest(body), fault
		        os.kill(skt.pid, signal.SIGTERM)
		        assert skt.end() == 143
		    assert 'INJECTED' in open('calls').read(), fault
	END
}

@test "broker: a client that went without a sign is found by the kernel's probes" {
	need strace
	scenario <<-'END'
		with Skt('listen', '-v', '--broker', stdout=subprocess.DEVNULL, before=('strace', '-qq', '-o', 'calls', '-e',
		         'trace=setsockopt')) as skt:
		    a, b = skt.clients(2)
		    a.sendall(b'bye')
		    a.close()
		    assert read_exactly(b, 3) == b'bye'
		    until(lambda: 'SO_KEEPALIVE, [1]' in open('calls').read(), 'SO_KEEPALIVE')
		    calls = open('calls').read()
		    assert 'TCP_KEEPIDLE, [30]' in calls and calls.count('SO_KEEPALIVE') == 1, calls
	END
}
