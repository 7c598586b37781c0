#!/usr/bin/env bats
# http-get: where a page ends, and the heads that lead to it, in whatever pieces they come.

load helper
load http

@test "http-get: Content-Length ends the page, though the server keeps the connection open" {
	answer send 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello' recv-until-eof touch gone
	get
	assert_status 0
	assert_bytes 'hello'
	assert_silent
	wait_for test -e gone
}

@test "http-get: bytes behind the announced length are no part of the page" {
	reply 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more'
	assert_status 0
	assert_bytes 'hello'
}

@test "http-get: without a length the page goes on until the server closes, NULs included" {
	reply 'HTTP/1.1 200 OK\r\nServer: x\r\n\r\none\r\n\r\n\0\xff\x80two\n'
	assert_status 0
	assert_bytes 'one\r\n\r\n\0\0377\0200two\n'
	assert_silent
}

@test "http-get: chunks are put together; extensions, trailers and upper-case sizes are theirs" {
	answer send 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n' \
		send '3\r\none\r\n00A;name="va;lue"\r\ntwo\r\nthree\r\n1 \r\n!\r\n000\r\nX-Sum: 1\r\nX-Two: 2\r\n\r\n' \
		recv-until-eof touch gone
	get
	assert_status 0
	assert_bytes 'onetwo\r\nthree!'
	assert_silent
	wait_for test -e gone
}

@test "http-get: chunks win over a Content-Length" {
	reply 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'
	assert_status 0
	assert_bytes 'hello'
}

@test "http-get: byte by byte it is the same page, in every framing" {
	local head='HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n'
	answer send-bytewise "$head"'Content-Length: 7\r\n\r\nhel\0lo\n' 1
	get -i
	assert_status 0
	assert_bytes 'HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 7\r\n\r\nhel\0lo\n'
	answer send-bytewise "$head"'\r\nhel\0lo\n' 1
	get
	assert_status 0
	assert_bytes 'hel\0lo\n'
	answer send-bytewise "$head"'Transfer-Encoding: chunked\r\n\r\n2;a=b\r\nhe\r\n05\r\nl\0lo\n\r\n0\r\nT: u\r\n\r\n' 1
	get
	assert_status 0
	assert_bytes 'hel\0lo\n'
	answer send-bytewise 'HTTP/ is no status line' 1
	get --allow-http0.9
	assert_status 0
	assert_bytes 'HTTP/ is no status line'
}

@test "http-get: line ends may be bare LFs, in the head and between chunks" {
	reply 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello\n6;x\n world\n0\n\n'
	assert_status 0
	assert_bytes 'hello world'
	reply 'HTTP/1.0 200 OK\nContent-Length: 5\n\nhello' -i
	assert_status 0
	assert_bytes 'HTTP/1.0 200 OK\nContent-Length: 5\n\nhello'
}

@test "http-get: interim answers, any number of them, are skipped, with and without fields" {
	reply 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nContent-Length: 99\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok' -i
	assert_status 0
	assert_bytes 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
}

@test "http-get: 204 and 304 have no body, whatever their fields announce, and nothing is waited for" {
	for code in 204 304; do
		answer send "HTTP/1.1 $code Nothing\r\nContent-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\n" recv-until-eof
		LIMIT=10 get
		assert_status 0
		assert_bytes ''
		assert_silent
	done
}

@test "http-get: a length of 0 ends at once, and so does a sole last chunk" {
	answer send 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' recv-until-eof
	LIMIT=10 get
	assert_status 0
	assert_bytes ''
	answer send 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' recv-until-eof
	LIMIT=10 get -i
	assert_status 0
	assert_bytes 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
}

@test "http-get: the names of fields are told apart in any case, with any space behind the colon, folded or not" {
	reply 'HTTP/1.1 200 OK\r\ncOnTeNt-lEnGtH:\t 5 \r\n\r\nhello world'
	assert_status 0
	assert_bytes 'hello'
	reply 'HTTP/1.1 200 OK\r\nX-Fold: a\r\n Content-Length: 3\r\nTRANSFER-ENCODING:\r\n  chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'
	assert_status 0
	assert_bytes 'hello'
}

@test "http-get: the reason may be missing, long or foreign" {
	local reason
	for reason in '' ' ' ' OK then: 7' ' \xc3\xa4'; do
		reply "HTTP/1.1 200$reason\r\nContent-Length: 2\r\n\r\nok"
		assert_status 0
		assert_bytes 'ok'
	done
}

@test "http-get -i: the head stands before the page as it came, chunks are put together all the same" {
	reply 'HTTP/1.1 200 Fine\r\nX-Odd:  two  \r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nT: u\r\n\r\n' --include
	assert_status 0
	assert_bytes 'HTTP/1.1 200 Fine\r\nX-Odd:  two  \r\nTransfer-Encoding: chunked\r\n\r\nhello'
}

@test "http-get: 400 and above is status 11, the body is written, and the line names the answer" {
	local code
	for code in 400 404 499 500 503 599; do
		reply "HTTP/1.1 $code So \x1b[1m it is\r\nContent-Length: 5\r\n\r\nsorry"
		assert_status 11
		assert_bytes 'sorry'
		assert_one_error "^skt: http-get: .*$code"
		lacks $'\x1b' "$ERR"
	done
	reply 'HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsorry\r\n0\r\n\r\n' -i
	assert_status 11
	assert_bytes 'HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\nsorry'
	assert_one_error '404 Not Found'
}

@test "http-get: 2xx and 3xx are success, their body is the page" {
	local code
	for code in 200 201 206 226 300 301 302 307 399; do
		reply "HTTP/1.1 $code X\r\nLocation: http://127.0.0.2:1/\r\nContent-Length: 4\r\n\r\npage"
		assert_status 0
		assert_bytes 'page'
		assert_silent
	done
}

@test "http-get --max-bytes: so much of the page and no more, then the end, in every framing" {
	local head
	for head in 'Content-Length: 11\r\n\r\nhello world' '\r\nhello world' \
		'Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n8\r\nlo world\r\n'; do
		answer send "HTTP/1.1 200 OK\r\n$head" recv-until-eof
		LIMIT=10 get --max-bytes 5
		assert_status 0
		assert_bytes 'hello'
		assert_silent
	done
	answer send 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world' recv-until-eof
	get -i --max-bytes=1K
	assert_status 0
	assert_bytes 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world'
	answer --raw send 'hello world' recv-until-eof
	get -0 --max-bytes 4
	assert_status 0
	assert_bytes 'hell'
}

@test "http-get --max-bytes: nothing of a page that goes on is 0 bytes and 0, on a connection that stays open, too" {
	local head
	for head in 'Content-Length: 11\r\n\r\nhello' '\r\nhello' 'Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n' \
		'Content-Length: 11\r\n\r\n'; do
		answer send "HTTP/1.1 200 OK\r\n$head" recv-until-eof
		LIMIT=5 get --max-bytes 0
		assert_status 0
		assert_bytes ''
	done
}

@test "http-get --max-bytes: a page that ends sooner is 0, one that is cut sooner is 12" {
	reply 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello' --max-bytes 100
	assert_status 0
	assert_bytes 'hello'
	reply 'HTTP/1.1 200 OK\r\n\r\nhello' --max-bytes 100
	assert_status 0
	assert_bytes 'hello'
	reply 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello' --max-bytes 20
	assert_status 12
	assert_bytes 'hello'
	reply 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello' --max-bytes 20
	assert_status 12
	assert_bytes 'hello'
}

@test "http-get: 64 MiB behind a head, by length and until the end, come whole" {
	local head
	for head in 'Content-Length: 67108864\r\n\r\n' '\r\n'; do
		answer send "HTTP/1.1 200 OK\r\n$head" send-zeros 64M
		skt http-get "$URL" | cmp - <(head -c 64M /dev/zero)
	done
}

@test "http-get: a head may have 200 KiB" {
	local value
	value=$(head -c 20000 /dev/zero | tr '\0' v)
	answer send 'HTTP/1.1 200 OK\r\n' send "A: $value\r\nB: $value\r\nC: $value\r\nD: $value\r\nE: $value\r\n" \
		send "F: $value\r\nG: $value\r\nH: $value\r\nI: $value\r\nJ: $value\r\nContent-Length: 2\r\n\r\nok"
	get
	assert_status 0
	assert_bytes 'ok'
}

@test "http-get: stdin is not touched" {
	printf 'one\ntwo\n' >list
	answer send 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello' recv-until-eof again
	while read -r word; do
		skt http-get "$URL" && printf ' %s\n' "$word"
	done <list >all
	printf 'hello one\nhello two\n' | cmp - all
}

@test "http-get --max-bytes: of an error page, too, which stays status 11" {
	reply 'HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nsorry' --max-bytes 2
	assert_status 11
	assert_bytes 'so'
}
