#!/usr/bin/env bats
# --crlf and --telnet: what they change, in which direction, and in every role; and that the end, limits and rates stay.

load helper
load loop

@test "crlf: a bare LF gets its CR, everything else stays, in every role" {
	for role in "${ROLES[@]}"; do
		printf 'one\ntwo\r\n\n\rthree\r\r\n\0\377\nfour' >page
		meet "$role" --crlf copy recv-until-eof <page
		meet_end 0
		printf 'one\r\ntwo\r\n\r\n\rthree\r\r\n\0\377\r\nfour' >expected
		assert_same expected "$PEER_OUT"
		part
		meet "$role" --crlf copy recv-until-eof < <(cat page)
		meet_end 0
		assert_same expected "$PEER_OUT"
		part
	done
}

@test "crlf: CR and LF that come apart" {
	idle
	meet connect --crlf copy recv 2 touch one recv 1 touch two recv 2 touch three recv-until-eof <idle
	printf 'a\r' >&9
	wait_for test -e one
	printf '\n' >&9
	wait_for test -e two
	printf '\r\r' >&9
	wait_for test -e three
	printf '\nx\n' >&9
	exec 9>&-
	meet_end 0
	printf 'a\r\n\r\r\nx\r\n' | cmp - "$PEER_OUT"
}

@test "crlf: what is received is not touched" {
	for role in "${ROLES[@]}"; do
		meet "$role" --crlf send 'one\ntwo\r\nthree\r' half-close copy recv-until-eof <<<x
		meet_end 0
		assert_bytes 'one\ntwo\r\nthree\r'
		printf 'x\r\n' | cmp - "$PEER_OUT"
		part
	done
}

@test "crlf: much of it, fast and slow, arrives whole" {
	seq 1 300000 >page
	sed 's/$/\r/' page >expected
	meet connect --crlf copy recv-until-eof <page
	meet_end 0
	assert_same expected "$PEER_OUT"
	part
	meet listen '--crlf --buffer-size 1000' rcvbuf 4096 copy recv-slowly 200K 1 recv-until-eof < <(head -n 50000 page)
	meet_end 0
	head -n 50000 expected | cmp - "$PEER_OUT"
}

@test "telnet: options are refused, commands taken out, 255 doubled, in every role" {
	for role in "${ROLES[@]}"; do
		meet "$role" '--telnet --no-half-close' \
			send 'login: \xff\xfd\x18\xff\xfb\x03\xff\xfc\x01\xff\xfe\x01\xff\xf9\xff\xff \xff\xfa\x18\x01\xff\xff\xff\xf0!\r\0' \
			copy recv 12 half-close recv-until-eof < <(printf 'me\n\377\n')
		meet_end 0
		assert_bytes 'login: \0377 !\r\0'
		# A refusal stands between two pieces of what standard input says, which come in either order here.
		LC_ALL=C sed 's/\xff\xfc\x18\xff\xfe\x03//' "$PEER_OUT" >rest
		printf 'me\n\377\377\n' | cmp - rest
		part
	done
}

@test "telnet: a negotiation that comes byte by byte" {
	meet connect '--telnet --recv-only' send-bytewise 'a\xff\xfd\x01b\xff\xff\xff\xfac\xff\xff\xff\xf0d\xff\xfb\x02' 5 \
		expect '\xff\xfc\x01\xff\xfe\x02' half-close expect-eof
	meet_end 0
	assert_bytes 'ab\0377d'
}

@test "telnet: refusals when standard input is not read, is empty, or has ended" {
	local steps=(send 'a\xff\xfb\x01' expect '\xff\xfe\x01' send '\xff\xfd\x05z' expect '\xff\xfc\x05' half-close expect-eof)
	for role in "${ROLES[@]}"; do
		meet "$role" '--telnet --recv-only' "${steps[@]}" <<<'is not sent'
		meet_end 0
		assert_bytes az
		part
		meet "$role" '--telnet --no-half-close' "${steps[@]}" </dev/null
		meet_end 0
		assert_bytes az
		part
	done
	meet listen --telnet "${steps[@]}" </dev/null # which says no goodbye
	meet_end 0
	part
	meet connect --telnet expect 'bye\n' expect-eof send 'a\xff\xfb\x01z' half-close expect-eof <<<bye
	meet_end 0 # after our FIN there is no way to answer
	assert_bytes az
}

@test "telnet: a server that says it all and leaves" {
	for role in "${ROLES[@]}"; do
		meet "$role" --telnet send '\xff\xfd\x01\xff\xfb\x03hello' sleep 50 half-close recv-until-eof </dev/null
		meet_end 0
		assert_bytes hello
		part
	done
	# Refusals that nobody wants are not what failed. (Unread they reset the connection at its close.)
	idle
	meet connect --telnet send '\xff\xfd\x01hello' half-close expect '\xff\xfc\x01' close <idle
	meet_end 0
	assert_bytes hello
}

@test "telnet: a peer that asks and asks and reads nothing holds up nothing" {
	need python3
	python3 -c 'import sys; sys.stdout.buffer.write(b"\xff\xfd\x01." * 3000000)' >flood
	head -c 3000000 /dev/zero | tr '\0' . >expected
	meet connect '--telnet --recv-only' rcvbuf 4096 send-file flood touch sent wait-file go half-close recv-until-eof
	wait_for same_size expected skt.out
	[ -e sent ]
	local kib
	kib=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/${PIDS[skt]}/status")
	sanitized || [ "$kib" -lt 20000 ] || complain "$kib KiB"
	touch go
	meet_end 0
	assert_same expected "$OUT"
}

same_size() {
	[ "$(stat -c %s "$1")" -eq "$(stat -c %s "$2")" ]
}

@test "telnet: much of it, both ways, comes through as it was" {
	head -c 3000000 /dev/urandom >page
	start_skt listen --telnet 127.0.0.1 0 <page
	try skt connect --telnet 127.0.0.1 "$PORT" <page
	assert_status 0
	assert_same page "$OUT"
	wait_end skt
	assert_status 0
	assert_same page "$OUT"
}

@test "telnet: refusals while much is sent stand nowhere within it" {
	need python3
	head -c 2000000 /dev/zero | tr '\0' '\377' >page
	meet connect --telnet rcvbuf 4096 send 'x\xff\xfd\x01' copy recv 500000 send '\xff\xfb\x02' recv-until-eof <page
	meet_end 0
	python3 - "$PEER_OUT" <<-'E'
		import sys
		got = open(sys.argv[1], "rb").read()
		for answer in (b"\xff\xfc\x01", b"\xff\xfe\x02"):
		    at = got.index(answer[1:]) - 1
		    assert at % 2 == 0, at
		    got = got[:at] + got[at + 3:]
		assert got == b"\xff" * 4000000, len(got)
	E
}

@test "telnet: refusals are bytes sent, and none of the bytes that a peer did not take" {
	meet connect '--telnet --stats --json --recv-only' send '\xff\xfd\x01' expect '\xff\xfc\x01' half-close expect-eof
	meet_end 0
	assert_error '"bytes_sent":3,"bytes_received":3,'
}

@test "telnet: --max-bytes counts what is delivered" {
	start_peer peer tcp4 send 'ab\xff\xfb\x01\xff\xffcdefg' close again
	try skt connect --telnet --max-bytes 5 127.0.0.1 "$PORT" </dev/null
	assert_status 0
	assert_bytes 'ab\0377cd'
	try skt connect --telnet --max-bytes 100 127.0.0.1 "$PORT" </dev/null
	assert_status 12
	assert_one_error '8 of 100 bytes'
	try skt connect --telnet --max-bytes 0 127.0.0.1 "$PORT" </dev/null
	assert_status 0
	assert_bytes ''
}

@test "filters: --rate holds with them, and refusals do not wait for it" {
	head -c 1000 /dev/zero | tr '\0' '\n' >page
	local begin=${EPOCHREALTIME/[.,]/}
	meet connect '--crlf --telnet --rate 1000' send '\xff\xfd\x01' copy recv-until-eof <page
	meet_end 0
	local took=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
	[ "$took" -ge 900 ] || complain "$took ms"
	LC_ALL=C sed 's/\xff\xfc\x01//' "$PEER_OUT" | cmp - <(sed 's/$/\r/' page)
	part
	meet connect '--telnet --rate 1' send '\xff\xfd\x01' copy recv 5 touch answered stall < <(printf 123456789)
	wait_for test -e answered # 3 of them the answer
}

@test "filters: usage errors" {
	for option in --crlf --telnet; do
		try skt connect -u "$option" 127.0.0.1 9
		assert_status 2
		assert_one_error "'$option' needs a stream"
		try skt listen -u "$option" 127.0.0.1 0
		assert_status 2
		try skt listen "$option" --echo 127.0.0.1 0
		assert_status 2
		assert_error "$option"
		try skt connect "$option" 127.0.0.1 9 -- cat
		assert_status 2
		assert_error "$option"
		try skt connect -z "$option" 127.0.0.1 9
		assert_status 2
	done
	try skt connect --crlf --recv-only 127.0.0.1 9
	assert_status 2
	assert_one_error '--crlf'
}

@test "filters: with nc -t and ncat" {
	need nc ncat
	start_skt listen --telnet --no-half-close 127.0.0.1 0 < <(printf 'yes\n')
	timeout 20 nc -N -t 127.0.0.1 "$PORT" < <(printf 'a\377\375\030b\n') >answers
	wait_end skt
	assert_status 0
	assert_bytes 'ab\n'
	printf '\377\374\030' | cmp -n 3 - <(tr -d 'yes\n' <answers)
	start_skt listen --crlf 127.0.0.1 0 <<<hello
	timeout 20 ncat --recv-only 127.0.0.1 "$PORT" >got
	printf 'hello\r\n' | cmp - got
}
