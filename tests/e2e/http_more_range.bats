#!/usr/bin/env bats
# http-get --range and --continue: a part of a page, and the rest of one.

load helper
load http

setup() {
	helper_setup
	mkdir files
	umask 022
}

# part FIRST-LAST/TOTAL TEXT: a 206 of that range
part() {
	printf '%s' "HTTP/1.1 206 Partial Content\\r\\nContent-Range: bytes $1\\r\\nContent-Length: ${#2}\\r\\n\\r\\n$2"
}

# Whether the request that the last server saw holds this line.
asked() {
	grep -aqx -- "$1"$'\r' "server$ANSWERS.out" || complain "the request lacks '$1'" "server$ANSWERS.out"
}

@test "http-get -r: the range is asked for and its bytes are the output" {
	reply "$(part 2-4/10 cde)" -r 2-4
	assert_status 0
	assert_silent
	assert_bytes cde
	asked 'Range: bytes=2-4'
	reply "$(part 7-9/10 hij)" --range 7-
	assert_status 0
	assert_bytes hij
	asked 'Range: bytes=7-'
	reply "$(part 7-9/10 hij)" --range=-3
	assert_status 0
	assert_bytes hij
	asked 'Range: bytes=-3'
	reply "$(part 8-9/10 ij)" -r 8-100 -o files/page
	assert_status 0
	holds files/page ij
}

@test "http-get -r: an answer of 200 gives the whole page" {
	reply "$PAGE" -r 1-2
	assert_status 0
	assert_bytes hello
}

@test "http-get -r: 416 is status 11" {
	reply 'HTTP/1.1 416 No\r\nContent-Range: bytes */5\r\nContent-Length: 2\r\n\r\nno' -r 7-
	assert_status 11
	assert_one_error 'answered 416 No'
	assert_bytes no
}

@test "http-get -r: another range than was asked for is status 10, and nothing of it is written" {
	local wrong
	for wrong in 'Content-Length: 3\r\n' 'Content-Range: bytes 3-5/10\r\n' 'Content-Range: bytes 2-5/10\r\n' \
		'Content-Range: pages 2-4/10\r\n' 'Content-Range: bytes 2-4/10\r\nContent-Length: 4\r\n'; do
		reply "HTTP/1.1 206 Partial\\r\\n$wrong\\r\\ncdef" -r 2-4
		assert_status 10
		assert_bytes ''
		assert_one_error 'Content-Range|another part'
	done
}

@test "http-get -r: a part that is cut, without a length, in chunks: status 12; less than asked for: 12" {
	reply 'HTTP/1.1 206 P\r\nContent-Range: bytes 2-4/10\r\nContent-Length: 3\r\n\r\ncd' -r 2-4
	assert_status 12
	assert_one_error 'the page ended after 2 of 3 bytes'
	reply 'HTTP/1.1 206 P\r\nContent-Range: bytes 2-4/10\r\n\r\ncd' -r 2-4
	assert_status 12
	assert_one_error 'the page ended after 2 of 3 bytes'
	reply 'HTTP/1.1 206 P\r\nContent-Range: bytes 2-4/10\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ncd\r\n0\r\n\r\n' -r 2-4
	assert_status 10
	assert_one_error 'Content-Range'
	reply "$(part 2-3/10 cd)" -r 2-4
	assert_status 12
	assert_bytes cd
	assert_one_error 'less of the page'
}

@test "http-get: a bad range, and what -r and -c do not go with: usage errors, nothing is opened" {
	local words
	while read -r words; do
		# shellcheck disable=SC2086 # several words
		try skt http-get --trace $words http://127.0.0.1:9/
		assert_status 2
		assert_bytes ''
		assert_one_error "^skt: http-get: .*try 'skt http-get --help'"
	done <<-'END'
		-r 4-2
		-r x
		-r 5
		-r -0
		-r 1-2,4-5
		-r 99999999999999999999-
		-r 1-2 -0
		-c
		-c -0 -o files/page
		-c -i -o files/page
		-c -r 1-2 -o files/page
		-r 1-2 -H Range:bytes=3-4
		-c -o files/page -H range:
	END
	[ -z "$(names)" ]
}

@test "http-get -c: goes on with FILE.part" {
	printf abc >files/page.part
	printf old >files/page
	reply "$(part 3-6/7 defg)" -c -o files/page
	assert_status 0
	assert_silent
	asked 'Range: bytes=3-'
	holds files/page abcdefg
	[ "$(names)" = page ]
}

@test "http-get -c: the .part of a failed transfer, for real: cut, then continued" {
	reply "$HALF" -o files/page
	assert_status 12
	holds files/page.part hello
	reply 'HTTP/1.1 206 P\r\nContent-Range: bytes 5-11/12\r\nContent-Length: 7\r\n\r\n, wor' -co files/page
	assert_status 12
	assert_one_error 'the page ended after 5 of 7 bytes'
	holds files/page.part 'hello, wor'
	[ ! -e files/page ]
	reply "$(part 10-11/12 ld)" -c -o files/page
	assert_status 0
	holds files/page 'hello, world'
	[ "$(names)" = page ]
}

@test "http-get -c: without FILE.part it goes on with FILE, which is as it was until the page is complete" {
	printf abc >files/page
	chmod 640 files/page
	answer send 'HTTP/1.1 206 P\r\nContent-Range: bytes 3-6/7\r\nContent-Length: 4\r\n\r\nde' half-close
	get -c -o files/page
	assert_status 12
	asked 'Range: bytes=3-'
	holds files/page abc
	holds files/page.part abcde
	reply "$(part 5-6/7 fg)" -c -o files/page
	assert_status 0
	holds files/page abcdefg
	[ "$(stat -c %a files/page)" = 640 ]
	[ "$(names)" = page ]
}

@test "http-get -c: with nothing to go on with it fetches the page" {
	reply "$PAGE" -c -o files/page
	assert_status 0
	lacks Range server1.out
	holds files/page hello
	: >files/new.part
	reply "$PAGE" -c -o files/new
	assert_status 0
	lacks Range server2.out
	holds files/new hello
	reply "$PAGE" -c -o /dev/null
	assert_status 0
	lacks Range server3.out
}

@test "http-get -c: an answer of 200 starts anew" {
	printf abcdefghi >files/page.part
	reply "$PAGE" -c -o files/page
	assert_status 0
	holds files/page hello
	[ "$(names)" = page ]
	printf abcdefghi >files/page
	reply "$PAGE" -c -o files/page
	assert_status 0
	holds files/page hello
}

@test "http-get -c: 416 on a complete file is success" {
	printf hello >files/page
	reply 'HTTP/1.1 416 No\r\nContent-Range: bytes */5\r\nContent-Length: 2\r\n\r\nno' -c -o files/page
	assert_status 0
	assert_silent
	holds files/page hello
	mv files/page files/page.part
	reply 'HTTP/1.1 416 No\r\nContent-Range: bytes */5\r\n\r\nno' -c -o files/page --stats
	assert_status 0
	assert_one_error '^skt: http-get: sent .*, page 0 bytes; '
	holds files/page hello
	[ "$(names)" = page ]
}

@test "http-get -c: any other 416, and any error page: status 11, all is as it was" {
	local rest
	for rest in '416 No\r\nContent-Range: bytes */4\r\n' '416 No\r\n' '404 Lost\r\n' '503 Busy\r\n'; do
		printf hello >files/page.part
		printf old >files/page
		reply "HTTP/1.1 $rest\\r\\nsorry" -c -o files/page
		assert_status 11
		holds files/page.part hello
		holds files/page old
	done
}

@test "http-get -c: another range, a redirect or an empty answer never damages what is held: status 10" {
	local wrong
	for wrong in '206 P\r\nContent-Range: bytes 0-6/7\r\n' '206 P\r\nContent-Range: bytes 4-6/7\r\n' '206 P\r\n' \
		'204 None\r\n' '302 There\r\nLocation: /\r\n'; do
		printf hello >files/page.part
		reply "HTTP/1.1 $wrong\\r\\nxx" -c -o files/page
		assert_status 10
		holds files/page.part hello
		[ "$(names)" = page.part ]
	done
}

@test "http-get -c: less than the rest is status 12, and kept" {
	printf abc >files/page.part
	reply "$(part 3-4/7 de)" -c -o files/page
	assert_status 12
	holds files/page.part abcde
	[ "$(names)" = page.part ]
}

@test "http-get -c: FILE.part that is a link, a FIFO, a folder or has another name is not touched: 9, nothing is opened" {
	printf precious >files/other
	ln -s other files/link.part
	mkfifo files/fifo.part
	mkdir files/folder.part
	ln files/other files/hard.part
	local name
	for name in link fifo folder hard; do
		LIMIT=5 try skt http-get --trace -c -o "files/$name" http://127.0.0.1:9/
		assert_status 9
		assert_one_error "files/$name"
	done
	holds files/other precious
}

@test "http-get -c: a .part that another skt writes is left alone" {
	answer send "$HALF" wait-file go send ' world, that makes fifty bytes of page altogether'
	start first "$SKT" http-get -o files/page "$URL"
	wait_for test -s files/page.part
	try skt http-get -c -o files/page http://127.0.0.1:9/
	assert_status 9
	assert_one_error 'written by another'
	touch go
	wait_end first
	assert_status 0
	[ "$(stat -c %s files/page)" -eq 50 ]
}

@test "http-get -o: a missing folder is found before any socket is opened" {
	try skt http-get --trace -o files/none/page http://127.0.0.1:9/
	assert_status 9
	assert_one_error 'files/none/page: No such file'
	try skt http-get --trace -o files/none/ http://127.0.0.1:9/
	assert_status 9
	: >files/plain
	try skt http-get --trace -o files/plain/page http://127.0.0.1:9/
	assert_status 9
	assert_one_error 'Not a directory'
}

@test "http-get -r, -c from nginx: the bytes are those of the file" {
	web nginx
	head -c 1000 www/data.bin | tail -c +101 >expected
	try skt http-get -r 100-999 "${URL}data.bin"
	assert_status 0
	assert_same expected "$OUT"
	tail -c 1234 www/data.bin >expected
	try skt http-get -r -1234 "${URL}data.bin"
	assert_status 0
	assert_same expected "$OUT"
	head -c 1000000 www/data.bin >files/page.part
	try skt http-get -c -o files/page "${URL}data.bin"
	assert_status 0
	assert_same www/data.bin files/page
	try skt http-get -c -o files/page "${URL}data.bin"
	assert_status 0
	assert_same www/data.bin files/page
	truncate -s 2000000 files/page
	try skt http-get -c -o files/page "${URL}data.bin"
	assert_status 0
	assert_same www/data.bin files/page
	try skt http-get -r 9000000- "${URL}data.bin"
	assert_status 11
}

@test "http-get: HTTP/2 is named as what it is; a URL without its slashes gets a hint" {
	reply 'HTTP/2 200 OK\r\n\r\nhello'
	assert_status 10
	assert_one_error "HTTP version that skt does not know: 'HTTP/2 200 OK'"
	local url
	for url in http:127.0.0.1 http:/127.0.0.1 http:127.0.0.1:80/x HTTP:host/; do
		try skt http-get --trace "$url"
		assert_status 2
		assert_one_error 'two slashes belong behind the scheme'
	done
	try skt http-get -H 'X Y: z' http://127.0.0.1:9/
	assert_status 2
	assert_one_error "^skt: http-get: header 'X Y: z'"
	try skt http-get --query =x http://127.0.0.1:9/
	assert_status 2
	assert_one_error "^skt: http-get: query '=x'"
}
