#!/usr/bin/env bats
# listen (and udp-recv): where it is bound, who can reach it, how others learn that it is ready.

load helper
load netns

@test "serve: no HOST is one port for IPv4 and IPv6" {
	need_ipv6
	need nc.openbsd
	start_skt listen -k 0 <<<hello
	[ "$ADDRESS" = :: ] || complain "ready on $ADDRESS, not ::"
	try nc.openbsd -N -w 5 127.0.0.1 "$PORT"
	assert_status 0
	assert_output hello
	try nc.openbsd -N -w 5 ::1 "$PORT"
	assert_status 0
	stop skt
	wait_end skt
	assert_status 143
}

@test "serve: an IPv4 client of the dual-stack socket is shown as IPv4" {
	need_ipv6
	start_skt listen -v --trace 0
	local port=$PORT
	try skt connect 127.0.0.1 "$PORT"
	assert_status 0
	wait_end skt
	assert_error "^skt: listen: listening on \[::\]:$port \(inet6 stream tcp\)$"
	assert_error "^skt: listen: accepted 127\.0\.0\.1:[0-9]+ on 127\.0\.0\.1:$port \("
	assert_error '^skt: listen: accept\([0-9]+\) = [0-9]+, 127\.0\.0\.1:[0-9]+$'
}

@test "serve: -4 is IPv4 alone, -6 is IPv6 alone" {
	need_ipv6
	need_netns
	start_skt listen -k -4 0
	[ "$ADDRESS" = 0.0.0.0 ] || complain "ready on $ADDRESS"
	try skt connect 127.0.0.1 "$PORT"
	assert_status 0
	try skt connect ::1 "$PORT"
	assert_status 4
	start_skt listen -k -6 0
	[ "$ADDRESS" = :: ] || complain "ready on $ADDRESS"
	try skt connect ::1 "$PORT"
	assert_status 0
	try skt connect 127.0.0.1 "$PORT"
	assert_status 4
	# The port is IPv6's alone: IPv4 can have it, too.
	start_skt listen -4 "$PORT"
}

@test "serve: udp-recv is dual-stack, too" {
	need_ipv6
	start udp "$SKT" udp-recv --ready-file "$BATS_TEST_TMPDIR/udp.ready" --count 2 --frame line --from 0
	wait_ready udp
	try skt udp-send 127.0.0.1 "$PORT" <<<four
	assert_status 0
	wait_for has_said udp four
	try skt udp-send ::1 "$PORT" <<<six
	assert_status 0
	wait_end udp
	assert_status 0
	assert_match '^127\.0\.0\.1 [0-9]+ four$'
	assert_match '^::1 [0-9]+ six$'
}

@test "serve: a kernel without IPv6 listens on IPv4" {
	need strace
	local ready=$BATS_TEST_TMPDIR/four.ready
	strace -o /dev/null true 2>/dev/null || skip 'strace does not work here'
	# The kernel's answer where IPv6 is not compiled in: the first socket(2) of skt is the IPv6 one.
	start four env ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" strace -f -o trace \
		-e trace=socket -e inject=socket:error=EAFNOSUPPORT:when=1 "$SKT" listen --ready-file "$ready" 0
	wait_ready four
	[ "$ADDRESS" = 0.0.0.0 ] || complain "ready on $ADDRESS"
	try skt connect 127.0.0.1 "$PORT"
	assert_status 0
	wait_end four
	assert_status 0
	grep -q 'socket(AF_INET6.*EAFNOSUPPORT' trace || complain 'IPv6 was not tried'
}

@test "serve: IPv6 turned off in the system" {
	need_netns
	inside sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6' 2>/dev/null || skip 'IPv6 cannot be turned off'
	start_skt listen 0 <<<hello
	try skt connect 127.0.0.1 "$PORT"
	assert_status 0
	assert_output hello
}

@test "serve: port 0 is told on stderr, a port that was given is not" {
	need_netns
	start_skt listen 127.0.0.1 0
	local port=$PORT
	try skt connect 127.0.0.1 "$PORT"
	wait_end skt
	assert_status 0
	assert_one_error "^skt: listen: listening on 127\.0\.0\.1:$port( |$)"
	start_skt listen 127.0.0.1 "$port"
	[ "$PORT" = "$port" ]
	try skt connect 127.0.0.1 "$PORT"
	wait_end skt
	assert_status 0
	assert_silent
	try skt udp-recv --deadline 10ms 127.0.0.1 0
	assert_status 0
	assert_one_error '^skt: udp-recv: listening on 127\.0\.0\.1:[1-9][0-9]*( |$)'
	try skt udp-recv --deadline 10ms 127.0.0.1 "$port"
	assert_status 0
	assert_silent
	try skt listen -q --accept-timeout 10ms 127.0.0.1 0
	assert_status 6
	assert_silent
}

@test "serve: every way to say where" {
	need_ipv6
	local words
	for words in '127.0.0.1 0' '127.0.0.1:0' '0x7f000001 0' '2130706433:0' 'localhost 0' 'localhost:0' '127.0.0.1 00'; do
		# shellcheck disable=SC2086 # one word or two
		try skt listen --accept-timeout 10ms $words
		assert_status 6
		assert_error '^skt: listen: listening on (127\.0\.0\.1|\[::1\]):[1-9][0-9]*( |$)'
	done
	for words in '::1 0' '[::1] 0' '[::1]:0' '0:0::0:1 0' '::1%lo 0'; do
		# shellcheck disable=SC2086
		try skt listen --accept-timeout 10ms $words
		assert_status 6
		assert_error '^skt: listen: listening on \[::1\]:[1-9][0-9]*( |$)'
	done
	try skt listen --accept-timeout 10ms 0000:0000:0000:0000:0000:ffff:7f00:0001 0
	assert_status 6
	assert_error '^skt: listen: listening on 127\.0\.0\.1:[1-9][0-9]*( |$)'
}

@test "serve: an address in use is 8, at once" {
	start_skt listen -k 127.0.0.1 0
	timed try skt listen 127.0.0.1 "$PORT"
	assert_status 8
	assert_one_error "^skt: listen: bind to 127\.0\.0\.1:$PORT: Address already in use$"
	[ "$took" -lt 5000 ] || complain "it took $took ms"
	try skt listen --json 127.0.0.1 "$PORT"
	assert_status 8
	assert_error '"class":"bind","errno":"EADDRINUSE"'
	start_peer udp udp4 recv-until-eof
	try skt udp-recv 127.0.0.1 "$PORT"
	assert_status 8
	assert_one_error "^skt: udp-recv: bind to 127\.0\.0\.1:$PORT: Address already in use$"
}

@test "serve: the dual-stack wildcard meets an IPv4 listener: 8, not half a server" {
	need_ipv6
	need_netns
	start_skt listen -k -4 0
	try skt listen --accept-timeout 10ms "$PORT"
	assert_status 8
}

@test "serve: an address that is not ours is 8" {
	need_netns
	try skt listen 192.0.2.1 0
	assert_status 8
	assert_one_error '^skt: listen: bind to 192\.0\.2\.1:0: Cannot assign requested address$'
	try skt udp-recv 192.0.2.1 0
	assert_status 8
}

@test "serve: a forbidden port is 8" {
	need setpriv
	need_netns
	inside sh -c 'echo 1024 >/proc/sys/net/ipv4/ip_unprivileged_port_start' 2>/dev/null || skip 'no such setting'
	[ "$(id -u)" -ne 0 ] || NETNS+=(setpriv --reuid 65534 --clear-groups --inh-caps=-all --bounding-set=-all)
	local real
	real=$(sed -n "s/^exec .*'\(.*\)' \"\$@\"$/\1/p" "$SKT")
	inside test -x "$real" || skip 'nobody cannot run skt'
	try inside timeout 10 "$real" listen 127.0.0.1 80
	assert_status 8
	assert_one_error '^skt: listen: bind to 127\.0\.0\.1:80: Permission denied$'
}

@test "serve: a name that does not resolve is 3, and binds nothing" {
	try skt listen --trace 127.0.0.1 no-such-service
	assert_status 3
	assert_one_error "^skt: listen: .*no-such-service"
}

@test "serve: a name with several addresses binds the first that can be bound" {
	need_netns '192.0.2.1 name' '127.0.0.1 name'
	start_skt listen name 0
	[ "$ADDRESS" = 127.0.0.1 ] || complain "ready on $ADDRESS"
}

@test "serve: a server starts again while its last connections are in TIME_WAIT" {
	need_netns
	start_skt listen --send-only 127.0.0.1 0 <<<bye
	local port=$PORT
	start client "$PEER" connect tcp4 127.0.0.1 "$port" expect 'bye\n' expect-eof close
	wait_end client
	wait_end skt
	inside grep -q "$(printf '0100007F:%04X .* 06 ' "$port")" /proc/net/tcp || skip 'no TIME_WAIT came about'
	start_skt listen 127.0.0.1 "$port" <<<again
	try skt connect 127.0.0.1 "$port"
	assert_output again
}

@test "serve: SO_REUSEADDR always, SO_REUSEPORT only on request" {
	start_skt -n plain listen -k --trace 127.0.0.1 0
	grep -q '^skt: listen: setsockopt([0-9]*, SOL_SOCKET, SO_REUSEADDR, 1) = 0$' plain.err || complain none plain.err
	run ! grep REUSEPORT plain.err
	try skt listen --reuse-port --accept-timeout 10ms 127.0.0.1 "$PORT"
	assert_status 8
	start_skt -n shared listen -k --trace --reuse-port 127.0.0.1 0
	grep -q '^skt: listen: setsockopt([0-9]*, SOL_SOCKET, SO_REUSEPORT, 1) = 0$' shared.err || complain none shared.err
	try skt listen --reuse-port --accept-timeout 10ms 127.0.0.1 "$PORT"
	assert_status 6
	try skt listen --accept-timeout 10ms 127.0.0.1 "$PORT"
	assert_status 8
}

@test "serve: the listener is closed once the first client is there" {
	need_netns
	start_skt listen -v 127.0.0.1 0
	start first "$PEER" connect tcp4 127.0.0.1 "$PORT" wait-file go close
	wait_for has_said skt accepted
	try skt connect 127.0.0.1 "$PORT"
	assert_status 4
	running skt
	: >go
	wait_end skt
	assert_status 0
}

@test "serve: -k serves one client after the other, and lives through a client's error" {
	start_skt listen -k 127.0.0.1 0
	local port=$PORT
	try nc.openbsd -N 127.0.0.1 "$port" <<<one
	assert_status 0
	wait_for has_said skt one
	start second "$PEER" connect tcp4 127.0.0.1 "$port" send two wait-file heard reset
	wait_for has_said skt two
	: >heard
	wait_for has_said skt reset
	try nc.openbsd -N 127.0.0.1 "$port" <<<three
	assert_status 0
	wait_for has_said skt three
	stop skt
	wait_end skt
	assert_status 143
	assert_output $'one\ntwothree'
	assert_error '^skt: listen: .*[Rr]eset'
}

@test "serve: --backlog is listen(2)'s count" {
	try skt listen --trace --backlog 7 --accept-timeout 10ms 127.0.0.1 0
	assert_error '^skt: listen: listen\(3, 7\) = 0$'
	try skt listen --trace --accept-timeout 10ms 127.0.0.1 0
	assert_error '^skt: listen: listen\(3, 128\) = 0$'
	local bad
	for bad in -1 x '' 4294967296; do
		try skt listen --backlog "$bad" 127.0.0.1 0
		assert_status 2
		assert_one_error "--backlog.*try 'skt listen --help'"
	done
}

@test "serve: --accept-timeout is 6 and says so" {
	timed try skt listen --accept-timeout 300ms 127.0.0.1 0
	assert_status 6
	assert_error '^skt: listen: .*accept'
	[ "$took" -ge 300 ] && [ "$took" -lt 5000 ] || complain "it took $took ms"
}

@test "serve: signals end the wait for a client" {
	local name
	for name in INT TERM HUP; do
		start "on-$name" env --default-signal=INT,HUP "$SKT" listen --ready-file "on-$name.ready" 127.0.0.1 0
		wait_ready "on-$name"
		stop "on-$name" "$name"
		wait_end "on-$name" 5
		assert_status $((128 + $(kill -l "$name")))
		assert_error "^skt: listen: ended by signal $(kill -l "$name")"
	done
}
