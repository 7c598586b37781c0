#!/usr/bin/env bats
# http-get against Apache and lighttpd, byte for byte what curl gets.

load helper
load http

# What both serve in the same way: plain, ranged, redirected, missing pages.
agrees_as_usual() {
	agrees page.html -i
	agrees page.html --http1.0
	agrees empty.txt -i
	agrees data.bin
	assert_same www/data.bin "$OUT"
	agrees data.bin -r 100-2000099
	agrees data.bin -r -7
	agrees moved -L
	assert_same www/page.html "$OUT"
	try skt http-get "${URL}none"
	assert_status 11
	assert_one_error '404 Not Found'
	assert_match '404'
	try skt http-get -r 9999999- "${URL}data.bin"
	assert_status 11
	assert_one_error '416'
}

# A file that was cut short is gone on with, and is what it was.
goes_on() {
	head -c 1000000 www/data.bin >page.part
	try skt http-get -c -o page "${URL}data.bin"
	assert_status 0
	assert_same www/data.bin page
	try skt http-get -c -o page "${URL}data.bin"
	assert_status 0
	assert_same www/data.bin page
}

# A slow page comes as it is, and a limit ends it with what had come.
is_slow() {
	try skt http-get --max-bytes 100000 "$URL$1"
	assert_status 0
	cmp "$OUT" <(head -c 100000 www/data.bin)
	try skt http-get --deadline 300ms "$URL$1"
	assert_status 6
	cmp "$OUT" <(head -c "$(stat -c %s "$OUT")" www/data.bin)
}

@test "http-get and Apache: plain, ranged, redirected, missing, gone on with" {
	need curl
	web apache
	agrees_as_usual
	goes_on
}

@test "http-get and Apache: chunks, a slow page, and the raw line" {
	need curl
	web apache
	agrees chunked.cgi -i
	assert_match '^Transfer-Encoding: chunked'
	agrees chunked.cgi
	assert_same www/data.bin "$OUT"
	is_slow slow/data.bin
	try skt http-get -0 "${URL}page.html"
	assert_status 0
	assert_same www/page.html "$OUT"
}

@test "http-get and lighttpd: plain, ranged, redirected, missing, gone on with" {
	need curl
	web lighttpd
	agrees_as_usual
	goes_on
}

@test "http-get and lighttpd: chunks and a slow page; the raw line gets no page" {
	need curl
	web lighttpd
	cp www/data.bin www/slow.bin
	agrees chunked.cgi -i
	assert_match '^Transfer-Encoding: chunked'
	agrees chunked.cgi
	assert_same www/data.bin "$OUT"
	is_slow slow.bin
	try skt http-get -0 --extra-crlf "${URL}page.html"
	assert_status 11
	assert_one_error '400 Bad Request'
}
