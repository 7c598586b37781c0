#!/usr/bin/env bats
# --stats: what was moved, how long it took, over what round trip. --rate: how fast it may leave.

load helper
load meter

setup() {
	helper_setup
	need python3
}

### --stats

@test "stats: connect tells exactly what was moved, as JSON" {
	start_peer peer tcp4 recv 1000 send-zeros 2500 close
	head -c 1000 /dev/zero | try skt connect --stats --json 127.0.0.1 "$PORT"
	assert_status 0
	[ "$(told event command bytes_sent bytes_received clients datagrams_sent lookup)" = 'stats connect 1000 2500 - - -' ] ||
		complain_about_run "stats"
	[ "$(wc -l <"$ERR")" -eq 1 ]
	read -r duration speed rtt again < <(told duration bytes_per_second rtt retransmissions)
	within 0.000001 "$LIMIT" "$duration"
	within 0.000001 1 "$rtt"
	[ "$again" -ge 0 ]
	within 0.99 1.01 "$(awk -v d="$duration" -v s="$speed" 'BEGIN { print s * d / 3500 }')"
}

@test "stats: connect tells it as a sentence, to the byte" {
	start_peer peer tcp4 recv 100000 send-zeros 7 close
	head -c 100000 /dev/zero | try skt connect --stats 127.0.0.1 "$PORT"
	assert_status 0
	assert_one_error '^skt: connect: sent 100000 bytes, received 7 bytes in [0-9]+\.[0-9]{3} s, [0-9.]+ ([KMG]i)?B/s; rtt [0-9]+\.[0-9]+ ms, [0-9]+ retransmissions$'
}

@test "stats: nothing without the option, and nothing with --quiet" {
	start_peer peer tcp4 send hello close again
	try skt connect 127.0.0.1 "$PORT"
	assert_status 0
	assert_silent
	try skt connect --stats --quiet 127.0.0.1 "$PORT"
	assert_status 0
	assert_output hello
	assert_silent
	try skt connect -q --json --stats 127.0.0.1 "$PORT"
	assert_status 0
	assert_silent
	try skt connect --stats 127.0.0.1 "$PORT"
	assert_one_error 'received 5 bytes'
}

@test "stats: a client of listen, and with -k each one" {
	printf 12345 >page
	start_skt listen -k --clients 2 --stats --json 127.0.0.1 0 <page
	printf one | try skt connect 127.0.0.1 "$PORT"
	assert_output 12345
	printf three | try skt connect 127.0.0.1 "$PORT"
	assert_output '' # the page went to the first
	wait_end skt
	assert_status 0
	[ "$(grep -c '"event":"stats"' "$ERR")" -eq 2 ]
	grep -q '"bytes_sent":5,"bytes_received":3,' "$ERR"
	[ "$(told bytes_sent bytes_received)" = '0 5' ]
	[ "$(told rtt)" != - ]
}

@test "stats: unix sockets, which have no round trip, in both roles" {
	start_skt unix -l --stats --json "$BATS_TEST_TMPDIR/s" <<<answer
	printf ask | try skt unix --stats --json "$SOCKET"
	assert_status 0
	[ "$(told command bytes_sent bytes_received rtt datagrams_sent)" = 'unix 3 7 - -' ]
	wait_end skt
	assert_status 0
	[ "$(told command bytes_sent bytes_received rtt)" = 'unix 7 3 -' ]
}

@test "stats: udp-send and udp-recv count datagrams, the empty ones too" {
	start_skt udp-recv --count 4 --stats --json 127.0.0.1 0
	printf 'one\n\nthree\n\n' | try skt udp-send --chomp --stats --json 127.0.0.1 "$PORT"
	assert_status 0
	[ "$(told bytes_sent bytes_received datagrams_sent datagrams_received rtt)" = '8 0 4 0 -' ]
	wait_end skt
	assert_status 0
	assert_output onethree
	[ "$(told bytes_sent bytes_received datagrams_sent datagrams_received rtt)" = '0 8 0 4 -' ]
	start_skt udp-recv --count 2 --stats 127.0.0.1 0
	printf 'one\ntwo\n' | try skt udp-send --stats 127.0.0.1 "$PORT"
	assert_one_error '^skt: udp-send: sent 8 bytes, received 0 bytes in .* 2 datagrams sent, 0 received$'
	wait_end skt
	assert_error '^skt: udp-recv: sent 0 bytes, received 8 bytes in .* 0 datagrams sent, 2 received$'
}

@test "stats: many equal datagrams, which the kernel cuts and joins, are counted each" {
	start_skt udp-recv --count 3000 --deadline 20s --stats --json 127.0.0.1 0
	head -c 300000 /dev/zero | try skt udp-send --frame size=100 --rate 1M --stats --json 127.0.0.1 "$PORT"
	assert_status 0
	[ "$(told bytes_sent datagrams_sent)" = '300000 3000' ]
	wait_end skt
	assert_status 0
	[ "$(told bytes_received datagrams_received)" = '300000 3000' ]
}

@test "stats: connect -u counts both ways" {
	start_peer peer udp4 recv-datagram send 'an answer' recv-datagram
	printf 'one\ntwo\n' | try skt connect -u --stats --json --max-bytes 9 127.0.0.1 "$PORT"
	assert_status 0
	assert_output 'an answer'
	[ "$(told bytes_sent bytes_received datagrams_sent datagrams_received rtt)" = '8 9 2 1 -' ]
}

@test "stats: http-get splits look-up, connecting, first byte and the whole" {
	start_peer peer tcp4 recv-until '\r\n\r\n' sleep 300 send 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n' sleep 300 send hello close
	try skt http-get -4 --stats --json "http://localhost:$PORT/"
	assert_status 0
	assert_output hello
	ascending lookup connect first_byte duration
	read -r connect first_byte duration received < <(told connect first_byte duration bytes_received)
	within 0 0.29 "$connect"
	within 0.29 "$LIMIT" "$first_byte"
	within 0.59 "$LIMIT" "$duration"
	[ "$received" -eq 43 ] # the head is counted
	[ "$(told page_bytes)" -eq 5 ]
	[ "$(told rtt)" != - ]
}

@test "stats: http-get as a sentence" {
	start_peer peer tcp4 recv-until '\r\n\r\n' send 'HTTP/1.1 200 OK\r\n\r\nhello' close
	try skt http-get --stats -o page "http://127.0.0.1:$PORT/"
	assert_status 0
	assert_one_error '^skt: http-get: sent [0-9]+ bytes, received 24 bytes in .*, page 5 bytes; .*lookup [0-9.]+ ms; connect [0-9.]+ ms; first byte [0-9.]+ ms, total [0-9.]+ ms$'
	[ "$(<page)" = hello ]
}

@test "stats: --forward tells the totals of all clients at its end" {
	start_peer up tcp4 recv 10 send-zeros 2000 close again
	start_skt listen --forward "127.0.0.1:$PORT" --clients 3 --stats --json 127.0.0.1 0
	for _ in 1 2 3; do
		printf 0123456789 | try skt connect 127.0.0.1 "$PORT"
		assert_status 0
		[ "$(wc -c <"$OUT")" -eq 2000 ]
	done
	wait_end skt
	assert_status 0
	[ "$(grep -c '"event":"stats"' "$ERR")" -eq 1 ]
	[ "$(told bytes_sent bytes_received clients rtt)" = '6000 30 3 -' ] || complain_about_run "totals"
}

@test "stats: --echo sent what it received, --discard nothing; a signal ends with the totals, too" {
	start_skt -n echo listen --echo --stats --json 127.0.0.1 0
	head -c 50000 /dev/zero | try skt connect 127.0.0.1 "$PORT"
	[ "$(wc -c <"$OUT")" -eq 50000 ]
	stop echo
	wait_end echo
	assert_status 143
	[ "$(told bytes_sent bytes_received clients)" = '50000 50000 1' ] || complain_about_run "totals"
	start_skt -n discard listen --discard --clients 2 --stats 127.0.0.1 0
	head -c 50000 /dev/zero | try skt connect 127.0.0.1 "$PORT"
	head -c 50000 /dev/zero | try skt connect 127.0.0.1 "$PORT"
	wait_end discard
	assert_status 0
	assert_error '^skt: listen: sent 0 bytes, received 100000 bytes in .*, 2 clients$'
}

@test "stats: -v of an echo server tells what a client was sent" {
	start_skt listen --echo --clients 1 -v 127.0.0.1 0
	printf hello | try skt connect 127.0.0.1 "$PORT"
	assert_output hello
	wait_end skt
	assert_error 'closed .*: 5 bytes sent, 5 bytes received$'
}

@test "stats: a failed transfer has them, too; without a connection there are none" {
	start_peer peer tcp4 recv 5 send-zeros 3 sleep 100 reset
	open_idle hello
	start skt "$SKT" connect --stats --json 127.0.0.1 "$PORT" <idle 9>&-
	wait_end skt
	assert_status 7
	[ "$(told bytes_sent bytes_received)" = '5 3' ]
	grep -q '"class":"reset"' "$ERR"
	refused_port
	try skt connect --stats 127.0.0.1 "$PORT"
	assert_status 4
	assert_one_error refused
}

### --rate

# Three tries to be no slower than asked for, which a busy machine can spoil; never may it be faster.
# timed SECONDS COMMAND...: a command that prints --stats --json takes so long, give or take 10 %
timed() {
	local wanted=$1 i
	shift
	for i in 1 2 3; do
		"$@" || return 1
		assert_status 0 || return 1
		duration=$(told duration)
		within "$(awk "BEGIN { print $wanted * 0.9 }")" "$LIMIT" "$duration" || return 1
		awk "BEGIN { exit !($duration <= $wanted * 1.1) }" && return
		echo "# try $i: $duration s"
	done
	complain_about_run "three times more than 1.1 * $wanted s, last $duration"
}

from_file() {
	try skt connect --stats --json --rate 200000 127.0.0.1 "$PORT" <"$1"
}

from_pipe() {
	# shellcheck disable=SC2002 # a pipe it shall be
	cat "$1" | try skt connect --stats --json --rate 200000 127.0.0.1 "$PORT"
}

through_unix() {
	try skt unix --stats --json --rate 200000 "$SOCKET" <"$1"
}

as_datagrams() {
	try skt udp-send --frame size=500 --stats --json --rate 200000 127.0.0.1 "$PORT" <"$1"
}

as_lines() {
	try skt udp-send --stats --json --rate 200000 127.0.0.1 "$PORT" <"$1"
}

@test "rate: holds for a file and for a pipe" {
	head -c 200000 /dev/urandom >file
	start_peer peer tcp4 recv 200000 close again
	timed 1 from_file file
	timed 1 from_pipe file
}

@test "rate: what was slowed arrives whole" {
	head -c 100000 /dev/urandom >file
	start_skt listen 127.0.0.1 0
	try skt connect --rate 300000 127.0.0.1 "$PORT" <file
	assert_status 0
	wait_end skt
	assert_same file "$OUT"
}

@test "rate: holds for a server's answer and through a unix socket" {
	head -c 200000 /dev/urandom >file
	start_skt unix -lk --discard "$BATS_TEST_TMPDIR/s"
	timed 1 through_unix file
	start_skt listen --rate 200000 --stats --json 127.0.0.1 0 <file
	try skt connect 127.0.0.1 "$PORT" </dev/null
	assert_same file "$OUT"
	wait_end skt2
	within 0.9 "$LIMIT" "$(told duration)"
}

@test "rate: holds for datagrams of a size and for lines" {
	head -c 150000 /dev/zero | tr '\0' x | fold -w 99 >lines
	head -c 200000 /dev/zero >file
	start_skt udp-recv 127.0.0.1 0
	timed 1 as_datagrams file
	timed "$(awk "BEGIN { print $(wc -c <lines) / 200000 }")" as_lines lines
}

# Runs skt for about two seconds, of which it may spend so many as processor time: spent LIMIT WORD...
spent() {
	local limit=$1 TIMEFORMAT='%U %S %R' user system real times
	shift
	times=$({ time skt "$@" >out 2>err; } 2>&1)
	read -r user system real <<<"$times"
	within 1.7 "$LIMIT" "$real"
	within 0 "$limit" "$(awk "BEGIN { print $user + $system }")"
}

@test "rate: waiting costs no processor time" {
	local limit=0.1
	sanitized && limit=1
	head -c 100000 /dev/zero >file
	start_peer peer tcp4 recv 100000 close
	spent "$limit" connect --rate 50000 127.0.0.1 "$PORT" <file
	start_skt udp-recv 127.0.0.1 0
	yes | spent "$limit" udp-send --rate 10000 --count 20 --frame size=1000 127.0.0.1 "$PORT" # a pipe that is always full
}

@test "rate: a byte a second" {
	start_peer peer tcp4 recv 3 close
	printf abc | try skt connect --stats --json --rate 1 127.0.0.1 "$PORT"
	assert_status 0
	[ "$(told bytes_sent)" -eq 3 ]
	within 1.9 "$LIMIT" "$(told duration)"
}

@test "rate: the receiving direction is not slowed" {
	head -c 100000 /dev/zero >file
	start_peer peer tcp4 send-zeros 8000000 touch all recv-until-eof
	start skt "$SKT" connect --stats --json --rate 1000 127.0.0.1 "$PORT" <file
	wait_for test -e all || complain "$(stat -c %s skt.out) bytes came" skt.err peer.err || return 1
	holds_all() { [ "$(stat -c %s skt.out)" -eq 8000000 ]; }
	wait_for holds_all
	running skt # still sending
	stop skt
	wait_end skt
	assert_status 143
	[ "$(told bytes_received)" -eq 8000000 ]
	[ "$(told bytes_sent)" -lt 50000 ]
}

@test "rate: waiting for the pace is not idle" {
	start_skt listen --discard 127.0.0.1 0
	printf abc | try skt connect --rate 2 --idle-timeout 300ms 127.0.0.1 "$PORT"
	assert_status 0
}

@test "rate: what is no rate is a usage error" {
	local word
	for word in 0 -1 10x '' 1e6 99999999999G; do
		try skt connect --rate "$word" 127.0.0.1 1
		assert_status 2
		assert_one_error "^skt: connect: --rate: '$word' .*try 'skt connect --help'$"
	done
}
