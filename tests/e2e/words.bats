#!/usr/bin/env bats
# HOST, PORT, SIZE and DURATION, in every form that is legal and in those that are not.

load helper

# A usage error: status 2, one line that names WORD and says where to look, nothing on stdout, and no socket.
assert_usage() {
	assert_status 2 || return 1
	[ ! -s "$OUT" ] || complain_about_run 'something is on stdout' || return 1
	assert_one_error "^skt: .*; try 'skt( [a-z-]+)? --help'$" || return 1
	grep -qF -- "$1" "$ERR" || complain_about_run "the line does not name $1"
}

@test "words: every way to write 127.0.0.1 and its port" {
	need_ipv6
	start_peer peer tcp4 send hello close again
	local words
	for words in "127.0.0.1 $PORT" "127.0.0.1:$PORT" "0x7f000001 $PORT" "0X7F000001:$PORT" "2130706433 $PORT" \
		"2130706433:$PORT" "localhost:$PORT" "localhost $PORT" "127.0.0.1 000$PORT" "127.1 $PORT" \
		"::ffff:127.0.0.1 $PORT" "[::ffff:127.0.0.1]:$PORT" "::ffff:7f00:1 $PORT" \
		"0000:0000:0000:0000:0000:ffff:7f00:0001 $PORT" "[::FFFF:7F00:0001] $PORT" "-4 localhost $PORT" \
		"-6 ::ffff:127.0.0.1 $PORT"; do
		# shellcheck disable=SC2086 # one word or more
		try skt connect -v $words
		assert_status 0
		assert_output hello
		assert_error "^skt: connect: connected to 127\.0\.0\.1:$PORT from 127\.0\.0\.1:[0-9]+ \("
	done
}

@test "words: every way to write ::1" {
	need_ipv6
	start_peer peer tcp6 send hello close again
	local words index
	index=$(</sys/class/net/lo/ifindex)
	for words in "::1 $PORT" "[::1] $PORT" "[::1]:$PORT" "0:0:0:0:0:0:0:1 $PORT" "0::1 $PORT" "0:0::0:1:$PORT $PORT" \
		"::0.0.0.1 $PORT" "0000:0000:0000:0000:0000:0000:0000:0001 $PORT" "::1%lo $PORT" "[::1%lo]:$PORT" \
		"[::1%lo] $PORT" "::1%$index $PORT" "[0:0::1]:$PORT" "-6 ::1 $PORT"; do
		[[ $words != *:$PORT\ * ]] || continue
		# shellcheck disable=SC2086
		try skt connect -v $words
		assert_status 0
		assert_output hello
		assert_error "^skt: connect: connected to \[::1\]:$PORT from \[::1\]:[0-9]+ \("
	done
}

@test "words: addresses are shown in RFC 5952 form" {
	need_ipv6
	local pair
	# What is refused at once tells how it was read: bind(2) of what is not ours.
	for pair in 2001:DB8::0:1=2001:db8::1 2001:db8:0:0:1:0:0:1=2001:db8::1:0:0:1 2001:0db8:0:1:1:1:1:1=2001:db8:0:1:1:1:1:1 \
		2001:db8:0:0:0:0:0:1=2001:db8::1 1:0:0:2:0:0:0:3=1:0:0:2::3 2001:db8::192.0.2.1=2001:db8::c000:201 \
		ABCD:EF01:2345:6789:ABCD:EF01:2345:6789=abcd:ef01:2345:6789:abcd:ef01:2345:6789; do
		try skt listen --trace "${pair%=*}" 0
		assert_status 8
		grep -qF "bind(3, [${pair#*=}]:0) = -1 EADDRNOTAVAIL" "$ERR" || complain_about_run "not ${pair#*=}"
		grep -qF "bind to [${pair#*=}]:0: " "$ERR" || complain_about_run "not ${pair#*=}"
	done
	for pair in ::ffff:192.0.2.1 ::ffff:c000:201; do
		try skt listen --trace "$pair" 0
		assert_status 8
		grep -qF 'bind(3, 192.0.2.1:0) = -1 EADDRNOTAVAIL' "$ERR" || complain_about_run 'not as IPv4'
	done
}

@test "words: hosts that cannot be meant are usage errors" {
	local host
	for host in '' 256.1.1.1 1.2.3.4.5 127.0.0.1. 0x100000000 4294967296 99999999999999999999 127.0.0.256 1..2 0x \
		010.0.0.1 127.0.0.08 ::g ::: :: 1:2:3:4:5:6:7 1:2:3:4:5:6:7:8:9 ::ffff:300.1.1.1 ::1::2 12345::1 '[::1' '::1]' '[]' \
		'[127.0.0.1]' '[localhost]' '::1%no-such-zone' '::1%' '::1%4294967295' '[::1%no-such-zone]' 'fe80::1%-1' \
		"$(printf '1:%.0s' {1..300})"; do
		[ "$host" != :: ] || continue
		try skt connect "$host" 9
		assert_usage "${host:0:40}"
		[ -n "$host" ] || assert_error empty
		try skt udp-send "$host" 9
		assert_usage "${host:0:40}"
		try skt listen "$host" 0
		assert_usage "${host:0:40}"
	done
}

@test "words: a literal of the other family is a usage error" {
	local words
	for words in '-6 127.0.0.1 9' '-6 0x7f000001 9' '-4 ::1 9' '-4 [::1]:9' '--family inet6 127.0.0.1:9' \
		'--family=inet ::ffff:127.0.0.1 9'; do
		# shellcheck disable=SC2086
		try skt connect $words
		assert_usage "is an IPv"
		# shellcheck disable=SC2086
		try skt listen $words
		assert_usage "is an IPv"
	done
	try skt udp-recv -6 127.0.0.1 0
	assert_usage 127.0.0.1
}

@test "words: ports that cannot be meant are usage errors, never wrapped" {
	local port command
	for port in 65536 70000 65616 4294967376 18446744073709551696 99999999999999999999999 80x 1e3 0x50 8.0 +80 -- '80 ' ' 80' \
		' 70000' $'\t80' 80,81 ''; do
		[ "$port" != -- ] || continue
		for command in connect udp-send listen udp-recv; do
			try skt "$command" 127.0.0.1 "$port"
			assert_usage "${port//$'\t'/\\t}"
		done
		try skt connect "127.0.0.1:$port"
		assert_usage "${port//$'\t'/\\t}"
	done
	for command in connect udp-send listen udp-recv; do
		try skt "$command" 127.0.0.1 -1
		assert_usage -1
	done
	try skt connect 127.0.0.1:9 9
	assert_usage "'127.0.0.1:9' is no address alone: it has a port"
	for command in udp-send udp-recv; do # of connect and listen a command would begin behind --
		try skt "$command" -- 127.0.0.1 -1
		assert_usage -1
	done
	for port in 70000 80x -1 ''; do
		try skt udp-recv -- "$port"
		assert_usage "$port"
	done
}

@test "words: port 0 is only for binding" {
	local port
	for port in 0 00 0000000; do
		try skt connect 127.0.0.1 "$port"
		assert_usage "'$port'"
		try skt udp-send "127.0.0.1:$port"
		assert_usage "'$port'"
		try skt listen --accept-timeout 10ms 127.0.0.1 "$port"
		assert_status 6
		try skt udp-recv --deadline 10ms 127.0.0.1 "$port"
		assert_status 0
	done
}

@test "words: names of services" {
	need getent
	getent services http/tcp >/dev/null || skip 'no service names here'
	try skt connect --trace --connect-timeout 5s 127.0.0.1 http
	assert_error 'connect\([0-9]+, 127\.0\.0\.1:80\)'
	try skt connect --trace --connect-timeout 5s 127.0.0.1:http
	assert_error 'connect\([0-9]+, 127\.0\.0\.1:80\)'
	try skt udp-send --trace --count 0 127.0.0.1 domain
	assert_error '127\.0\.0\.1:53'
	local name
	for name in no-such-service x80 http- 'h ttp' $'ht\ntp'; do
		try skt connect 127.0.0.1 "$name"
		assert_status 3
		assert_one_error '^skt: connect: '
		try skt connect --json "127.0.0.1:$name"
		assert_status 3
		assert_error '"class":"resolve","errno":null'
	done
}

@test "words: HOST PORT that are too few or too many" {
	try skt connect
	assert_usage HOST
	try skt connect 127.0.0.1
	assert_usage 127.0.0.1
	try skt connect ::1
	assert_usage ::1
	try skt connect '[::1]'
	assert_usage '[::1]'
	try skt connect ::1:9
	assert_usage ::1:9
	try skt connect 127.0.0.1 9 extra
	assert_usage extra
	try skt udp-send -- 127.0.0.1 9 -v
	assert_usage -v
	try skt connect :9
	assert_usage host
	try skt connect 127.0.0.1:
	assert_usage port
	try skt listen
	assert_usage PORT
	try skt listen 127.0.0.1 0 extra
	assert_usage extra
	try skt udp-recv
	assert_usage PORT
	try skt unix
	assert_usage PATH
	try skt unix ./a ./b
	assert_usage ./b
	try skt http-get
	assert_usage URL
}

@test "words: no socket is opened for a usage error" {
	need strace
	strace -o /dev/null true 2>/dev/null || skip 'strace does not work here'
	while read -r words; do
		# shellcheck disable=SC2086
		try under_strace trace -- $words
		assert_status 2
		! grep -E '(socket|connect|bind|pipe2?|eventfd2?|epoll_create1?)\(' trace || complain "at $words" || return 1
		! grep -E 'open(at)?\(.*O_CREAT' trace || complain "at $words"
	done <<-'E'
		connect 127.0.0.1 70000
		connect 127.0.0.1 80x
		connect --bogus 127.0.0.1 9
		connect 127.0.0.1
		connect -6 127.0.0.1 9
		connect ::1%no-such-zone 9
		connect 256.1.1.1 9
		connect --protocol udp --type stream localhost 9
		connect --recv-only --send-only 127.0.0.1 9
		listen -w
		listen 127.0.0.1 1e3
		listen --ready-file r --backlog x 127.0.0.1 0
		udp-send 127.0.0.1 0
		udp-recv --frame bogus 0
		unix --mode 999 -l ./sock
		http-get https://127.0.0.1/
		http-get http://127.0.0.1:70000/
		bogus
	E
}

@test "words: sizes" {
	start_peer peer tcp4 send-zeros 3000 close again
	local pair bad
	for pair in 0=0 1=1 0010=10 1000=1000 1K=1024 1k=1024 2K=2048; do
		try skt connect --max-bytes "${pair%=*}" 127.0.0.1 "$PORT"
		assert_status 0
		[ "$(stat -c %s "$OUT")" -eq "${pair#*=}" ] || complain "$pair: $(stat -c %s "$OUT") bytes"
	done
	for pair in 3K=3000 1M=3000 1G=3000 8589934591G=3000 9223372036854775807=3000; do
		try skt connect --max-bytes "${pair%=*}" 127.0.0.1 "$PORT"
		assert_status 12
		[ "$(stat -c %s "$OUT")" -eq "${pair#*=}" ] || complain "$pair: $(stat -c %s "$OUT") bytes"
	done
	for bad in '' -1 +1 1KB 1KK 1.5K 1T ' 1' '1 ' 0x10 1e3 K 9223372036854775808 8589934592G 18446744073709551617 \
		99999999999999999999999; do
		try skt connect --max-bytes "$bad" 127.0.0.1 "$PORT"
		assert_usage "--max-bytes: '$bad'"
		try skt connect "--buffer-size=$bad" 127.0.0.1 "$PORT"
		assert_usage "--buffer-size: '$bad'"
	done
	try skt connect --buffer-size 0 127.0.0.1 "$PORT"
	assert_usage "--buffer-size: '0'"
}

@test "words: durations" {
	local pair bad begin took
	for pair in 300ms=300 0.3=300 0.3s=300 .= 300.5ms=300 0.005m=300 0.0001h=360 1=1000 1s=1000 0=0 0ms=0; do
		[ "$pair" != .= ] || continue
		begin=${EPOCHREALTIME/[.,]/}
		try skt listen -q --accept-timeout "${pair%=*}" 127.0.0.1 0
		took=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
		assert_status 6
		[ "$took" -ge "${pair#*=}" ] && [ "$took" -lt $((${pair#*=} + 5000)) ] || complain "$pair: $took ms"
	done
	for bad in '' -1 +1 5. 1.5.5 5x 5S 5MS '5 s' ' 5' 's' ms . 1e3 inf nan 0x5 5ms5 1h30m 1d 9223372037 999999999999999h \
		153722867281m 99999999999999999999999ms; do
		try skt listen --accept-timeout "$bad" 127.0.0.1 0
		assert_usage "--accept-timeout: '$bad'"
	done
	try skt listen --accept-timeout 2h --deadline 2m --accept-timeout 100ms 127.0.0.1 0 # the last one counts
	assert_status 6
}
