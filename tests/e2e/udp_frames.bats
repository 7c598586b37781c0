# The frames of udp-send, udp-recv, connect -u and listen -u beside lines and sizes: length, all, hex, json.
load helper
load udp

send_to_skt() {
	"$PEER" connect "${FAMILY:-udp4}" "$ADDRESS" "$PORT" "$@" 3>&-
}

@test "--frame length: 4 bytes before each record, empty and binary ones too" {
	catch 4
	printf '\0\0\0\3abc\0\0\0\0\0\0\0\2\n\0\0\0\0\1x' | try skt udp-send --frame length "$ADDRESS" "$PORT"
	assert_status 0
	assert_silent
	assert_caught '3 abc' '0 ' '2 \n\x00' '1 x'
}

@test "--frame length, byte by byte" {
	catch 2
	fifo_open in
	start send "$SKT" udp-send --frame length "$ADDRESS" "$PORT" <in 9>&-
	for byte in '\0' '\0' '\0' '\3' a b c '\0' '\0' '\0' '\1'; do
		printf '%b' "$byte" >&9
	done
	wait_for has_said catch '3 abc'
	printf d >&9
	wait_for has_said catch '1 d'
	exec 9>&-
	wait_end send
	assert_status 0
	assert_caught '3 abc' '1 d'
}

@test "--frame length: an input that ends inside a record is 9, what was whole has left" {
	catch 4
	printf '\0\0\0\3abc\0\0\0\3de' | try skt udp-send --frame length "$ADDRESS" "$PORT"
	assert_status 9
	assert_one_error '^skt: udp-send: .*ends inside record 2: after 2 of 3 bytes$'
	printf '\0\0\0\3abc\0\0' | try skt udp-send --frame length "$ADDRESS" "$PORT"
	assert_status 9
	assert_one_error 'ends inside record 2: after 2 of the 4 bytes of its length$'
	printf '\0\0\0\3abc' | try skt udp-send --frame length "$ADDRESS" "$PORT"
	assert_status 0
	# What was not asked for is not looked at.
	printf '\0\0\0\3abc\0\0' | try skt udp-send --frame length --count 1 "$ADDRESS" "$PORT"
	assert_status 0
	assert_caught '3 abc' '3 abc' '3 abc' '3 abc'
}

@test "--frame length: a record that is too large is 9 and names its number, at once" {
	catch 1
	fifo_open in
	printf '\0\0\0\1a\0\0\0\4' >&9
	try skt udp-send --frame length --max-datagram 3 "$ADDRESS" "$PORT" <in 9>&-
	assert_status 9
	assert_one_error '^skt: udp-send: record 2 \(4 bytes\)'
	exec 9>&-
	printf '\377\377\377\377' | try skt udp-send --frame length "$ADDRESS" "$PORT"
	assert_status 9
	assert_one_error 'record 1 \(4294967295 bytes\)'
	printf '\0\0\377\344' | try skt udp-send --frame length "$ADDRESS" "$PORT"
	assert_status 9
	assert_one_error 'record 1 \(65508 bytes\)'
	assert_caught '1 a'
}

@test "--frame all: one datagram, an empty one for an empty input" {
	catch 4
	printf 'one\ntwo\0\n' | try skt udp-send --frame all "$ADDRESS" "$PORT"
	assert_status 0
	assert_silent
	try skt udp-send --frame all "$ADDRESS" "$PORT" </dev/null
	assert_status 0
	printf '' | try skt udp-send --frame all "$ADDRESS" "$PORT"
	assert_status 0
	try skt udp-send --frame all "$ADDRESS" "$PORT" <&-
	assert_status 0
	assert_caught '9 one\ntwo\x00\n' '0 ' '0 ' '0 '
}

@test "--frame all waits for the end of the input, and for no more than a datagram" {
	catch 2
	fifo_open in
	start send "$SKT" udp-send --frame all "$ADDRESS" "$PORT" <in 9>&-
	printf one >&9
	printf two >&9
	exec 9>&-
	wait_end send
	assert_status 0
	printf 1234567890 | try skt udp-send --frame all --max-datagram 10 "$ADDRESS" "$PORT"
	assert_status 0
	fifo_open in2
	printf 12345678901 >&9
	try skt udp-send --frame all --max-datagram 10 "$ADDRESS" "$PORT" <in2 9>&-
	assert_status 9
	assert_one_error 'longer than a datagram may be \(10 bytes\)'
	exec 9>&-
	assert_caught '6 onetwo' '10 1234567890'
}

@test "--frame all: 65507 bytes, and not one more" {
	head -c 65507 /dev/urandom >most
	start_skt udp-recv --count 1 127.0.0.1 0
	try skt udp-send --frame all "$ADDRESS" "$PORT" <most
	assert_status 0
	wait_end skt
	assert_same most "$OUT"
	echo >>most
	try skt udp-send --frame all "$ADDRESS" "$PORT" <most
	assert_status 9
}

@test "udp-recv --frame length: any datagrams, and back again the same" {
	head -c 65507 /dev/urandom >large
	start_skt udp-recv --frame length --count 5 127.0.0.1 0
	send_to_skt send 'a\n' send '' send '\0\0\0\x01' send 'b'
	try skt udp-send --frame all "$ADDRESS" "$PORT" <large
	wait_end skt
	assert_status 0
	{ printf '\0\0\0\2a\n\0\0\0\0\0\0\0\4\0\0\0\1\0\0\0\1b\0\0\377\343'; cat large; } >expected
	assert_same expected "$OUT"
	start_skt -n again udp-recv --frame length --count 5 127.0.0.1 0
	try skt udp-send --frame length "$ADDRESS" "$PORT" <expected
	assert_status 0
	wait_end again
	assert_status 0
	assert_same expected "$OUT"
}

@test "udp-recv --frame hex" {
	start_skt udp-recv --frame hex --count 3 127.0.0.1 0
	send_to_skt send 'Az\0\xff\n' send '' send 'x'
	wait_end skt
	assert_status 0
	assert_bytes '417a00ff0a\n\n78\n'
}

@test "udp-recv --frame hex --from" {
	start_skt udp-recv --frame hex --from --count 2 127.0.0.1 0
	send_to_skt send '\xab' send ''
	wait_end skt
	assert_status 0
	sed 's/ [0-9]* / PORT /' "$OUT" >shown
	printf '127.0.0.1 PORT ab\n127.0.0.1 PORT \n' | cmp - shown
}

@test "udp-recv --frame json: time, peer, size, and text or base64" {
	need python3
	date +%s >begun
	start_skt udp-recv --frame json --count 8 127.0.0.1 0
	send_to_skt send 'hello' send '' send 'q"\\\n\t\r\x08\x0c\x01\x7f' send '\0\0' send '\xc3\xa9\xf0\x9f\x98\x80' \
		send '\xff\xfe' send '\xc0\x80' send '\xed\xa0\x80'
	wait_end skt
	assert_status 0
	python3 - "$OUT" begun <<'CHECK'
import base64, datetime, json, sys
expected = [b'hello', b'', b'q"\\\n\t\r\x08\x0c\x01\x7f', b'\0\0', b'\xc3\xa9\xf0\x9f\x98\x80', b'\xff\xfe', b'\xc0\x80', b'\xed\xa0\x80']
lines = open(sys.argv[1], 'rb').read().split(b'\n')
assert len(lines) == 9 and not lines[8], lines
before = ''
for line, bytes in zip(lines, expected):
    one = json.loads(line)
    try:
        text = bytes.decode('utf-8')
    except UnicodeDecodeError:
        text = None
    assert set(one) == {'time', 'peer', 'size', 'base64' if text is None else 'text'}, one
    assert one['size'] == len(bytes) and one['peer'].startswith('127.0.0.1:'), one
    assert one['text'] == text if text is not None else base64.b64decode(one['base64'], validate=True) == bytes, one
    time = datetime.datetime.strptime(one['time'], '%Y-%m-%dT%H:%M:%S.%fZ').replace(tzinfo=datetime.timezone.utc)
    assert -1 <= time.timestamp() - int(open(sys.argv[2]).read()) < 60 and one['time'] >= before, one
    before = one['time']
CHECK
}

@test "udp-recv --frame json: an IPv6 sender; --from changes nothing" {
	need_ipv6
	start_skt udp-recv --frame json --from --count 1 ::1 0
	FAMILY=udp6 send_to_skt send six
	wait_end skt
	assert_status 0
	assert_match '^\{"time":"[-0-9T:.]*Z","peer":"\[::1\]:[0-9]+","size":3,"text":"six"\}$'
}

@test "--from and --frame length do not go together, nor --chomp and other frames than line" {
	local words
	try skt udp-recv --from --frame length 0
	assert_status 2
	assert_one_error "^skt: udp-recv: --from .*; try 'skt udp-recv --help'\$"
	for words in size=3 length all; do
		try skt udp-send --chomp --frame "$words" 127.0.0.1 9 </dev/null
		assert_status 2 || complain "$words"
		assert_one_error "^skt: udp-send: --chomp .*; try 'skt udp-send --help'\$"
	done
	for words in raw hex json all=3 length= line,length; do
		try skt udp-send --frame "$words" 127.0.0.1 9 </dev/null
		assert_status 2 || complain "$words"
		assert_one_error 'line, size=N, length or all' || complain "$words"
	done
	for words in size=3 all hexx; do
		try skt udp-recv --frame "$words" 0
		assert_status 2 || complain "$words"
		assert_one_error 'raw, line, length, hex or json' || complain "$words"
	done
}

@test "connect -u and listen -u: length serves both directions" {
	printf '\0\0\0\2a\n\0\0\0\0' >said
	start_skt -n server listen -u --frame length --linger 500ms 127.0.0.1 0 <said
	printf '\0\0\0\3b\0c' | try skt connect -u --frame length --linger 500ms 127.0.0.1 "$PORT"
	assert_status 0
	assert_bytes '\0\0\0\2a\n\0\0\0\0'
	wait_end server
	assert_status 0
	assert_bytes '\0\0\0\3b\0c'
}

@test "connect -u: a word for each direction" {
	printf 'one\ntwo\n' >said
	start_skt -n server listen -u --frame hex --linger 500ms 127.0.0.1 0 <said
	printf 'abc' | try skt connect -u --frame json --frame size=2 --linger 500ms 127.0.0.1 "$PORT"
	assert_status 0
	assert_match '^\{"time":"[^"]*","peer":"127\.0\.0\.1:'"$PORT"'","size":4,"text":"one\\n"\}$'
	assert_match '"text":"two\\n"'
	wait_end server
	assert_bytes '6162\n63\n'
}

@test "connect -u --frame all sends all of stdin in one; without a stdin nothing" {
	catch 1
	printf 'a\nb\n' | try skt connect -u --frame all --linger 100ms "$ADDRESS" "$PORT"
	assert_status 0
	try skt connect -u --frame all --recv-only --idle-timeout 100ms "$ADDRESS" "$PORT"
	assert_caught '4 a\nb\n'
}
