# udp-recv: datagrams to standard output, from any number of senders.
load helper
load udp

# send_to_skt STEP...: a client of skt's port
send_to_skt() {
	"$PEER" connect "${FAMILY:-udp4}" "$ADDRESS" "$PORT" "$@" 3>&-
}

@test "raw: payloads back to back; --count N then 0" {
	start_skt udp-recv --count 3 127.0.0.1 0
	send_to_skt send 'one' send '\0two\n' send 'three'
	wait_end skt
	assert_status 0
	assert_bytes 'one\0two\nthree'
}

@test "line: a newline where one is missing" {
	start_skt udp-recv --frame line --count 5 127.0.0.1 0
	send_to_skt send 'one' send 'two\n' send 'a\nb' send '\n' send 'c\n\n'
	wait_end skt
	assert_status 0
	assert_bytes 'one\ntwo\na\nb\n\nc\n\n'
}

@test "an empty datagram is a datagram, never an end: raw, line, --from" {
	start_skt udp-recv --count 4 127.0.0.1 0
	send_to_skt send '' send 'a' send '' send 'b'
	wait_end skt
	assert_status 0
	assert_bytes 'ab'
	start_skt udp-recv --frame line --count 3 127.0.0.1 0
	send_to_skt send '' send 'a' send ''
	wait_end skt
	assert_status 0
	assert_bytes '\na\n\n'
	start_skt udp-recv --frame line --from --count 1 127.0.0.1 0
	send_to_skt send ''
	wait_end skt
	assert_status 0
	[[ $(cat -A "$OUT") =~ ^127\.0\.0\.1\ [0-9]+\ \$$ ]]
}

@test "--from: the sender's address and port, in line and raw" {
	need python3
	local program="
s.send(b'one'); s.send(b'two\n')
print(s.getsockname()[1])"
	start_skt udp-recv --frame line --from --count 2 127.0.0.1 0
	try udp_sender "$program" "$ADDRESS" "$PORT"
	local port=$output
	wait_end skt
	assert_status 0
	assert_bytes "127.0.0.1 $port one\n127.0.0.1 $port two\n"
	start_skt udp-recv --from --count 2 127.0.0.1 0
	try udp_sender "$program" "$ADDRESS" "$PORT"
	port=$output
	wait_end skt
	assert_status 0
	assert_bytes "127.0.0.1 $port one127.0.0.1 $port two\n"
}

@test "--from on IPv6: no brackets" {
	need_ipv6
	start_skt udp-recv --frame line --from --count 1 ::1 0
	FAMILY=udp6 send_to_skt send 'hello'
	wait_end skt
	assert_status 0
	[[ $output =~ ^::1\ [0-9]+\ hello$ ]]
}

@test "--count N takes N and not one more" {
	start_skt udp-recv --frame line --count 3 127.0.0.1 0
	stop skt STOP # all five lie there before the first is taken
	send_to_skt send 1 send 2 send 3 send 4 send 5
	stop skt CONT
	wait_end skt
	assert_status 0
	assert_output $'1\n2\n3'
}

@test "--count 0 asks for nothing: it ends at once, or is a usage error" {
	LIMIT=5 try skt udp-recv --count 0 127.0.0.1 0
	[ "$status" -eq 0 ] || assert_status 2
	assert_bytes ''
}

@test "many senders: nothing lost, each in its order" {
	local i
	start_skt udp-recv --frame line --count 150 127.0.0.1 0
	for i in {0..9}; do
		start "sender$i" "$PEER" connect udp4 "$ADDRESS" "$PORT" send "$i 00" send "$i 01" send "$i 02" send "$i 03" \
			send "$i 04" send "$i 05" send "$i 06" send "$i 07" send "$i 08" send "$i 09" send "$i 10" send "$i 11" \
			send "$i 12" send "$i 13" send "$i 14"
	done
	wait_end skt
	assert_status 0
	for i in {0..9}; do
		seq -f "$i %02.0f" 0 14
	done >expected
	sort -s -k1,1 "$OUT" | assert_same expected -
}

@test "no HOST: one port for IPv4 and IPv6, an IPv4 sender is shown as IPv4" {
	need_ipv6
	start_skt udp-recv --frame line --from --count 2 0
	[ "$ADDRESS" = :: ]
	ADDRESS=127.0.0.1 send_to_skt send four
	ADDRESS=::1 FAMILY=udp6 send_to_skt send six
	wait_end skt
	assert_status 0
	[[ $output =~ ^127\.0\.0\.1\ [0-9]+\ four$'\n'::1\ [0-9]+\ six$ ]]
}

@test "-4 and -6 without HOST: that family only" {
	need_ipv6
	start_skt -n four udp-recv -4 --frame line --from --count 1 0
	[ "$ADDRESS" = 0.0.0.0 ]
	ADDRESS=127.0.0.1 send_to_skt send four
	wait_end four
	assert_status 0
	[[ $output =~ ^127\.0\.0\.1\ [0-9]+\ four$ ]]
	start_skt -n six udp-recv -6 --frame line --count 1 0
	[ "$ADDRESS" = :: ]
	echo four | try skt udp-send 127.0.0.1 "$PORT"
	assert_status 4
	echo six | try skt udp-send ::1 "$PORT"
	assert_status 0
	wait_end six
	assert_status 0
	assert_output six
}

@test "HOST:PORT and [v6]:PORT in one word" {
	start_skt -n four udp-recv --frame line --count 1 127.0.0.1:0
	[ "$ADDRESS" = 127.0.0.1 ]
	send_to_skt send 4
	wait_end four
	assert_status 0
	assert_output 4
	need_ipv6
	start_skt -n six udp-recv --frame line --count 1 '[::1]:0'
	[ "$ADDRESS" = ::1 ]
	FAMILY=udp6 send_to_skt send 6
	wait_end six
	assert_status 0
	assert_output 6
}

@test "PORT 0 is told on stderr" {
	start recv "$SKT" udp-recv --frame line --count 1 127.0.0.1 0
	wait_for has_said recv 127.0.0.1:
	ADDRESS=127.0.0.1 PORT=$(grep -oE '127\.0\.0\.1:[0-9]+' recv.err | cut -d: -f2)
	send_to_skt send hello
	wait_end recv
	assert_status 0
	assert_one_error '^skt: udp-recv: listening on 127\.0\.0\.1:[0-9]+'
	assert_output hello
}

@test "--ready-fd: one line once bound, then the descriptor is closed" {
	local ready
	mkfifo ready
	start reader timeout 10 cat ready
	start recv "$SKT" udp-recv --frame line --count 1 --ready-fd 7 127.0.0.1 0 7>ready
	wait_end reader # the line's end comes while skt runs
	assert_status 0
	ready=$output
	running recv
	[[ $ready =~ ^127\.0\.0\.1\ [1-9][0-9]*$ ]]
	ADDRESS=127.0.0.1 PORT=${ready#* }
	send_to_skt send hello
	wait_end recv
	assert_status 0
	assert_output hello
}

@test "an address that is taken is 8 at once" {
	start_skt udp-recv 127.0.0.1 0
	LIMIT=5 try skt udp-recv 127.0.0.1 "$PORT"
	assert_status 8
	assert_one_error "^skt: udp-recv: .*127\.0\.0\.1:$PORT"
	running skt
	try skt udp-recv 192.0.2.1 0
	assert_status 8
}

@test "a limit without --count is 0, with --count unmet 12" {
	local limit
	for limit in idle-timeout deadline; do
		try skt udp-recv "--$limit" 0.1 127.0.0.1 0
		assert_status 0
		assert_bytes ''
		assert_one_error listening
		try skt udp-recv "--$limit" 0.1 --count 2 127.0.0.1 0
		assert_status 12
		assert_error '\<0 of 2\>'
	done
}

@test "--count unmet: what came is written out" {
	start_skt udp-recv --count 3 --deadline 2 127.0.0.1 0
	send_to_skt send one send two
	wait_end skt
	assert_status 12
	assert_bytes 'onetwo'
	assert_error '\<2 of 3\>'
	start_skt udp-recv --idle-timeout 2 127.0.0.1 0
	send_to_skt send one send two
	wait_end skt
	assert_status 0
	assert_bytes 'onetwo'
}

@test "each datagram puts --idle-timeout off, an empty one as well" {
	local i text port=()
	for text in x ''; do
		start_skt -n "recv$text" udp-recv --frame line --idle-timeout 3 --count 9 127.0.0.1 0
		port+=("$PORT")
	done
	for i in {1..9}; do
		PORT=${port[0]} send_to_skt send x
		PORT=${port[1]} send_to_skt send ''
		sleep 0.5
	done
	for text in x ''; do
		wait_end "recv$text"
		assert_status 0
		[ "$(grep -cx -- "$text" "$OUT")" -eq 9 ]
	done
}

@test "datagrams of 64 KiB come whole" {
	need python3
	local program="
import hashlib
data = bytes(i * 7919 % 251 for i in range(int(sys.argv[3])))
s.send(data)
open('sent', 'wb').write(data)"
	start_skt udp-recv --count 1 127.0.0.1 0
	udp_sender "$program" "$ADDRESS" "$PORT" 65507
	wait_end skt
	assert_status 0
	assert_same sent "$OUT"
	need_ipv6
	start_skt udp-recv --count 1 ::1 0
	udp_sender "$program" "$ADDRESS" "$PORT" 65527
	wait_end skt
	assert_status 0
	assert_same sent "$OUT"
}

@test "udp-send to udp-recv reproduces the text" {
	seq -f 'line %g of the text' 100 >text
	echo >>text
	start_skt udp-recv --count 101 127.0.0.1 0
	try skt udp-send "$ADDRESS" "$PORT" <text
	assert_status 0
	wait_end skt
	assert_status 0
	assert_same text "$OUT"
	start_skt udp-recv --frame line --count 101 127.0.0.1 0
	try skt udp-send --chomp "$ADDRESS" "$PORT" <text
	assert_status 0
	wait_end skt
	assert_status 0
	assert_same text "$OUT"
}

@test "usage errors" {
	local words
	for words in '--frame size=3' '--frame lines' '--count -1' '--chomp'; do
		# shellcheck disable=SC2086 # words
		try skt udp-recv $words 127.0.0.1 0
		assert_status 2 || complain "$words"
		assert_one_error "^skt: udp-recv: .*; try 'skt udp-recv --help'\$"
	done
}
