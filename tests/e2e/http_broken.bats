#!/usr/bin/env bats
# http-get: answers that are no HTTP (10), that end too soon (12), or that are broken off (7).

load helper
load http

@test "http-get: a malformed status line is status 10, and nothing of it gets to stdout" {
	cases 10 <<-'END'
		HTTP/1.1 2000 OK\r\n\r\npage
		HTTP/1.1 20 OK\r\n\r\npage
		HTTP/1.1 2x0 OK\r\n\r\npage
		HTTP/1.1 \r\n\r\npage
		HTTP/1.1\r\n\r\npage
		HTTP/1.1  200 OK\r\n\r\npage
		HTTP/1.1 -20 OK\r\n\r\npage
		HTTP/1.1\t200 OK\r\n\r\npage
		HTTP/2.0 200 OK\r\n\r\npage
		HTTP/0.9 200 OK\r\n\r\npage
		HTTP/11.1 200 OK\r\n\r\npage
		HTTPS/1.1 200 OK\r\n\r\npage
		HTTP/1.1 099 Low\r\n\r\npage
		HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\npage
		HTTP/1.1 100 Continue\r\n\r\nnonsense\r\n\r\npage
		\r\nHTTP/1.1 200 OK\r\n\r\npage
	END
}

@test "http-get: a reply without a head is status 10 and names --allow-http0.9, which takes it" {
	local text
	for text in 'hello\n' '<html>\n' 'SSH-2.0-OpenSSH\r\n' 'ICY 200 OK\r\n\r\n' '\0\0\0' 'HTTP\n'; do
		reply "$text"
		assert_status 10
		assert_bytes ''
		assert_one_error '^skt: http-get: .*--allow-http0\.9'
		reply "$text" --allow-http0.9
		assert_status 0
		assert_bytes "$text"
		assert_silent
	done
}

@test "http-get --allow-http0.9: a head is a head all the same, and -i has none to show where none came" {
	reply 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello' --allow-http0.9
	assert_status 0
	assert_bytes 'hello'
	reply 'hello' --allow-http0.9 -i
	assert_status 0
	assert_bytes 'hello'
	reply 'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nhello' --allow-http0.9
	assert_status 10
}

@test "http-get: a malformed header is status 10" {
	cases 10 <<-'END'
		HTTP/1.1 200 OK\r\nno colon here\r\n\r\npage
		HTTP/1.1 200 OK\r\n: no name\r\n\r\npage
		HTTP/1.1 200 OK\r\nX-\0: nul in the name\r\n\r\npage
		HTTP/1.1 200 OK\r\nX: nul in \0 the value\r\n\r\npage
		HTTP/1.1 200 O\0K\r\nX: nul in the reason\r\n\r\npage
		HTTP/1.1 200 OK\r\nContent-Length : 4\r\n\r\npage
	END
}

@test "http-get: a malformed Content-Length, or one beyond 2^63-1, is status 10" {
	cases 10 <<-'END'
		HTTP/1.1 200 OK\r\nContent-Length: four\r\n\r\npage
		HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\npage
		HTTP/1.1 200 OK\r\nContent-Length: +4\r\n\r\npage
		HTTP/1.1 200 OK\r\nContent-Length: 0x4\r\n\r\npage
		HTTP/1.1 200 OK\r\nContent-Length: 4x\r\n\r\npage
		HTTP/1.1 200 OK\r\nContent-Length: 4 4\r\n\r\npage
		HTTP/1.1 200 OK\r\nContent-Length: 4.0\r\n\r\npage
		HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\npage
		HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\npage
		HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551620\r\n\r\npage
		HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999999\r\n\r\npage
		HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\npage
		HTTP/1.1 200 OK\r\nContent-Length: 4, 5\r\n\r\npage
	END
}

@test "http-get: the largest Content-Length is none the less a length: a short body is 12" {
	reply 'HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\npage'
	assert_status 12
	assert_bytes 'page'
	assert_one_error '4 of 9223372036854775807'
}

@test "http-get: a Transfer-Encoding that is not chunked is status 10" {
	cases 10 <<-'END'
		HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\npage
		HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n4\r\npage\r\n0\r\n\r\n
		HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n4\r\npage\r\n0\r\n\r\n
		HTTP/1.1 200 OK\r\nTransfer-Encoding: chunkedx\r\n\r\n4\r\npage\r\n0\r\n\r\n
		HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\r\npage
	END
}

@test "http-get: a malformed chunk size, or one beyond 2^63-1, is status 10" {
	sed 's/^/HTTP\/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n/' >list <<-'END'
		g\r\npage\r\n0\r\n\r\n
		0x4\r\npage\r\n0\r\n\r\n
		-4\r\npage\r\n0\r\n\r\n
		+4\r\npage\r\n0\r\n\r\n
		\r\npage\r\n0\r\n\r\n
		;x\r\npage\r\n0\r\n\r\n
		4g\r\npage\r\n0\r\n\r\n
		8000000000000000\r\npage\r\n0\r\n\r\n
		10000000000000004\r\npage\r\n0\r\n\r\n
		fffffffffffffffffffffffff\r\npage\r\n0\r\n\r\n
	END
	cases 10 <list
}

@test "http-get: what came before a bad chunk is written, then status 10" {
	local head='HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
	reply "$head"'4\r\npage\r\nzz\r\nmore\r\n0\r\n\r\n'
	assert_status 10
	assert_bytes 'page'
	reply "$head"'4\r\npages\r\n0\r\n\r\n'
	assert_status 10
	assert_bytes 'page'
	assert_one_error '^skt: http-get: '
}

@test "http-get: a head over 256 KiB is status 10, however it is made up" {
	local value
	value=$(head -c 30000 /dev/zero | tr '\0' v)
	answer send 'HTTP/1.1 200 OK\r\nX: ' send "$value$value$value" send "$value$value$value" send "$value$value$value" \
		recv-until-eof
	LIMIT=10 get
	assert_status 10
	assert_bytes ''
	assert_one_error '256 KiB'
	[ "$(wc -c <"$ERR")" -lt 500 ]
	start_peer endless tcp4 recv-until '\r\n\r\n' send 'HTTP/1.1 200 ' send-forever
	LIMIT=10 try skt http-get "http://127.0.0.1:$PORT/"
	assert_status 10
}

@test "http-get: an answer of no bytes is 12; with -0 it is an empty page" {
	answer half-close
	get
	assert_status 12
	assert_bytes ''
	assert_one_error '^skt: http-get: '
	answer half-close
	get --allow-http0.9
	[ "$status" -eq 12 ] || [ "$status" -eq 0 ]
	answer --raw half-close
	get -0
	assert_status 0
	assert_bytes ''
	assert_silent
}

@test "http-get: a head that is cut is 12, wherever" {
	cases 12 <<-'END'
		H
		HTTP/1.
		HTTP/1.1 2
		HTTP/1.1 200
		HTTP/1.1 200 OK\r\n
		HTTP/1.1 200 OK\r\nContent-Le
		HTTP/1.1 200 OK\r\nContent-Length: 4\r\n
		HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r
		HTTP/1.1 100 Continue\r\n\r\n
		HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1
		HTTP/1.1 404 Not Found\r\n
	END
}

@test "http-get: a body shorter than announced is written, then status 12 with both numbers" {
	reply 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello'
	assert_status 12
	assert_bytes 'hello'
	assert_one_error '^skt: http-get: .*5 of 11'
	answer send 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhel' sleep 50 send 'lo'
	get
	assert_status 12
	assert_bytes 'hello'
	assert_one_error '5 of 11'
	reply 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n'
	assert_status 12
	assert_bytes ''
	assert_one_error '0 of 11'
}

@test "http-get: chunks that are cut, anywhere before the empty line at their end, are 12" {
	local rest head='HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
	for rest in '' '\r' '\r\n' '\r\n0' '\r\n0\r\n' '\r\n0\r\n\r' '\r\n0\r\nTrailer: x\r\n' '\r\n4'; do
		reply "$head"'5\r\nhello'"$rest"
		assert_status 12
		assert_bytes 'hello'
		assert_one_error '^skt: http-get: '
	done
	reply "$head"'5\r\nhel'
	assert_status 12
	assert_bytes 'hel'
	reply "$head"
	assert_status 12
	assert_bytes ''
}

@test "http-get: a reset is status 7, and what came before it is written" {
	local head
	for head in 'Content-Length: 50\r\n\r\n' '\r\n' 'Transfer-Encoding: chunked\r\n\r\n32\r\n'; do
		answer send "HTTP/1.1 200 OK\r\n$head" send 'hello' reset
		get
		assert_status 7
		assert_bytes 'hello'
		assert_one_error '^skt: http-get: '
	done
	answer --raw send 'hello' reset
	get -0
	assert_status 7
	assert_bytes 'hello'
}

@test "http-get: a reset before or within the head is status 7" {
	local text
	for text in '' 'HTTP/' 'HTTP/1.1 200 OK\r\nContent-'; do
		answer send "$text" reset
		get
		assert_status 7
		assert_bytes ''
		assert_one_error '^skt: http-get: '
	done
	answer --raw send 'HTTP/' reset
	get -0
	assert_status 7
}

@test "http-get: a reset behind a complete page is no harm" {
	local head
	for head in 'Content-Length: 5\r\n\r\nhello' 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'; do
		answer send "HTTP/1.1 200 OK\r\n$head" reset
		get
		assert_status 0
		assert_bytes 'hello'
		assert_silent
	done
}

@test "http-get: an error page that is cut is 12 or 11, never 0, and written as far as it came" {
	reply 'HTTP/1.1 500 Oh\r\nContent-Length: 11\r\n\r\nhello'
	[ "$status" -eq 12 ] || [ "$status" -eq 11 ]
	assert_bytes 'hello'
}

@test "http-get: a server that says nothing meets the limits: 6" {
	answer touch asked recv-until-eof
	get --idle-timeout 200ms
	assert_status 6
	assert_bytes ''
	assert_one_error '^skt: http-get: .*idle'
	[ -e asked ]
	answer send 'HTTP/1.1 200 OK\r\n\r\nhello' recv-until-eof
	get --deadline 300ms
	assert_status 6
	assert_bytes 'hello'
	assert_one_error 'deadline'
}

@test "http-get: a server that answers and resets before it was asked: what it said is kept" {
	local try
	start_peer hasty tcp4 send 'HTTP/1.1 200 OK\r\n\r\nhello' reset again
	for try in 1 2 3 4 5 6 7 8; do
		try skt http-get "http://127.0.0.1:$PORT/"
		assert_status 7
		assert_bytes 'hello'
	done
}
