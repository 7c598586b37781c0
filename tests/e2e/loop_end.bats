#!/usr/bin/env bats
# How a session ends, in every role of the shared loop.

load helper
load loop

@test "the end of stdin is a FIN; what the peer answers after it is received" {
	for role in "${ROLES[@]}"; do
		printf question | meet "$role" '' recv-until-eof print send 'an answer' close
		meet_end 0
		assert_output 'an answer'
		assert_silent
		[ "$(<"$PEER_OUT")" = question ]
		part
	done
}

@test "no grace timer after our FIN" {
	printf question | meet connect '' recv-until-eof sleep 1500 send late close
	meet_end 0
	assert_output late
}

@test "the peer's end ends skt, though stdin is open and idle" {
	idle
	for role in "${ROLES[@]}"; do
		meet "$role" '' send bye half-close expect-eof <idle
		meet_end 0
		assert_output bye
		assert_silent
		part
	done
}

@test "a file on stdin is sent to its end after the peer's half-close" {
	head -c 3000000 /dev/urandom >page
	for role in "${ROLES[@]}"; do
		meet "$role" '' half-close sleep 100 copy recv-until-eof <page
		meet_end 0
		assert_same page "$PEER_OUT"
		part
	done
}

@test "what lies ready in a pipe is sent after the peer's half-close, then skt ends though the pipe is open" {
	for role in "${ROLES[@]}"; do
		rm -f idle
		idle
		head -c 60000 /dev/zero >&9
		meet "$role" '' half-close recv-until-eof count <idle
		meet_end 0
		[ "$(<"$PEER_OUT")" = 60000 ]
		part
	done
}

@test "a pipe that is being written is not idle: all of it is sent after the peer's half-close" {
	for role in "${ROLES[@]}"; do
		head -c 20M /dev/urandom 2>/dev/null | meet "$role" '' half-close recv-until-eof count
		meet_end 0
		[ "$(<"$PEER_OUT")" = $((20 << 20)) ]
		part
	done
}

@test "--hold keeps sending after the peer's half-close, until stdin ends" {
	for role in "${ROLES[@]}"; do
		rm -f idle got
		idle
		meet "$role" --hold half-close expect one touch got expect two expect-eof <idle
		printf one >&9
		wait_for test -e got
		sleep 0.2 # long enough for a wrong end
		printf two >&9
		exec 9>&-
		meet_end 0
		part
	done
}

@test "--no-half-close: no FIN at the end of stdin, but after the peer's" {
	for role in "${ROLES[@]}"; do
		printf question | meet "$role" --no-half-close expect question expect-silence 300 send answer half-close \
			expect-eof
		meet_end 0
		assert_output answer
		part
	done
}

@test "--linger limits the wait for the peer after our FIN, with status 0" {
	for role in "${ROLES[@]}"; do
		meet "$role" '--linger 200ms' send first recv-until-eof touch fin stall < <(printf x)
		skt_end 0
		assert_output first
		assert_silent
		[ -e fin ]
		part
		rm fin
	done
}

@test "--linger does not begin before our FIN" {
	idle
	meet connect '--linger 100ms' send one sleep 500 send two half-close expect-eof <idle
	meet_end 0
	assert_output onetwo
}

@test "--linger 0 leaves right after our FIN" {
	for role in "${ROLES[@]}"; do
		printf x | meet "$role" '--linger 0' expect x expect-eof touch fin stall
		skt_end 0
		wait_for test -e fin
		part
		rm fin
	done
}

@test "--linger with bytes still unsent: 6, and it says how many" {
	head -c 200000 /dev/zero >page
	for role in connect listen; do
		meet "$role" '--linger 300ms --send-buffer 1M' rcvbuf 4096 accept stall <page
		skt_end 6
		assert_one_error '^skt: [a-z]+: [0-9]+ bytes .*linger'
		[ ! -s "$OUT" ]
		part
	done
}

@test "--linger loses nothing that had arrived when stdout was slow" {
	mkfifo slow
	exec 8<>slow
	fill 8
	STDOUT=slow meet connect '--linger 300ms' send-zeros 300000 touch sent stall </dev/null
	wait_for test -e sent
	sleep 0.8
	timeout 10 cat <slow >got 8>&- 3>&- &
	local reader=$!
	exec 8>&-
	skt_end 0
	wait "$reader"
	got=$(($(stat -c %s got) - FILLED))
	[ "$got" -eq 300000 ] || complain "$got of 300000 bytes, and status 0"
}

@test "--send-only ends when everything is acknowledged, without the peer's end, and drops what comes" {
	for role in "${ROLES[@]}"; do
		rm -f idle
		idle
		meet "$role" --send-only send noise touch noised expect message expect-eof touch fin wait-file over <idle
		wait_for test -e noised
		printf message >&9
		exec 9>&-
		skt_end 0
		assert_output ''
		assert_silent
		wait_for test -e fin
		touch over
		wait_end peer
		assert_status 0
		rm -f noised fin over
		part
	done
}

@test "--send-only does not end before all is taken" {
	head -c 8000000 /dev/zero >page
	for role in "${ROLES[@]}"; do
		meet "$role" --send-only rcvbuf 4096 accept sleep 300 touch reading recv-until-eof count <page
		skt_end 0
		[ -e reading ] || complain 'it ended while the peer had not read'
		wait_end peer
		assert_status 0
		assert_output 8000000
		part
		rm reading
	done
}

@test "--send-only with a peer that breaks the connection: 7" {
	idle
	head -c 60000 /dev/zero >&9
	meet connect --send-only rcvbuf 4096 recv 10 reset <idle
	skt_end 7
	assert_one_error '^skt: connect: '
}

@test "--recv-only never reads stdin and sends no FIN before the peer's end" {
	for role in "${ROLES[@]}"; do
		rm -f idle
		idle
		printf 'not for the peer\n' >&9
		meet "$role" --recv-only expect-silence 300 send page half-close expect-eof <idle
		meet_end 0
		assert_output page
		read -r -t 5 -u 9 line
		[ "$line" = 'not for the peer' ]
		part
	done
}

@test "a listener with nothing to say sends no FIN before its client's end" {
	for role in listen unix-l; do
		meet "$role" '' expect-silence 300 send x half-close expect-eof </dev/null
		meet_end 0
		assert_output x
		part
		meet "$role" '' expect-silence 300 send x half-close expect-eof <&-
		meet_end 0
		assert_output x
		part
		: >empty
		meet "$role" '' expect-eof send x <empty # this says: nothing
		meet_end 0
		assert_output x
		part
	done
}

@test "data that came before a reset is written, then 7" {
	for role in connect listen; do
		meet "$role" '' send-zeros 100000 sleep 200 reset </dev/null
		meet_end 7
		[ "$(stat -c %s "$OUT")" -eq 100000 ]
		assert_one_error '^skt: [a-z]+: .*[Rr]eset'
		part
	done
}

@test "the same while stdout is blocked and stdin idle" {
	idle
	mkfifo slow
	exec 8<>slow
	fill 8
	STDOUT=slow meet connect '' send-zeros 100000 sleep 200 reset touch gone <idle
	wait_for test -e gone
	timeout 10 cat <slow >got 8>&- 3>&- &
	local reader=$!
	exec 8>&-
	meet_end 7
	wait "$reader"
	[ "$(stat -c %s got)" -eq $((100000 + FILLED)) ]
}

@test "a unix peer that leaves bytes of ours unread: its data is written, then 7" {
	idle
	printf 'two words' >&9
	for role in unix unix-l; do
		meet "$role" '' expect two send hello wait-file sent close <idle
		wait_for has_length skt.out 5
		touch sent
		meet_end 7
		assert_output hello
		assert_one_error '^skt: unix: '
		part
		rm sent
		printf 'two words' >&9
	done
}

has_length() {
	[ "$(stat -c %s "$1")" -ge "$2" ]
}

@test "bytes that the peer did not take after its half-close: 7 with their count" {
	head -c 300000 /dev/zero >page
	for role in "${ROLES[@]}"; do
		meet "$role" '' rcvbuf 4096 half-close sleep 300 reset <page
		meet_end 7
		assert_one_error '^skt: [a-z]+: .*[1-9][0-9]* bytes were not taken'
		part
	done
}

@test "a peer that closes at once does not take what stdin holds: 7, never 0" {
	head -c 3000000 /dev/zero >page
	for role in "${ROLES[@]}"; do
		meet "$role" '' accept close <page
		meet_end 7
		assert_one_error '^skt: [a-z]+: '
		part
	done
}

@test "a single byte that was not taken is 7, though the reset came before our FIN" {
	need strace
	printf x >byte
	start_peer peer tcp4 accept close
	try traced -f -o calls -e trace=sendfile,sendto,shutdown \
		-e inject=sendfile,sendto:delay_enter=300000:delay_exit=200000 "$SKT" connect 127.0.0.1 "$PORT" <byte
	grep -q 'shutdown(.*ENOTCONN' calls || skip "the reset was late: $(cat calls)"
	assert_status 7
	assert_one_error '^skt: connect: the connection broke, 1 bytes were not taken'
}
