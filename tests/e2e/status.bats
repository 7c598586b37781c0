#!/usr/bin/env bats
# The exit status says what happened: a case of each class, with its word in --json.

load helper

# The class of the last error line on stderr.
assert_class() {
	grep -a '"event":"error"' "$ERR" | tail -1 | grep -qF "\"class\":\"$1\"" || complain_about_run "the class is not $1"
}

@test "status 0: everything asked for was done" {
	start_peer peer tcp4 recv-until-eof send 'done' close
	try skt connect --json 127.0.0.1 "$PORT" <<<x
	assert_status 0
	assert_output 'done'
	assert_silent
}

@test "status 1: what this kernel lacks" {
	need python3
	! python3 -c 'import socket; socket.socket(2, 1, 253)' 2>/dev/null || skip 'this kernel has protocol 253'
	try skt connect --json --type stream --protocol 253 127.0.0.1 9
	assert_status 1
	assert_class unexpected
}

@test "status 2: usage" {
	try skt connect --json 127.0.0.1 70000
	assert_status 2
	assert_class usage
}

@test "status 3: a name or a service without an address" {
	try skt connect --json 127.0.0.1 no-such-service
	assert_status 3
	assert_class resolve
	try skt connect --json 'no such name' 9 # no resolver asks the network for a space
	assert_status 3
	assert_class resolve
	try skt udp-send --json 127.0.0.1 no-such-service
	assert_status 3
	try skt udp-recv --json no-such-service
	assert_status 3
	try skt http-get --json 'http://no_such..name/'
	assert_status 3
	assert_class resolve
}

@test "status 4: refused, by TCP, by ICMP, by a unix path" {
	refused_port
	try skt connect --json 127.0.0.1 "$PORT"
	assert_status 4
	assert_class refused
	try skt http-get --json "http://127.0.0.1:$PORT/"
	assert_status 4
	assert_class refused
	start_peer gone udp4 # its script is empty: the port was there a moment ago, and is free now
	wait_end gone
	try skt udp-send --json 127.0.0.1 "$PORT" <<<x
	assert_status 4
	assert_class refused
	try skt unix --json ./missing
	assert_status 4
	assert_class refused
	need_ipv6
	refused_port tcp6
	try skt connect --json ::1 "$PORT"
	assert_status 4
}

@test "status 6: each of the four limits, and the text says which" {
	silent_port
	try skt connect --json --connect-timeout 100ms 127.0.0.1 "$PORT"
	assert_status 6
	assert_class timeout
	assert_error 'connect'
	try skt listen --json --accept-timeout 100ms 127.0.0.1 0
	assert_status 6
	assert_class timeout
	assert_error 'accept'
	start_peer peer tcp4 accept wait-file never
	local port=$PORT
	try skt connect --json --idle-timeout 100ms 127.0.0.1 "$port"
	assert_status 6
	assert_class timeout
	assert_error 'idle'
	start_peer peer2 tcp4 accept wait-file never
	try skt connect --json --deadline 100ms 127.0.0.1 "$PORT"
	assert_status 6
	assert_class timeout
	assert_error 'deadline'
	try skt listen --json --deadline 100ms 127.0.0.1 0
	assert_status 6
	assert_error 'deadline'
}

@test "status 7: reset, with what had arrived" {
	start_peer peer tcp4 send hello wait-file seen reset
	start client "$SKT" connect --json 127.0.0.1 "$PORT"
	wait_for has_said client hello
	: >seen
	wait_end client
	assert_status 7
	assert_output hello
	assert_class reset
	assert_error '"errno":"ECONNRESET"'
}

@test "status 8: a local address that is taken" {
	start_peer peer tcp4 accept
	try skt listen --json 127.0.0.1 "$PORT"
	assert_status 8
	assert_class bind
	try skt listen --json 192.0.2.1 0
	assert_status 8
	assert_class bind
	: >file
	try skt unix -l --json ./file
	assert_status 8
	assert_class bind
}

@test "status 9: a stdout that is full" {
	[ -e /dev/full ] || skip 'no /dev/full here'
	start_peer peer tcp4 send hello recv-until-eof close
	local status=0
	timeout 10 "$SKT" connect --json 127.0.0.1 "$PORT" >/dev/full 2>"$ERR" || status=$?
	[ "$status" -eq 9 ] || complain "status $status"
	assert_class local
	assert_error 'No space left on device'
}

@test "status 10: nonsense in place of a page" {
	start_peer peer tcp4 send 'SSH-2.0-OpenSSH\r\n' close
	try skt http-get --json "http://127.0.0.1:$PORT/"
	assert_status 10
	assert_class protocol
}

@test "status 11: a server's 404" {
	start_peer peer tcp4 send 'HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone' close
	try skt http-get --json "http://127.0.0.1:$PORT/"
	assert_status 11
	assert_output gone
	assert_class http
}

@test "status 12: too few bytes, too few datagrams" {
	start_peer peer tcp4 send hello close
	try skt connect --json --max-bytes 6 127.0.0.1 "$PORT"
	assert_status 12
	assert_output hello
	assert_class incomplete
	try skt udp-recv --json --count 1 --idle-timeout 100ms 127.0.0.1 0
	assert_status 12
	assert_class incomplete
	try skt udp-recv --json --count 1 --deadline 100ms 127.0.0.1 0
	assert_status 12
	try skt udp-recv --json --idle-timeout 100ms 127.0.0.1 0
	assert_status 0
}

@test "status 130 and 143: signals, in the middle of a connection" {
	local name
	for name in INT TERM; do
		start_peer "peer$name" tcp4 send hello wait-file never
		start "$name" env --default-signal=INT "$SKT" connect --json 127.0.0.1 "$PORT"
		wait_for has_said "$name" hello
		stop "$name" "$name"
		wait_end "$name" 5
		assert_status $((128 + $(kill -l "$name")))
		assert_output hello
		assert_class signal
	done
}

@test "status: a signal that was ignored at the start stays ignored" {
	start_peer peer tcp4 send hello wait-file go send ' again' close
	start client bash -c 'trap "" INT HUP; exec "$0" connect 127.0.0.1 "$1"' "$SKT" "$PORT"
	wait_for has_said client hello
	stop client INT
	stop client HUP
	: >go
	wait_end client
	assert_status 0
	assert_output 'hello again'
}

@test "status 141: the reader of stdout goes, and skt with it, quietly" {
	start_peer peer tcp4 send-forever
	local status=0
	timeout 20 bash -c '"$0" connect 127.0.0.1 "$1" 2>"$2" | head -c 1 >/dev/null; exit ${PIPESTATUS[0]}' \
		"$SKT" "$PORT" "$ERR" || status=$?
	[ "$status" -eq 141 ] || complain "status $status"
	assert_silent
}

@test "status: the man page and the program have one table" {
	[ -e "$SKT_SOURCE/man/skt.1" ] || skip 'no man page yet'
	local number
	for number in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 126 127; do
		grep -qE "(^|[^0-9])$number([^0-9]|$)" "$SKT_SOURCE/man/skt.1" || complain "$number is not in skt.1"
	done
}
