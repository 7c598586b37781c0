#!/usr/bin/env bats
# http-get against servers that we did not write, byte for byte what curl gets.

load helper
load http

@test "http-get and nginx: pages of known length, empty, large, in HTTP/1.1 and 1.0, as curl gets them" {
	need curl
	web nginx
	agrees page.html
	agrees page.html -i
	agrees page.html --http1.0
	agrees empty.txt
	agrees empty.txt -i
	agrees data.bin
	assert_same www/data.bin "$OUT"
	agrees moved -i
	agrees nothing -i
	skt http-get "${URL}echo?q=1" --query 'r=a b' --user-agent me -H 'X-One: 2' >out
	printf 'GET /echo?q=1&r=a%%20b HTTP/1.1|127.0.0.1:%s|me|2|1\n' "$PORT" | cmp - out
}

@test "http-get and nginx: chunks, as curl gets them" {
	need curl
	web nginx
	agrees chunked/page.html -i
	assert_match '^Transfer-Encoding: chunked'
	agrees chunked/data.bin
	assert_same www/data.bin "$OUT"
}

@test "http-get and nginx: 404, 418 and a connection closed without a word" {
	web nginx
	try skt http-get "${URL}none"
	assert_status 11
	assert_match '<h1>404 Not Found</h1>'
	assert_one_error '404 Not Found'
	try skt http-get "${URL}teapot"
	assert_status 11
	assert_output 'short and stout'
	try skt http-get "${URL}broken"
	assert_status 12
	try skt http-get -o page "${URL}none"
	assert_status 11
	[ ! -e page ]
	try skt http-get -0 "${URL}none" # a bare error page has no status
	assert_status 0
	assert_match '<h1>404 Not Found</h1>'
	try skt http-get -H 'Host:' "$URL"
	assert_status 11
	assert_one_error '400'
}

@test "http-get -0 and nginx: the bare page, large or empty" {
	web nginx
	try skt http-get -0 "${URL}page.html"
	assert_status 0
	assert_silent
	assert_same www/page.html "$OUT"
	try skt http-get -0 -i "${URL}data.bin"
	assert_status 0
	assert_same www/data.bin "$OUT"
	try skt http-get -0 "${URL}empty.txt"
	assert_status 0
	assert_bytes ''
	try skt http-get -0 --query q=7 "${URL}echo"
	assert_status 0
	assert_output "GET /echo?q=7||||7"
}

@test "http-get and nginx: into a file, a pipe, and a file that is cut short" {
	web nginx
	try skt http-get "${URL}data.bin" -o page
	assert_status 0
	assert_same www/data.bin page
	skt http-get "${URL}data.bin" | cmp - www/data.bin
	try skt http-get "${URL}data.bin" --max-bytes 1000001
	assert_status 0
	cmp "$OUT" <(head -c 1000001 www/data.bin)
}

@test "http-get and nginx: Ctrl-C in the midst of a slow page leaves FILE alone and says which signal" {
	web nginx
	echo old >page
	start get env --default-signal=INT "$SKT" http-get "${URL}slow/data.bin" -o page
	wait_for test -s page.part
	stop get INT
	wait_end get
	assert_status 130
	[ "$(<page)" = old ]
	cmp page.part <(head -c "$(stat -c %s page.part)" www/data.bin)
}

@test "http-get and python's http.server: 1.0 and 1.1, a listing, 404, as curl gets them" {
	need curl
	web python
	agrees page.html -i
	agrees data.bin
	agrees ''
	try skt http-get "${URL}none"
	assert_status 11
	assert_one_error '404 File not found'
	stop python
	wait_end python || true
	web python 127.0.0.1 -p HTTP/1.1
	agrees page.html -i
	agrees data.bin
}

@test "http-get -0 and python's http.server: it waits for an empty line" {
	web python
	try skt http-get -0 --idle-timeout 300ms "${URL}page.html"
	assert_status 6
	assert_bytes ''
	try skt http-get -0 --extra-crlf "${URL}page.html"
	assert_status 0
	assert_same www/page.html "$OUT"
}

@test "http-get and python's http.server over IPv6" {
	need_ipv6
	web python ::1
	try skt http-get "http://[::1]:$PORT/page.html"
	assert_status 0
	assert_same www/page.html "$OUT"
	try skt http-get -6 "http://localhost:$PORT/page.html"
	[ "$status" -eq 3 ] || { assert_status 0 && assert_same www/page.html "$OUT"; }
	try skt http-get -4 "http://[::1]:$PORT/page.html"
	assert_status 2
}

@test "http-get and busybox httpd: pages as curl gets them; it answers the raw line with 400" {
	need curl
	web busybox
	agrees page.html -i
	agrees data.bin
	agrees empty.txt
	try skt http-get "${URL}none"
	assert_status 11
	assert_one_error '404 Not Found'
	try skt http-get -0 "${URL}page.html"
	assert_status 11
	assert_one_error '400 Bad Request'
	assert_match '400 Bad Request'
	lacks '^HTTP/' "$OUT"
}

@test "http-get and node: chunks with trailers, early hints, and the request as it saw it" {
	need curl
	web node
	agrees page.html -i
	agrees chunked
	try skt http-get -i "${URL}early"
	assert_status 0
	lacks 'HTTP/1.1 10' "$OUT"
	assert_match '^HTTP/1.1 200 OK'
	try skt http-get "${URL}early"
	assert_same www/page.html "$OUT"
	try skt http-get --user-agent me -H 'X: y' "${URL}echo"
	assert_output "[\"GET\",\"/echo\",\"1.1\",[\"Host\",\"127.0.0.1:$PORT\",\"User-Agent\",\"me\",\"Accept\",\"*/*\",\"Accept-Encoding\",\"identity\",\"Connection\",\"close\",\"X\",\"y\"]]"
}

@test "http-get and node: a reset in mid-page is 7, the page so far is kept" {
	web node
	head -c 5000 /dev/urandom >www/page.html
	try skt http-get "${URL}reset"
	assert_status 7
	cmp "$OUT" <(head -c 100 www/page.html)
}

@test "http-get -0 --extra-crlf and node: a whole answer to the raw line is taken apart" {
	web node
	try skt http-get -0 --extra-crlf "${URL}page.html"
	assert_status 0
	assert_same www/page.html "$OUT"
	try skt http-get -0 --extra-crlf -i "${URL}page.html"
	assert_status 0
	assert_match '^HTTP/1.1 200 OK'
}

@test "http-get and what is no web server at all: 10" {
	need socat
	start socat socat -d -d TCP-LISTEN:0,bind=127.0.0.1 SYSTEM:'echo SSH-2.0-x; cat >/dev/null'
	wait_for has_said socat 'listening on'
	PORT=$(sed -nE 's/.*listening on .*:([0-9]+).*/\1/p' socat.err | head -1)
	try skt http-get "http://127.0.0.1:$PORT/"
	assert_status 10
	assert_bytes ''
}
