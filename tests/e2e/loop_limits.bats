#!/usr/bin/env bats
# --max-bytes, the time limits, and signals.

load helper
load loop

@test "--max-bytes delivers exactly so many bytes and stops, though the peer has more and stays" {
	idle
	for role in "${ROLES[@]}"; do
		meet "$role" '--max-bytes 10' send '<html>\n<head>\n\t<title>' stall <idle
		meet_end 0
		assert_bytes '<html>\n<he'
		assert_silent
		part
	done
}

@test "--max-bytes in the middle of plenty" {
	for n in 1 65535 65537 1M; do
		start_peer "peer$n" tcp4 send-forever
		try skt connect --max-bytes "$n" 127.0.0.1 "$PORT" </dev/null
		assert_status 0
		[ "$(stat -c %s "$OUT")" -eq "$(numfmt --from=iec "$n")" ]
		start_peer "unix$n" "unix:$PWD/s$n" send-forever
		skt unix --max-bytes "$n" "s$n" </dev/null | cat >got
		[ "$(stat -c %s got)" -eq "$(numfmt --from=iec "$n")" ]
	done
}

@test "--max-bytes: the peer ending earlier is 12, with the counts" {
	for role in "${ROLES[@]}"; do
		meet "$role" '--max-bytes 10' send 123456789 half-close expect-eof </dev/null
		meet_end 12
		assert_output 123456789
		assert_one_error '^skt: [a-z]+: .*9 of 10 bytes'
		part
	done
}

@test "--max-bytes: exactly so many and the end is 0; a reset before is 7" {
	meet connect '--max-bytes 10' send 1234567890 half-close </dev/null
	meet_end 0
	assert_output 1234567890
	part
	meet connect '--max-bytes 10' send 123456789 sleep 200 reset </dev/null
	meet_end 7
	assert_output 123456789
}

@test "--max-bytes 0 delivers nothing" {
	for role in "${ROLES[@]}"; do
		meet "$role" '--max-bytes 0' send x stall </dev/null
		skt_end 0
		assert_output ''
		assert_silent
		part
	done
}

@test "--connect-timeout: 6, and the text says which limit" {
	silent_port
	try skt connect --connect-timeout 200ms 127.0.0.1 "$PORT"
	assert_status 6
	assert_one_error '^skt: connect: .*connect'
	try skt connect -w 200ms 127.0.0.1 "$PORT"
	assert_status 6
	assert_one_error '^skt: connect: .*connect'
}

@test "-w does not lengthen a --connect-timeout that was given, nor an --idle-timeout" {
	silent_port
	LIMIT=10
	try skt connect -w 20s --connect-timeout 200ms 127.0.0.1 "$PORT"
	assert_status 6
	start_peer peer tcp4 accept stall
	idle
	try skt connect -w 20s --idle-timeout 200ms 127.0.0.1 "$PORT" <idle
	assert_status 6
}

@test "--accept-timeout: 6, and the text says which limit" {
	try skt listen --accept-timeout 200ms 127.0.0.1 0
	assert_status 6
	assert_error '^skt: listen: .*accept'
	try skt unix -l --accept-timeout 200ms s
	assert_status 6
	assert_one_error '^skt: unix: .*accept'
	[ ! -e s ]
}

@test "--idle-timeout and -w: 6 when nothing moves either way" {
	idle
	for role in "${ROLES[@]}"; do
		for option in --idle-timeout -w; do
			meet "$role" "$option 200ms" send hello recv-until-eof <idle
			meet_end 6
			assert_output hello
			assert_one_error '^skt: [a-z]+: .*idle'
			part
		done
	done
}

@test "--idle-timeout: a blocked stdout and a peer that takes nothing are idle, too" {
	mkfifo slow
	exec 8<>slow
	fill 8
	head -c 9000000 /dev/zero >page
	STDOUT=slow meet connect '--idle-timeout 300ms' rcvbuf 4096 send-zeros 300000 stall <page
	skt_end 6
}

@test "idle time begins anew with each byte of either direction" {
	mkfifo in
	exec 9<>in
	start_peer peer tcp4 send-bytewise 0123456789ab 100 half-close expect-eof
	try skt connect --idle-timeout 1s 127.0.0.1 "$PORT" <in
	assert_status 0
	assert_output 0123456789ab
	start_peer other tcp4 recv 12 half-close 9>&-
	for _ in {1..12}; do
		printf x
		sleep 0.1
	done 3>&- | try skt connect --idle-timeout 1s 127.0.0.1 "$PORT"
	assert_status 0
}

@test "idle time counts from the first client on" {
	for words in 'listen 127.0.0.1 0' "unix -l $PWD/s"; do
		read -ra words <<<"$words"
		start_skt -n skt "${words[@]}" -w 400ms </dev/null
		sleep 0.8
		running skt
		if [ "${words[0]}" = listen ]; then
			start peer "$PEER" connect tcp4 127.0.0.1 "$PORT" send x recv-until-eof
		else
			start peer "$PEER" connect "unix:$PWD/s" send x recv-until-eof
		fi
		meet_end 6
		assert_output x
		part
	done
}

@test "--deadline ends whatever is going on: 6, and the text says so" {
	silent_port
	try skt connect --deadline 200ms 127.0.0.1 "$PORT"
	assert_status 6
	assert_one_error '^skt: connect: .*deadline'
	try skt listen --deadline 200ms 127.0.0.1 0
	assert_status 6
	assert_error '^skt: listen: .*deadline'
	try skt listen -k --deadline 200ms 127.0.0.1 0
	assert_status 6
	refused_port
	try skt connect --deadline 200ms --retry forever 127.0.0.1 "$PORT"
	assert_status 6
	start_peer peer tcp4 send-forever
	skt connect --deadline 400ms 127.0.0.1 "$PORT" </dev/zero >/dev/null 2>"$ERR" || status=$?
	assert_status 6
	assert_one_error '^skt: connect: .*deadline'
	idle
	start_peer trickle tcp4 send-bytewise 0123456789012345678901234567890123456789 50
	try skt connect --deadline 400ms 127.0.0.1 "$PORT" <idle
	assert_status 6
	assert_match ^01
}

@test "a limit that is not reached changes nothing" {
	start_peer peer tcp4 recv-until-eof send x half-close
	try skt connect -w 30 --deadline 1m --idle-timeout 2m --connect-timeout 1h 127.0.0.1 "$PORT" <<<y
	assert_status 0
	assert_output x
	assert_silent
}

# A shell's background jobs ignore SIGINT: env gives it back.
@test "signals: the status, one line, and an orderly end for the peer" {
	env --default-signal=INT true 2>/dev/null || skip "env has no --default-signal"
	idle
	for pair in INT:130 TERM:143 HUP:129; do
		for family in tcp4 "unix:$PWD/s${pair%:*}"; do
			start_peer peer "$family" send x expect-eof
			set -- connect 127.0.0.1 "$PORT"
			[ "$family" = tcp4 ] || set -- unix "${family#unix:}"
			start skt env --default-signal="${pair%:*}" "$SKT" "$@" <idle
			wait_for has_said skt x
			stop skt "${pair%:*}"
			meet_end "${pair#*:}"
			assert_output x
			assert_one_error '^skt: [a-z]+: .*signal'
			part
		done
	done
}

@test "a signal in mid-transfer, with unread bytes: the peer sees an end, no reset" {
	mkfifo slow
	exec 8<>slow
	fill 8
	idle
	for role in "${ROLES[@]}"; do
		STDOUT=slow meet "$role" -v send-zeros 100000 touch sent expect-eof <idle
		wait_for test -e sent
		wait_for grep -qE 'accepted|connected' skt.err # nobody promises anything to whom is in the backlog
		stop skt TERM
		meet_end 143
		part
		rm sent
	done
}

@test "a signal while connecting, accepting, or serving nobody any more" {
	silent_port
	start skt "$SKT" connect -v 127.0.0.1 "$PORT"
	sleep 0.3
	stop skt TERM
	skt_end 143
	part
	start_skt -n skt listen -k 127.0.0.1 0
	stop skt TERM
	skt_end 143
	part
	start_skt -n skt unix -l "$PWD/s"
	stop skt TERM
	skt_end 143
	[ ! -e s ]
}

@test "a signal that was ignored from the start stays ignored" {
	start_peer peer tcp4 send x wait-file go send y half-close expect-eof
	(
		trap '' INT HUP
		exec "$SKT" connect 127.0.0.1 "$PORT" </dev/null >skt.out 2>skt.err 3>&-
	) &
	PIDS[skt]=$!
	wait_for has_said skt x
	stop skt INT
	stop skt HUP
	touch go
	meet_end 0
	assert_output xy
}
