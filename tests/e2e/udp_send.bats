# udp-send: standard input cut into datagrams, by lines and by sizes.
load helper
load udp

@test "a datagram per line, the newline kept" {
	catch 3
	printf 'one\ntwo \r\n\tthree\n' | try skt udp-send "$ADDRESS" "$PORT"
	assert_status 0
	assert_silent
	assert_bytes ''
	assert_caught '4 one\n' '6 two \r\n' '7 \tthree\n'
}

@test "IPv6" {
	need_ipv6
	catch 2 udp6
	printf 'one\ntwo\n' | try skt udp-send "[$ADDRESS]:$PORT"
	assert_status 0
	assert_silent
	assert_caught '4 one\n' '4 two\n'
}

@test "a last line without newline is sent as it is, with --chomp and without" {
	catch 4
	printf 'a\nlast' | try skt udp-send "$ADDRESS" "$PORT"
	assert_status 0
	printf 'b\nlast' | try skt udp-send --chomp "$ADDRESS" "$PORT"
	assert_status 0
	assert_caught '2 a\n' '4 last' '1 b' '4 last'
}

@test "--chomp: an empty line is an empty datagram; without it, a newline" {
	catch 6
	printf 'a\n\n\nb\n' | try skt udp-send --chomp "$ADDRESS" "$PORT"
	assert_status 0
	assert_silent
	printf '\n\n' | try skt udp-send "$ADDRESS" "$PORT"
	assert_status 0
	assert_caught '1 a' '0 ' '0 ' '1 b' '1 \n' '1 \n'
}

@test "--chomp takes the newline and nothing else" {
	catch 2
	printf 'crlf\r\n\r\n' | try skt udp-send --chomp "$ADDRESS" "$PORT"
	assert_status 0
	assert_caught '5 crlf\r' '1 \r'
}

@test "--frame size=N: N bytes a datagram, the last may be short" {
	catch 4
	printf '1234\n6789abc' | try skt udp-send --frame size=5 "$ADDRESS" "$PORT"
	assert_status 0
	assert_silent
	printf 'x' | try skt udp-send --frame=size=1K "$ADDRESS" "$PORT"
	assert_status 0
	assert_caught '5 1234\n' '5 6789a' '2 bc' '1 x'
}

@test "--frame size=N: no empty datagram behind an exact multiple" {
	catch 4
	printf 'aabb' | try skt udp-send --frame size=2 "$ADDRESS" "$PORT"
	assert_status 0
	printf '\n\n' | try skt udp-send --frame size=1 "$ADDRESS" "$PORT"
	assert_status 0
	assert_caught '2 aa' '2 bb' '1 \n' '1 \n'
}

@test "empty input sends nothing" {
	catch 0
	try skt udp-send "$ADDRESS" "$PORT" </dev/null
	assert_status 0
	try skt udp-send --chomp "$ADDRESS" "$PORT" </dev/null
	assert_status 0
	try skt udp-send --frame size=3 "$ADDRESS" "$PORT" </dev/null
	assert_status 0
	try skt udp-send "$ADDRESS" "$PORT" <&-
	assert_status 0
	assert_silent
	assert_caught
}

@test "any bytes: NUL, 8 bits" {
	catch 2
	printf 'a\0b\377\n\0\0\n' | try skt udp-send "$ADDRESS" "$PORT"
	assert_status 0
	assert_caught '5 a\x00b\xff\n' '3 \x00\x00\n'
}

@test "--count N ends after N datagrams, even with stdin open" {
	catch 4
	fifo_open in
	printf 'a\nb\nc\nd\n' >&9
	try skt udp-send --count 3 "$ADDRESS" "$PORT" <in 9>&-
	assert_status 0
	assert_silent
	exec 9>&-
	# Input that ends earlier is fine.
	printf 'x' | try skt udp-send --count 2 "$ADDRESS" "$PORT"
	assert_status 0
	assert_caught '2 a\n' '2 b\n' '2 c\n' '1 x'
}

@test "--count N counts --frame size=N datagrams, too" {
	catch 2
	printf 'aabbccdd' | try skt udp-send --frame size=2 --count 2 "$ADDRESS" "$PORT"
	assert_status 0
	assert_caught '2 aa' '2 bb'
}

@test "--count 0 asks for nothing: it ends at once, or is a usage error" {
	catch 0
	fifo_open in
	printf 'a\n' >&9
	LIMIT=5 try skt udp-send --count 0 "$ADDRESS" "$PORT" <in 9>&-
	[ "$status" -eq 0 ] || assert_status 2
	exec 9>&-
	assert_caught
}

@test "lines leave at once: a FIFO, line by line" {
	catch 4
	fifo_open in
	start send "$SKT" udp-send "$ADDRESS" "$PORT" <in 9>&-
	echo first >&9
	wait_for has_said catch '6 first\n'
	echo second >&9
	wait_for has_said catch '7 second\n'
	# A line that is not complete waits; two in one write are two datagrams.
	printf 'thi' >&9
	printf 'rd\nfour\n' >&9
	wait_for has_said catch '5 four\n'
	running send
	exec 9>&-
	wait_end send
	assert_status 0
	assert_silent
	assert_caught '6 first\n' '7 second\n' '6 third\n' '5 four\n'
}

@test "--frame size=N from a FIFO: pieces are gathered" {
	catch 2
	fifo_open in
	start send "$SKT" udp-send --frame size=4 "$ADDRESS" "$PORT" <in 9>&-
	printf ab >&9
	printf cdef >&9
	wait_for has_said catch '4 abcd'
	running send
	exec 9>&-
	wait_end send
	assert_status 0
	assert_caught '4 abcd' '2 ef'
}

@test "a line at the limit is sent, one byte more is refused whole: 9, with its number" {
	catch 2
	printf 'a\n123456789\n1234567890\nb\n' | try skt udp-send --max-datagram 10 "$ADDRESS" "$PORT"
	assert_status 9
	assert_one_error '^skt: udp-send: .*line 3\>'
	assert_caught '2 a\n' '10 123456789\n'
}

@test "--max-datagram counts the datagram: with --chomp without the newline" {
	catch 2
	printf '1234567890\n12345678901\nb\n' | try skt udp-send --chomp --max-datagram 10 "$ADDRESS" "$PORT"
	assert_status 9
	assert_one_error '\<line 2\>'
	printf '1234567890' | try skt udp-send --max-datagram 10 "$ADDRESS" "$PORT"
	assert_status 0
	printf '12345678901' | try skt udp-send --max-datagram 10 "$ADDRESS" "$PORT"
	assert_status 9
	assert_one_error '\<line 1\>'
	printf '12345678901' | try skt udp-send --chomp --max-datagram 10 "$ADDRESS" "$PORT"
	assert_status 9
	assert_caught '10 1234567890' '10 1234567890'
}

@test "the number is right behind many lines, and all of these were sent" {
	local expected
	catch 150
	{ seq 1001 1150; echo too-long; echo never; } | try skt udp-send --max-datagram 6 "$ADDRESS" "$PORT"
	assert_status 9
	assert_one_error '\<line 151\>'
	mapfile -t expected < <(seq -f '5 %.0f\n' 1001 1150)
	assert_caught "${expected[@]}"
}

# sized N: N bytes and a newline
sized() {
	head -c "$1" /dev/zero | tr '\0' x
	echo
}

@test "65507 bytes are the most on IPv4" {
	catch 2
	sized 65506 | try skt udp-send "$ADDRESS" "$PORT"
	assert_status 0
	sized 65507 | try skt udp-send "$ADDRESS" "$PORT"
	assert_status 9
	assert_one_error '\<line 1\>'
	sized 65507 | try skt udp-send --chomp "$ADDRESS" "$PORT"
	assert_status 0
	sized 65508 | try skt udp-send --chomp "$ADDRESS" "$PORT"
	assert_status 9
	printf MARK >"/dev/udp/$ADDRESS/$PORT"
	wait_end catch
	[ "$(cut -d' ' -f1 "$OUT" | paste -sd' ')" = '65507 65507 4' ]
}

@test "65527 bytes are the most on IPv6" {
	need_ipv6
	catch 2 udp6
	sized 65526 | try skt udp-send "$ADDRESS" "$PORT"
	assert_status 0
	sized 65527 | try skt udp-send "$ADDRESS" "$PORT"
	assert_status 9
	assert_one_error '\<line 1\>'
	head -c 65530 /dev/zero | try skt udp-send --frame size=65527 "$ADDRESS" "$PORT"
	assert_status 0
	wait_end catch
	[ "$(cut -d' ' -f1 "$OUT" | paste -sd' ')" = '65527 65527 3' ]
}

@test "an IPv4 address in IPv6 form has IPv4's limit" {
	need_ipv6
	catch 1
	sized 65506 | try skt udp-send "::ffff:$ADDRESS" "$PORT"
	assert_status 0
	sized 65507 | try skt udp-send "::ffff:$ADDRESS" "$PORT"
	assert_status 9
	assert_one_error '\<line 1\>'
	printf MARK >"/dev/udp/$ADDRESS/$PORT"
	wait_end catch
	[ "$(cut -d' ' -f1 "$OUT" | paste -sd' ')" = '65507 4' ]
}

@test "a line without end is refused as soon as it is too long" {
	catch 0
	fifo_open in
	start send "$SKT" udp-send "$ADDRESS" "$PORT" <in 9>&-
	head -c 70000 /dev/zero >&9
	wait_end send
	assert_status 9
	assert_one_error '\<line 1\>'
	exec 9>&-
	assert_caught
}

@test "frames that cannot be meant are usage errors, and no socket is opened" {
	local words
	for words in '--frame size=65528 ::1' '--frame size=65508 127.0.0.1' '--max-datagram 10 --frame size=11 127.0.0.1' \
		'--frame size=0 127.0.0.1' '--frame size= 127.0.0.1' '--frame size=1x 127.0.0.1' '--frame lines 127.0.0.1' \
		'--frame size=-1 127.0.0.1' '--max-datagram 65528 127.0.0.1' '--max-datagram 0 127.0.0.1' '--count x 127.0.0.1'; do
		# shellcheck disable=SC2086 # words
		try skt udp-send --trace $words 9
		assert_status 2 || complain "$words"
		assert_one_error "^skt: udp-send: .*; try 'skt udp-send --help'\$" || complain "$words"
	done
}

@test "standard input that fails is 9, a name that is none 3, port 0 a usage error" {
	catch 0
	try skt udp-send "$ADDRESS" "$PORT" </
	assert_status 9
	assert_one_error 'standard input: Is a directory'
	try skt udp-send no-such-host.invalid 9
	assert_status 3
	try skt udp-send 127.0.0.1 0
	assert_status 2
	assert_caught
}

@test "a service that is not known is 3, and the text says for which protocol, as many have a number for TCP only" {
	local words
	for words in '127.0.0.1 no-such-service' '-p no-such-service 127.0.0.1 9'; do
		# shellcheck disable=SC2086 # words
		try skt udp-send $words </dev/null
		assert_status 3
		assert_one_error "^skt: udp-send: service 'no-such-service' is not known for UDP$"
	done
}
