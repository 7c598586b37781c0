#!/usr/bin/env bats
# Socket options, from outside: what the kernel holds for the socket that a command gets, on both sides.

load helper
load netns

OPTIONS=(--no-delay '--keep-alive=60s,10s,5' --user-timeout 7s --tos ef --ttl 33 --min-ttl 2 --send-buffer 64K --recv-buffer 32K
	--congestion reno --reuse-port)
EXPECTED='1 1 60 10 5 7000 184 33 2 131072 65536 reno 1'

# Prints them of descriptor 0; a peer's end is told by closing.
write_show() {
	cat >show.py <<-'END'
		import socket, sys
		s = socket.socket(fileno=0)
		n = lambda *option: s.getsockopt(*option)
		v6 = s.family == socket.AF_INET6 and '--v6' in sys.argv
		ip = [(41, 67), (41, 16), (41, 73)] if v6 else [(0, 1), (0, 2), (0, 21)]
		values = [n(6, 1), n(1, 9), n(6, 4), n(6, 5), n(6, 6), n(6, 18)] + [n(*o) for o in ip] + [n(1, 7), n(1, 8)]
		name = s.getsockopt(6, 13, 16).rstrip(b'\0').decode()
		open(sys.argv[1], 'w').write(' '.join(map(str, values + [name, n(1, 15)])) + '\n')
		s.detach()
	END
}

# injected STRACE-OPTIONS... connect ...: with calls that fail
injected() {
	ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" timeout -k 5 "$LIMIT" strace -f -o calls -e trace=setsockopt "$1" "$2" "$SKT" "${@:3}" 3>&-
}

@test "sockets: the options hold on a connected socket, and on one that was accepted" {
	need python3
	write_show
	start_peer peer tcp4 recv-until-eof again
	try skt connect "${OPTIONS[@]}" 127.0.0.1 "$PORT" -- python3 show.py one
	assert_status 0
	[ "$(cat one)" = "$EXPECTED" ] || complain "$(cat one), expected $EXPECTED"
	start_skt listen --clients 1 "${OPTIONS[@]}" --exec 'python3 show.py two' 127.0.0.1 0
	try skt connect 127.0.0.1 "$PORT"
	wait_end skt
	[ "$(cat two)" = "$EXPECTED" ] || complain "$(cat two), expected $EXPECTED"
	need_ipv6
	start_skt -n six listen --clients 1 "${OPTIONS[@]}" --exec 'python3 show.py three --v6' ::1 0
	try skt connect ::1 "$PORT"
	wait_end six
	[ "$(cat three)" = "$EXPECTED" ] || complain "$(cat three), expected $EXPECTED"
	start_skt -n dual listen --clients 1 "${OPTIONS[@]}" --exec 'python3 show.py four' :: 0
	try skt connect 127.0.0.1 "$PORT"
	wait_end dual
	[ "$(cat four)" = "$EXPECTED" ] || complain "$(cat four), expected $EXPECTED"
}

@test "sockets: http-get and the datagram commands set theirs" {
	start_peer web tcp4 recv-until '\r\n\r\n' send 'HTTP/1.0 200 OK\r\n\r\nhi' half-close recv-until-eof
	try skt http-get --trace --no-delay --tos af41 "http://127.0.0.1:$PORT/"
	assert_status 0
	assert_error 'setsockopt\([0-9]+, IPPROTO_TCP, TCP_NODELAY, 1\) = 0'
	assert_error 'setsockopt\([0-9]+, IP_TOS, IPV6_TCLASS, 136\) = 0'
	try skt udp-send --trace --ttl 5 --tos 0x10 127.0.0.1 "$PORT" <<<x
	assert_error 'IP_TTL, IPV6_UNICAST_HOPS, 5\) = 0'
	assert_error 'IP_TOS, IPV6_TCLASS, 16\) = 0'
	try skt udp-recv --trace --recv-buffer 16K --idle-timeout 1ms 127.0.0.1 0
	assert_error 'SOL_SOCKET, SO_RCVBUF[A-Z]*, 16384\) = 0'
}

@test "sockets: udp-recv has as much room as the administrator allows, and as root 4 MiB at least" {
	local allowed room
	need ss
	allowed=$((2 * $(</proc/sys/net/core/rmem_max))) # the kernel doubles it: socket(7)
	start_skt udp-recv 127.0.0.1 0
	room=$(ss -Huanm "sport = :$PORT" | sed -n 's/.*,rb\([0-9]*\),.*/\1/p')
	[ "$allowed" -gt $((8 << 20)) ] || [ "$(id -u)" != 0 ] || allowed=$((8 << 20))
	[ "$room" = "$allowed" ] || complain "room: $room, expected $allowed"
}

@test "sockets: what the kernel refuses is status 1 and names the option" {
	local words
	refused_port
	while read -r words; do
		# shellcheck disable=SC2086 # several words
		try skt connect $words 127.0.0.1 "$PORT"
		assert_status 1
		assert_one_error "^skt: connect: ${words%% *}: "
		case $words in --ttl*) ;; *) assert_one_error ": '${words#* }': No such " ;; esac
	done <<-'END'
		--congestion nonsense
		--interface no-such-dev
		--ttl 0
	END
	need strace
	try injected -e inject=setsockopt:error=EPERM:when=1 connect --mark 7 127.0.0.1 "$PORT"
	assert_status 1
	assert_one_error '^skt: connect: --mark: Operation not permitted'
}

@test "sockets: an option that means nothing for such a socket is status 2, and nothing is opened" {
	local option
	echo key >key
	for option in --no-delay --keep-alive --keep-alive=1s,1s,1 '--user-timeout 1s' '--congestion reno' \
		--fast-open '--md5-file key' '--min-ttl 5'; do
		# shellcheck disable=SC2086 # two words
		try skt connect -u --trace $option 127.0.0.1 9
		assert_status 2
		assert_one_error "^skt: connect: ${option%%[ =]*} .*try 'skt connect --help'"
	done
	try skt connect --trace --family vsock --ttl 3 1 9
	assert_status 2
	assert_one_error '^skt: connect: --ttl means nothing'
	for option in --keep-alive '--mark 5'; do
		# shellcheck disable=SC2086 # two words
		try skt connect --trace --family vsock $option 1 9
		assert_status 2
		assert_one_error "^skt: connect: ${option%% *} means nothing"
	done
	try skt connect --trace -z --fast-open 127.0.0.1 9
	assert_status 2
	for command in connect listen; do
		try skt $command --trace --family vsock --reuse-port 1 9
		assert_status 2
		assert_one_error "^skt: $command: --reuse-port means nothing for a socket of 'vsock stream 0'; try "
	done
	for option in --reuse-port --ttl=3 --no-delay --interface=lo --fast-open --tos=ef; do
		try skt http-get --trace --unix-socket ./none $option http://a/
		assert_status 2
		assert_one_error "^skt: http-get: --unix-socket: ${option%%=*} means nothing for a socket of 'unix stream 0'; try "
	done
	try skt http-get --trace --unix-socket ./none --md5-file ./none http://a/
	assert_status 2
	assert_one_error "'--unix-socket' and '--md5-file' exclude each other"
}

@test "sockets: --keep-alive takes whole seconds, and says so of others" {
	local word
	for word in 1s,2.5s,3 1500ms,1s,3 0,1,1 32768,1,1 1,1,128 10 10,2 10,2,3,4 ''; do
		try skt connect --trace --keep-alive="$word" 127.0.0.1 9
		assert_status 2
		assert_one_error "^skt: connect: --keep-alive: '$word' is not IDLE,INTERVAL,COUNT .*whole seconds"
	done
}

@test "sockets: options of TCP stay away from a unix upstream" {
	start_peer up unix:up.sock send hello close
	start_skt listen --clients 1 --no-delay --tos ef --forward unix:up.sock 127.0.0.1 0
	try skt connect 127.0.0.1 "$PORT"
	assert_status 0
	assert_output hello
}

@test "md5-file: the same key lets talk, another one or none meets silence" {
	printf 'secret\n' >key
	printf 'secret' >same
	printf 'other\n' >other
	try skt listen --md5-file key --accept-timeout 1ms 127.0.0.1 0
	[ "$status" -ne 1 ] || skip "this kernel has no TCP MD5 signatures"
	start_skt listen -k --echo --md5-file key --trace 127.0.0.1 0
	try skt connect --trace --md5-file same 127.0.0.1 "$PORT" <<<hello
	assert_status 0
	assert_output hello
	assert_error 'setsockopt\(3, IPPROTO_TCP, TCP_MD5SIG, \.\.\.\) = 0'
	grep -q secret "$ERR" && complain 'the key is told'
	try skt connect --md5-file other --connect-timeout 300ms 127.0.0.1 "$PORT"
	assert_status 6
	try skt connect --connect-timeout 300ms 127.0.0.1 "$PORT"
	assert_status 6
	need_ipv6
	start_skt -n dual listen -k --echo --md5-file key 0
	local host
	for host in 127.0.0.1 ::1; do
		try skt connect --md5-file key "$host" "$PORT" <<<hello
		assert_status 0
		assert_output hello
		try skt connect --connect-timeout 300ms "$host" "$PORT"
		assert_status 6
	done
}

@test "md5-file: a file without one line of 1 to 80 bytes, or that is not there" {
	local file
	: >empty
	printf 'a\nb\n' >two
	head -c 81 /dev/zero | tr '\0' x >long
	for file in empty two long; do
		try skt connect --trace --md5-file "$file" 127.0.0.1 9
		assert_status 2
		assert_one_error "^skt: connect: --md5-file $file does not hold one line of 1 to 80 bytes"
	done
	try skt connect --trace --md5-file missing 127.0.0.1 9
	assert_status 9
	assert_one_error '--md5-file missing: No such file'
	need strace
	printf 'x\n' >key
	try injected -e inject=setsockopt:error=ENOPROTOOPT connect --md5-file key 127.0.0.1 9
	assert_status 1
	assert_one_error 'this kernel signs no such connection'
}

# fast_open BITS: sysctl of the namespace
fast_open() {
	inside sh -c "echo $1 >/proc/sys/net/ipv4/tcp_fastopen" 2>/dev/null || skip 'tcp_fastopen cannot be set here'
}

@test "fast-open: bytes at hand go with the SYN; who has none yet does not hang" {
	need_netns
	fast_open 3
	head -c 1M /dev/urandom >data
	start_skt listen -k --trace --fast-open --echo 127.0.0.1 0
	has_said skt 'TCP_FASTOPEN, 128) = 0' || complain 'not set' skt.err
	try skt connect --fast-open 127.0.0.1 "$PORT" <data # gets the cookie
	assert_status 0
	try skt connect --trace --fast-open 127.0.0.1 "$PORT" <data
	assert_status 0
	assert_same data "$OUT"
	assert_error 'setsockopt\(3, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1\) = 0'
	inside cat /proc/net/netstat | awk '/^TcpExt:/ { if (!n++) split($0, name); else for (i = 2; i <= NF; i++)
		if (name[i] == "TCPFastOpenActive" && $i > 0) found = 1 } END { exit !found }' || complain 'no SYN had data'
	start_peer banner tcp4 send hello recv-until-eof again
	try skt connect --fast-open 127.0.0.1 "$PORT" --max-bytes 5 --recv-only
	assert_status 0
	mkfifo idle
	sleep 20 >idle &
	try skt connect --fast-open 127.0.0.1 "$PORT" --max-bytes 5 <idle
	kill $!
	assert_status 0
	assert_output hello
	try skt connect --fast-open 127.0.0.1 "$PORT" --exec 'head -c 5 >&2'
	assert_status 0
	assert_error '^hello'
}

@test "fast-open: statuses are those of any connect: refused, silence, through a proxy" {
	need_netns
	fast_open 7 # with data in the SYN even without a cookie
	echo data >data
	refused_port
	try skt connect --fast-open 127.0.0.1 "$PORT" <data
	assert_status 4
	try skt connect -v --fast-open --retry 1 --retry-interval 1ms 127.0.0.1 "$PORT" </dev/null
	assert_status 4
	assert_error 'trying again'
	try skt http-get --fast-open "http://127.0.0.1:$PORT/"
	assert_status 4
	try skt connect --fast-open --proxy "socks5://127.0.0.1:$PORT" h 80
	assert_status 4
	assert_one_error 'through the proxy'
	local option
	for option in '' --send-only --no-half-close; do
		# shellcheck disable=SC2086 # none or one
		timed try skt connect --fast-open --connect-timeout 300ms $option 10.99.0.1 9 <data
		assert_status 6
		assert_one_error 'connect limit'
		[ "$took" -lt 10000 ] || complain "it took $took ms"
	done
	try skt http-get --fast-open --connect-timeout 300ms http://10.99.0.1:9/
	assert_status 6
	try skt connect --fast-open --connect-timeout 300ms 10.99.0.1 9 </dev/null
	assert_status 6
}

@test "a buffer beyond what the administrator allows is refused, unless we may have it all the same" {
	need setpriv
	local most
	most=$(</proc/sys/net/core/rmem_max)
	refused_port
	try skt connect --recv-buffer $((most + 1)) 127.0.0.1 "$PORT"
	[ "$status" -ne 4 ] || try setpriv --bounding-set -net_admin --inh-caps -net_admin timeout 20 "$SKT" \
		connect --recv-buffer $((most + 1)) 127.0.0.1 "$PORT"
	assert_status 1
	assert_one_error "^skt: connect: --recv-buffer: $most bytes are the most that the kernel allows \(net.core.rmem_max\)"
	try setpriv --bounding-set -net_admin --inh-caps -net_admin timeout 20 "$SKT" connect --recv-buffer "$most" 127.0.0.1 "$PORT"
	assert_status 4
}
