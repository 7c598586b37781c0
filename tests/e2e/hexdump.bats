#!/usr/bin/env bats
# shellcheck disable=SC2094 # what is sent is only read twice
# --hex-dump: every byte that passed, with offset, direction and time; nothing of it costs or loses a byte on its way.

load helper
load loop

TIME='[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}'

# bytes DIRECTION FILE: those of one direction, put together again from the lines of the dump.
bytes() {
	LC_ALL=C sed -nE "s/^$1 $TIME [0-9a-f]{8,}  (.{48})  \|.*\|$/\1/p" "$2" | tr -d ' \n' |
		sed 's/../\\x&/g' | while read -rn 400 part || [ -n "$part" ]; do printf '%b' "$part"; done
}

# The offsets of one direction are without a gap.
assert_offsets() {
	LC_ALL=C sed -nE "s/^$1 $TIME ([0-9a-f]{8,})  (.{48})  \|.*/\1 \2/p" "$2" >offsets
	local at=0 offset count parts
	while read -ra parts; do
		offset=$((16#${parts[0]})) count=$((${#parts[@]} - 1))
		[ "$offset" -eq "$at" ] || complain "offset $offset, expected $at" || return 1
		at=$((at + count))
	done <offsets
	[ "$at" -eq "$3" ] || complain "$at bytes, expected $3"
}

@test "hex-dump: both directions, in every role, byte by byte" {
	head -c 1000 /dev/urandom >page
	for role in "${ROLES[@]}"; do
		meet "$role" '--hex-dump dump' send-file page half-close copy recv-until-eof <page
		meet_end 0
		assert_same page "$OUT"
		assert_same page "$PEER_OUT"
		assert_silent
		bytes '>' dump | cmp - page
		bytes '<' dump | cmp - page
		assert_offsets '>' dump 1000
		assert_offsets '<' dump 1000
		[ "$(grep -cE "^# [0-9]{4}-[0-9]{2}-[0-9]{2} $TIME \+0000 (connected to|accepted) .* (from|on) .* \((inet stream tcp|unix stream 0)\)$" dump)" -eq 1 ]
		[ "$(grep -cvE "^([<>] $TIME |# )" dump)" -eq 0 ]
		part
		rm dump
	done
}

@test "hex-dump: - is standard error, to the letter" {
	start_peer peer tcp4 expect 'hello\n' send '\x1b[2J\0twenty bytes' expect-eof close
	try skt connect --hex-dump - 127.0.0.1 "$PORT" <<<hello
	assert_status 0
	assert_bytes '\x1b[2J\0twenty bytes'
	LC_ALL=C sed -E "s/$TIME/TIME/; s/^# [-0-9]* /# DAY /; s/127.0.0.1:[0-9]+/A/g" "$ERR" >told
	cat >expected <<-'EOF'
		# DAY TIME +0000 connected to A from A (inet stream tcp)
		> TIME 00000000  68 65 6c 6c 6f 0a                                 |hello.|
		< TIME 00000000  1b 5b 32 4a 00 74 77 65  6e 74 79 20 62 79 74 65  |.[2J.twenty byte|
		< TIME 00000010  73                                                |s|
	EOF
	assert_same expected told || cat told
}

@test "hex-dump: what is on the wire, not what the filters make of it" {
	meet connect '--crlf --telnet --no-half-close --hex-dump dump' expect 'a\r\n\xff\xff\r\n' send 'x\xff\xfd\x01y\xff\xff\n' \
		expect '\xff\xfc\x01' half-close expect-eof < <(printf 'a\n\377\n')
	meet_end 0
	assert_bytes 'xy\0377\n'
	bytes '>' dump | cmp - <(printf 'a\r\n\377\377\r\n\377\374\001')
	bytes '<' dump | cmp - <(printf 'x\377\375\001y\377\377\n')
	assert_offsets '>' dump 10
}

@test "hex-dump: clients one after the other, appended, each with its line" {
	echo before >dump
	start_skt listen -k --clients 3 --hex-dump dump 127.0.0.1 0 </dev/null
	for word in one two three; do
		try skt connect 127.0.0.1 "$PORT" <<<"$word"
		assert_status 0
	done
	wait_end skt
	assert_status 0
	[ "$(head -n 1 dump)" = before ]
	[ "$(grep -cE "^# .* accepted 127\.0\.0\.1:[0-9]+ on 127\.0\.0\.1:$PORT \(inet stream tcp\)$" dump)" -eq 3 ]
	[ "$(grep -cE "^< $TIME 00000000  " dump)" -eq 3 ]
	bytes '<' dump | cmp - <(printf 'one\ntwo\nthree\n')
}

@test "hex-dump: each datagram is a record, the empty one too" {
	start_skt listen -u --max-bytes 8 --hex-dump heard 127.0.0.1 0 <<<answer
	try skt connect -u --chomp --linger 300ms --hex-dump said 127.0.0.1 "$PORT" < <(printf 'one\n\nthree\n')
	assert_status 0
	wait_end skt
	assert_status 0
	assert_output onethree
	[ "$(sed -nE "s/^> $TIME datagram ([0-9]+, [0-9]+ bytes).*/\1/p" said | paste -sd';')" = '1, 3 bytes;2, 0 bytes;3, 5 bytes' ]
	[ "$(sed -nE "s/^< $TIME datagram ([0-9]+, [0-9]+ bytes) from 127\.0\.0\.1:[0-9]+$/\1/p" heard | paste -sd';')" = '1, 3 bytes;2, 0 bytes;3, 5 bytes' ]
	grep -qE "^> $TIME datagram 1, 7 bytes to 127\.0\.0\.1:[0-9]+$" heard
	grep -qE "^# .* bound to 127\.0\.0\.1:$PORT \(inet dgram udp\)$" heard
	[ "$(grep -cE "^> $TIME 00000000  " said)" -eq 2 ]
	bytes '<' heard | cmp - <(printf onethree)
}

@test "hex-dump: runs of equal datagrams, which the kernel cuts and joins, are shown each" {
	start_skt listen -u --max-bytes 3000 --hex-dump heard 127.0.0.1 0
	head -c 3000 /dev/zero | try skt connect -u --frame size=100 --linger 50ms --hex-dump said 127.0.0.1 "$PORT"
	assert_status 0
	wait_end skt
	assert_status 0
	[ "$(grep -cE "^> $TIME datagram [0-9]+, 100 bytes" said)" -eq 30 ]
	[ "$(grep -cE "^< $TIME datagram [0-9]+, 100 bytes" heard)" -eq 30 ]
}

@test "hex-dump: much of it, both ways at once, changes nothing" {
	head -c 3000000 /dev/urandom >page
	start_skt listen --hex-dump heard 127.0.0.1 0 <page
	try skt connect --hex-dump said 127.0.0.1 "$PORT" <page
	assert_status 0
	assert_same page "$OUT"
	wait_end skt
	assert_status 0
	assert_same page "$OUT"
	for file in said heard; do
		[ "$(grep -c '^>' $file)" -ge 187500 ] && [ "$(grep -c '^<' $file)" -ge 187500 ]
	done
}

@test "hex-dump: the reader of standard output that leaves, and a peer that breaks" {
	start_peer peer tcp4 send 0123456789 reset
	try skt connect --hex-dump dump 127.0.0.1 "$PORT"
	assert_status 7
	assert_output 0123456789
	bytes '<' dump | cmp - <(printf 0123456789)
	start_peer forever tcp4 send-forever
	bash -c '"$0" connect --hex-dump /dev/null 127.0.0.1 "$1"; echo $? >status' "$SKT" "$PORT" 3>&- | head -c 1 >/dev/null
	[ "$(<status)" -eq 141 ]
}

@test "hex-dump: a file that cannot be opened opens no socket" {
	need strace
	for file in missing/dump "$BATS_TEST_TMPDIR"; do
		try under_strace calls connect --hex-dump "$file" 127.0.0.1 9
		assert_status 9
		assert_one_error '^skt: connect: --hex-dump: '
		run ! grep -q 'socket(' calls
	done
	try skt listen --hex-dump $'missing/\x1b' 127.0.0.1 0
	assert_one_error 'missing/\\x1b: No such file or directory$'
}

@test "hex-dump: a full disk is status 9, and what came is written" {
	[ -e /dev/full ] || skip 'no /dev/full here'
	start_peer peer tcp4 send hello stall
	try skt connect --hex-dump /dev/full --recv-only 127.0.0.1 "$PORT"
	assert_status 9
	assert_one_error '^skt: connect: --hex-dump: /dev/full: No space left on device$'
	need strace
	# The line of the connection is written, the bytes are not. (In the sandbox strace finds no path, but for root.)
	touch dump
	idle
	start_peer second tcp4 send hello stall
	try traced -o /dev/null -P "$PWD/dump" -e trace=write -e inject=write:error=ENOSPC:when=2 \
		"$SKT" connect --no-sandbox --hex-dump dump 127.0.0.1 "$PORT" <idle
	assert_status 9
	assert_output hello
	assert_one_error 'dump: No space left on device$'
	start_peer third tcp4 recv-until-eof close
	try traced -o /dev/null -P "$PWD/dump" -e trace=write -e inject=write:error=EIO:when=2 \
		"$SKT" connect --no-sandbox --hex-dump dump 127.0.0.1 "$PORT" <<<hello
	assert_status 9
	start_peer fourth tcp4 recv-until-eof close
	try traced -o /dev/null -P "$PWD/dump" -e trace=close -e inject=close:error=EIO \
		"$SKT" connect --no-sandbox --hex-dump dump 127.0.0.1 "$PORT" <<<hello
	assert_status 9
	assert_one_error 'dump: Input/output error$'
}

@test "hex-dump: interrupted and short writes lose nothing" {
	need strace
	touch dump
	start_peer peer tcp4 send 0123456789abcdefg close
	try traced -o /dev/null -P "$PWD/dump" -e trace=write -e inject=write:error=EINTR:when=1..2 \
		"$SKT" connect --no-sandbox --hex-dump dump 127.0.0.1 "$PORT"
	assert_status 0
	bytes '<' dump | cmp - <(printf 0123456789abcdefg)
}

@test "hex-dump: --quiet wins, --progress makes way, --json and - are a usage error" {
	start_peer peer tcp4 expect-eof send hello close again
	try skt connect -q --hex-dump - 127.0.0.1 "$PORT"
	assert_status 0
	assert_output hello
	assert_silent
	try skt connect --json --hex-dump - 127.0.0.1 "$PORT"
	assert_status 2
	assert_one_error '"class":"usage".*--hex-dump -'
	try skt connect --json --hex-dump dump 127.0.0.1 "$PORT"
	assert_status 0
	assert_silent
	[ -s dump ]
	try skt listen --hex-dump dump --echo 127.0.0.1 0
	assert_status 2
	assert_one_error '--hex-dump.*--echo'
	try skt connect --hex-dump dump 127.0.0.1 9 -- cat
	assert_status 2
}

@test "hex-dump: no reader of standard error, and none there" {
	start_peer peer tcp4 send hello stall again
	try bash -c '"$0" connect --recv-only --hex-dump - 127.0.0.1 "$1" 2>&-' "$SKT" "$PORT"
	assert_status 9
	try bash -c 'exec 9> >(:); wait $!; "$0" connect --recv-only --hex-dump - 127.0.0.1 "$1" 2>&9' "$SKT" "$PORT"
	assert_status 9
}
