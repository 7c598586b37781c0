#!/usr/bin/env bats
# connect --scan -u: open on an answer, closed on ICMP, unknown on silence.

load helper

@test "scan -u: an answer is open, after one empty datagram and no other byte" {
	start_peer peer udp4 recv-datagram send pong expect-silence 300
	try skt connect -zu 127.0.0.1 "$PORT" <<<'never sent'
	assert_status 0
	assert_output "$PORT/udp open"
	assert_silent
	wait_end peer
	assert_status 0
	assert_output '0 '
}

@test "scan -u: an empty answer is one, too" {
	start_peer peer udp4 recv-datagram send '' stall
	try skt connect -zu 127.0.0.1 "$PORT"
	assert_status 0
	assert_output "$PORT/udp open"
}

@test "scan -u: closed is 4 and comes before unknown, which is 13" {
	local silent closed
	start_peer silent udp4 stall && silent=$PORT
	refused_port udp4 && closed=$PORT
	stop refused1 && wait_end refused1
	try skt connect -zu --idle-timeout 300ms 127.0.0.1 "$silent"
	assert_status 13
	assert_output "$silent/udp unknown"
	assert_one_error "^skt: connect: 127\.0\.0\.1:$silent: no answer within the idle limit of 0\.3 s$"
	try skt connect -zu --idle-timeout 300ms 127.0.0.1 "$silent,$closed"
	assert_status 4
	assert_output "$(printf '%s\n' "$silent/udp unknown" "$closed/udp closed" | sort -n)"
	assert_one_error "2 of 2 ports are not open; $closed/udp is closed: 127\.0\.0\.1:$closed: Connection refused$"
}

@test "scan -u: silence lasts 2 s by default, and -w shortens it" {
	start_peer silent udp4 stall
	local begin=${EPOCHREALTIME/[.,]/} took
	try skt connect -zu --json 127.0.0.1 "$PORT"
	took=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
	assert_status 13
	assert_error '"event":"scan",.*"protocol":"udp","state":"unknown"'
	assert_error '"event":"error",.*"class":"unknown","errno":null'
	[ "$took" -ge 2000 ] && [ "$took" -lt 6000 ] || complain "it took $took ms"
	begin=${EPOCHREALTIME/[.,]/}
	try skt connect -zu -w 200ms 127.0.0.1 "$PORT"
	took=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
	assert_status 13
	[ "$took" -lt 1900 ] || complain "it took $took ms"
}

@test "scan -u: --payload sends all of stdin in one datagram, to each port" {
	local one two
	start_peer one udp4 recv-datagram send yes stall && one=$PORT
	start_peer two udp4 recv-datagram send yes stall && two=$PORT
	printf 'two\nlines' | try skt connect -zu --payload 127.0.0.1 "$one,$two"
	assert_status 0
	assert_output "$(printf '%s/udp open\n' "$one" "$two" | sort -n)"
	wait_for has_said one '9 two\nlines'
	wait_for has_said two '9 two\nlines'
}

@test "scan -u: an empty payload is the empty datagram, one that is too long is 9" {
	start_peer one udp4 recv-datagram send yes stall
	try skt connect -zu --payload 127.0.0.1 "$PORT"
	assert_status 0
	wait_for has_said one '0 '
	head -c 65508 /dev/zero | try skt connect -zu --payload 127.0.0.1 "$PORT"
	assert_status 9
	assert_output ''
	assert_one_error 'standard input is longer than a datagram can be \(65507 bytes\)$'
}

@test "scan -u: a deadline and a signal count while the payload is read" {
	mkfifo fifo
	exec 8<>fifo
	try skt connect -zu --payload --deadline 300ms 127.0.0.1 9 <fifo
	assert_status 6
	# bash lets those in the background ignore SIGINT
	start scan env --default-signal=INT "$SKT" connect -zu --payload 127.0.0.1 9 <fifo
	wait_for grep -q '^SigBlk:.*[1-9a-f]' "/proc/${PIDS[scan]}/status"
	stop scan INT
	wait_end scan
	exec 8>&-
	assert_status 130
	assert_output ''
}

@test "scan -u: the next address of a name has its turn when one refuses" {
	need_ipv6
	getent ahosts localhost | grep -q ::1 || skip 'localhost is IPv4 only'
	start_peer peer udp4 recv-datagram send yes stall
	try skt connect -zu localhost "$PORT"
	assert_status 0
	assert_output "$PORT/udp open"
}

@test "scan -u: many ports at once, all told" {
	try skt connect -zu --idle-timeout 500ms 127.0.0.1 1-3000
	[ "$status" -eq 4 ] || assert_status 4
	assert_same <(cut -d/ -f1 "$OUT") <(seq 3000)
}
