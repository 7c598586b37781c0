#!/usr/bin/env bats
# --interval: a line at a time, the first at once, a pause behind each, and nothing else waits for it.

load helper
load loop

# The times of what was sent, in microseconds of the day, from a dump.
sent_at() {
	sed -nE 's/^> ([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{6}) .*/\1 \2 \3 \4/p' "$1" |
		awk '{ print (($1 * 60 + $2) * 60 + $3) * 1000000 + $4 }'
}

# assert_paced FILE N MILLISECONDS: N pieces, each so long behind the one before.
assert_paced() {
	sent_at "$1" | awk -v pause="$3" -v n="$2" '
		NR > 1 { pass = ($1 - before + 86400000000) % 86400000000; if (pass < pause * 1000) bad = 1 }
		{ before = $1 }
		END { exit bad || NR != n }' || complain 'not paced' "$1"
}

@test "interval: lines leave one at a time, in every role" {
	for role in "${ROLES[@]}"; do
		rm -f dump
		meet "$role" '--interval 100ms --hex-dump dump' copy recv-until-eof < <(printf 'one\ntwo\n\nfour')
		meet_end 0
		printf 'one\ntwo\n\nfour' | cmp - "$PEER_OUT"
		assert_paced dump 4 100
		part
	done
	rm -f dump
	printf 'one\ntwo\nthree\n' >page
	meet connect '--interval 100ms --hex-dump dump' copy recv-until-eof <page # a file
	meet_end 0
	assert_same page "$PEER_OUT"
	assert_paced dump 3 100
}

@test "interval: the first line leaves at once, and the end right behind the last" {
	meet connect '--interval 1h' expect 'one\n' expect-eof <<<one
	meet_end 0
	part
	meet connect '--interval 1h' expect one expect-eof < <(printf one)
	meet_end 0
	part
	meet connect '--interval 1h' expect-eof </dev/null
	meet_end 0
}

@test "interval: a line is sent whole, however it comes" {
	idle
	meet connect '--interval 1ms' expect 'one\n' touch one expect 'two\nthree\n' touch two expect-eof <idle
	printf o >&9
	printf 'ne\ntw' >&9
	wait_for test -e one
	printf 'o\nthr' >&9
	printf 'ee\n' >&9
	wait_for test -e two
	exec 9>&-
	meet_end 0
}

@test "interval: the idle limit does not count it, other limits do" {
	printf 'one\ntwo\n' >page
	meet connect '--interval 600ms --idle-timeout 200ms --linger 1ms' expect 'one\n' expect 'two\n' expect-eof <page
	meet_end 0
	part
	meet connect '--interval 1h --deadline 300ms' expect 'one\n' stall <page
	skt_end 6
	assert_one_error 'deadline|whole run'
	part
	meet connect '--interval 1h' expect 'one\n' touch one stall <page
	wait_for test -e one
	stop skt
	skt_end 143
}

@test "interval: a line that waits costs nothing and holds up nothing" {
	printf 'one\ntwo\n' >page
	meet connect '--interval 1h --telnet' expect 'one\n' send 'x\xff\xfd\x01y' expect '\xff\xfc\x01' touch answered stall <page
	wait_for test -e answered # the refusal did not wait
	wait_for has_said skt xy
	sleep 0.5 # so long it is watched
	local ticks
	ticks=$(awk '{ print $14 + $15 }' "/proc/${PIDS[skt]}/stat")
	sanitized || [ "$ticks" -lt 20 ] || complain "$ticks ticks of processor time"
}

@test "interval: the peer's end does not lose lines, its break counts them" {
	printf 'one\ntwo\nthree\n' >page
	meet connect '--interval 50ms' half-close expect 'one\ntwo\nthree\n' expect-eof <page
	meet_end 0
	part
	# A line without its newline that lies there when the peer ends.
	idle
	printf 'one\ntwo' >&9
	meet connect '--interval 1ms' expect 'one\n' half-close expect 'two' expect-eof <idle
	meet_end 0
	part
	meet connect '--interval 1h' expect 'one\n' reset <page
	skt_end 7
	assert_one_error '10 bytes were not taken'
}

@test "interval: lines longer than any buffer, and many of them" {
	{
		head -c 200000 /dev/zero | tr '\0' x
		echo
		head -c 100 /dev/zero | tr '\0' '\n'
		head -c 70000 /dev/zero | tr '\0' y
	} >page
	meet connect '--interval 1ms --crlf' rcvbuf 4096 copy recv-until-eof < <(cat page)
	meet_end 0
	sed 's/$/\r/' page | head -c -1 | cmp - "$PEER_OUT"
}

@test "interval: with --rate, both hold" {
	printf '%s\n' aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd >page
	rm -f dump
	meet connect '--interval 100ms --rate 50 --hex-dump dump' copy recv-until-eof <page
	meet_end 0
	assert_same page "$PEER_OUT"
	assert_paced dump 4 100
	sent_at dump | awk 'NR == 1 { first = $1 } { last = $1 } END { exit (last - first + 86400000000) % 86400000000 < 550000 }'
}

@test "interval: datagrams of connect -u and of listen -u" {
	start_peer peer udp4 recv-datagram recv-datagram recv-datagram
	try skt connect -u --interval 100ms --linger 1ms --hex-dump dump 127.0.0.1 "$PORT" < <(printf 'one\ntwo\nthree\n')
	assert_status 0
	wait_end peer
	assert_status 0
	[ "$(sed -nE '/^> .* datagram/p' dump | wc -l)" -eq 3 ]
	grep datagram dump >paced
	assert_paced paced 3 90 # lateness is made up for
}

@test "interval: usage errors" {
	try skt connect --interval 1x 127.0.0.1 9
	assert_status 2
	assert_one_error '--interval'
	try skt listen --interval 1 --echo 127.0.0.1 0
	assert_status 2
	try skt connect --interval 1 --recv-only 127.0.0.1 9
	assert_status 2
	assert_one_error '--interval'
}
