# --sequence: datagrams with a header, and the account of what became of them; udp-recv --echo and --buffer-size.
load helper
load udp

send_to_skt() {
	"$PEER" connect "${FAMILY:-udp4}" "$ADDRESS" "$PORT" "$@" 3>&-
}

@test "--sequence: the header is put before each datagram and taken off again, with any frame" {
	head -c 50000 /dev/urandom >sent
	start_skt -n lines udp-recv --sequence --count 4 127.0.0.1 0
	printf 'a\n\nbc\nd' | try skt udp-send --sequence --chomp "$ADDRESS" "$PORT"
	assert_status 0
	assert_silent
	wait_end lines
	assert_status 0
	assert_bytes 'abcd'
	assert_error '^skt: udp-recv: received 4, lost 0, duplicated 0, reordered 0, jitter [0-9.]+ ms, foreign 0$'
	start_skt -n sizes udp-recv --sequence --recv-buffer 4M --count 500 --idle-timeout 20 127.0.0.1 0
	try skt udp-send --sequence --frame size=100 "$ADDRESS" "$PORT" <sent
	assert_status 0
	wait_end sizes
	assert_status 0
	assert_same sent "$OUT"
	assert_error 'received 500, lost 0, duplicated 0, reordered 0,'
}

@test "--sequence: an empty datagram has a header; datagrams without one are foreign and written as they are" {
	start_skt udp-recv --sequence --frame line --count 4 127.0.0.1 0
	send_to_skt send 'foreign' send ''
	printf 'one\n\n' | try skt udp-send --sequence --chomp "$ADDRESS" "$PORT"
	wait_end skt
	assert_status 0
	assert_bytes 'foreign\n\none\n\n'
	assert_error 'received 2, lost 0, duplicated 0, reordered 0, jitter .*, foreign 2$'
}

@test "--sequence counts in --max-datagram, and in --frame size=N" {
	catch 1
	printf '123456\n1234567\n' | try skt udp-send --sequence --chomp --max-datagram 30 "$ADDRESS" "$PORT"
	assert_status 9
	assert_one_error 'line 2 is longer'
	try skt udp-send --sequence --frame size=65484 "$ADDRESS" "$PORT"
	assert_status 2
	assert_one_error '65483'
	try skt udp-send --sequence --max-datagram 23 "$ADDRESS" "$PORT"
	assert_status 2
	assert_one_error '^skt: udp-send: --max-datagram: .*24'
	printf MARK >"/dev/udp/$ADDRESS/$PORT"
	wait_end catch
	[ "$(cut -d' ' -f1 "$OUT" | paste -sd' ')" = '30 4' ]
}

@test "--sequence: through a path that loses, doubles and reorders, the counts are the path's own" {
	need python3
	local pattern
	seq -f 'datagram %.0f' 2000 >text
	for pattern in '7 11 13' '1000000 5 1000000' '3 1000000 4'; do
		rm -f path.ready
		start_skt -n recv udp-recv --sequence --frame line 127.0.0.1 0
		# shellcheck disable=SC2086 # words
		start path python3 "$SKT_SOURCE/tests/e2e/lossy.py" path.ready "$ADDRESS" "$PORT" 2000 $pattern
		wait_ready path
		try skt udp-send --sequence --pps 4000 "$ADDRESS" "$PORT" <text
		assert_status 0
		wait_end path
		assert_status 0
		local told=$output
		[ -n "$told" ] || complain "the path said nothing" || return 1
		wait_for eval "[ \"\$(wc -l <recv.out)\" = \"$(sed -E 's/^received ([0-9]+).*/\1/' <<<"$told")\" ]"
		stop recv
		wait_end recv
		assert_status 143
		assert_error ": $told, jitter " || complain "$pattern: the path: $told" || return 1
	done
}

@test "--sequence: several senders, each with its own line; JSON" {
	start_skt -n recv udp-recv --sequence --count 5 127.0.0.1 0
	seq 3 | try skt udp-send --sequence "$ADDRESS" "$PORT"
	seq 2 | try skt udp-send --sequence "$ADDRESS" "$PORT"
	wait_end recv
	assert_status 0
	assert_error 'received 5, lost 0, duplicated 0, reordered 0, jitter [0-9.]+ ms, foreign 0; 2 senders$'
	assert_error '^skt: udp-recv: from 127\.0\.0\.1:[0-9]+: received 3, lost 0,'
	assert_error '^skt: udp-recv: from 127\.0\.0\.1:[0-9]+: received 2, lost 0,'
	start_skt -n json udp-recv --json --sequence --count 1 127.0.0.1 0
	try skt udp-send --sequence "$ADDRESS" "$PORT" <<<x
	wait_end json
	assert_error '"event":"sequence",.*"received":1,"lost":0,"duplicated":0,"reordered":0,.*"foreign":0,"senders":1'
	assert_error '"event":"sequence",.*"jitter":0\.0'
}

@test "--sequence: runs leave in one piece where the kernel can segment, and one by one where not" {
	need_injection
	head -c 64000 /dev/urandom >sent
	start_skt -n recv udp-recv --sequence --recv-buffer 4M --count 1000 --idle-timeout 20 127.0.0.1 0
	try faulty "$SENDING:error=EIO:when=1" udp-send --sequence --frame size=64 "$ADDRESS" "$PORT" <sent
	assert_status 0
	injected
	wait_end recv
	assert_status 0
	assert_same sent "$OUT"
	assert_error 'received 1000, lost 0, duplicated 0, reordered 0,'
}

@test "udp-recv --echo: each goes back to its sender, is written, and --count ends it" {
	start_skt -n echo udp-recv --echo --frame line --count 4 127.0.0.1 0
	printf 'one\ntwo\n\n' | try skt udp-send --replies 3 --wait 5 "$ADDRESS" "$PORT"
	assert_status 0
	assert_bytes 'one\ntwo\n\n'
	printf 'last' | try skt udp-send --replies 1 --wait 5 "$ADDRESS" "$PORT"
	assert_status 0
	assert_bytes 'last'
	wait_end echo
	assert_status 0
	assert_bytes 'one\ntwo\n\nlast\n'
}

@test "udp-recv --echo: a sender that is gone, and one that cannot be answered, end nothing" {
	need_injection
	start echo faulty 'sendmmsg,sendmsg,sendto:error=EHOSTUNREACH:when=1' udp-recv --echo --count 2 --ready-file echo.ready 127.0.0.1 0
	wait_ready echo
	send_to_skt send gone
	printf 'x' | try skt udp-send --replies 1 --wait 10 "$ADDRESS" "$PORT"
	assert_status 0
	assert_bytes x
	wait_end echo
	assert_status 0
	assert_bytes gonex
	assert_error 'lost: 1 not sent back'
}

@test "udp-recv --echo: a socket that is full is waited for" {
	need_injection
	start echo faulty 'sendmmsg,sendmsg,sendto:error=EAGAIN:when=1..2' udp-recv --echo --count 1 --ready-file echo.ready 127.0.0.1 0
	wait_ready echo
	printf 'x' | try skt udp-send --replies 1 --wait 10 "$ADDRESS" "$PORT"
	assert_status 0
	assert_bytes x
	wait_end echo
	assert_status 0
	injected
}

@test "udp-recv --buffer-size: never below a datagram" {
	head -c 60000 /dev/urandom >sent
	start_skt udp-recv --buffer-size 1 --count 2 127.0.0.1 0
	try skt udp-send --frame all "$ADDRESS" "$PORT" <sent
	try skt udp-send --frame all "$ADDRESS" "$PORT" <sent
	wait_end skt
	assert_status 0
	cat sent sent >expected
	assert_same expected "$OUT"
}
