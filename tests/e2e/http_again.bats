#!/usr/bin/env bats
# http-get --continue and pages that change: the rest of one is never joined to another. And what is no page to keep.

load helper
load http

setup() {
	helper_setup
	mkdir files
	umask 022
}

NEW='Date: Mon, 07 Nov 1994 08:49:37 GMT\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n'
LATER='Date: Wed, 09 Nov 1994 08:49:37 GMT\r\nLast-Modified: Tue, 08 Nov 1994 08:49:37 GMT\r\n'
NOW='Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n'

# Whether the request that the last server saw holds this line.
asked() {
	grep -aqx -- "$1"$'\r' "server$ANSWERS.out" || complain "the request lacks '$1'" "server$ANSWERS.out"
}

# The file system has to keep attributes.
need_attributes() {
	need python3
	: >files/probe
	python3 -c 'import os; os.setxattr("files/probe", "user.skt.validator", b"x")' 2>/dev/null ||
		skip 'the file system of the test keeps no extended attributes'
	rm files/probe
}

# cut_page FIELDS: a page of 12 bytes with these fields breaks off after 5
cut_page() {
	reply "HTTP/1.1 200 OK\\r\\n$1Content-Length: 12\\r\\n\\r\\nhello" -o files/page
	assert_status 12
	holds files/page.part hello
}

# rest FIELDS: a 206 for what is missing
rest() {
	reply "HTTP/1.1 206 P\\r\\n$1Content-Range: bytes 5-11/12\\r\\nContent-Length: 7\\r\\n\\r\\n, world" -c -o files/page
}

@test "http-get -c: the ETag of the first try is the If-Range of the next, and FILE keeps it" {
	need_attributes
	cut_page "ETag: \"a-1\"\\r\\n$NEW"
	rest "ETag: \"a-1\"\\r\\n"
	assert_status 0
	assert_silent
	asked 'Range: bytes=5-'
	asked 'If-Range: "a-1"'
	holds files/page 'hello, world'
	[ "$(names)" = page ]
	reply 'HTTP/1.1 416 No\r\nContent-Range: bytes */12\r\nContent-Length: 0\r\n\r\n' -c -o files/page
	assert_status 0
	asked 'If-Range: "a-1"'
	holds files/page 'hello, world'
}

@test "http-get -c: without an ETag it is Last-Modified, if the page was then a second old" {
	need_attributes
	cut_page "$NEW"
	rest "$NEW"
	assert_status 0
	asked 'If-Range: Sun, 06 Nov 1994 08:49:37 GMT'
	rm files/page
	local weak
	for weak in "$NOW" 'ETag: W/"a-1"\r\n'; do
		cut_page "$weak"
		rest "$weak"
		assert_status 0
		asked 'Range: bytes=5-'
		lacks If-Range "server$ANSWERS.out"
		holds files/page 'hello, world'
		rm files/page
	done
}

@test "http-get -c: a page that has changed comes whole" {
	need_attributes
	cut_page 'ETag: "a-1"\r\n'
	reply 'HTTP/1.1 200 OK\r\nETag: "b-2"\r\nContent-Length: 8\r\n\r\nanother' -c -o files/page
	assert_status 12
	holds files/page.part another
	reply 'HTTP/1.1 206 P\r\nContent-Range: bytes 7-7/8\r\nContent-Length: 1\r\n\r\n!' -c -o files/page
	assert_status 0
	asked 'If-Range: "b-2"'
	holds files/page 'another!'
}

@test "http-get -c: a 206 of another page, from a server that does not know If-Range: all of it is asked for" {
	need_attributes
	cat >changing.py <<-'END'
		import re, socket
		server = socket.create_server(('127.0.0.1', 0))
		print('port', server.getsockname()[1], flush=True)
		while True:
		    client = server.accept()[0]
		    asked = client.recv(65536).decode()
		    print(asked, flush=True)
		    start = re.search('Range: bytes=([0-9]+)-', asked)
		    page = 'another page'
		    head = 'HTTP/1.1 200 OK'
		    if start:
		        head = 'HTTP/1.1 206 P\r\nContent-Range: bytes %s-11/12' % start[1]
		        page = page[int(start[1]):]
		    client.sendall(('%s\r\nETag: W/"b-2"\r\nContent-Length: %d\r\n\r\n%s' % (head, len(page), page)).encode())
		    client.close()
	END
	cut_page 'ETag: W/"a-1"\r\n'
	start changing python3 changing.py
	printed_port changing 'port ([0-9]+)'
	get -c -o files/page --stats
	assert_status 0
	assert_one_error 'sent [0-9]+ bytes, received 66 bytes' # the second answer alone
	holds files/page 'another page'
	[ "$(grep -c '^Range' changing.out)" -eq 1 ]
	cut_page 'ETag: W/"b-2"\r\n' # the same page, though its bytes here are not
	start changed python3 changing.py
	printed_port changed 'port ([0-9]+)'
	get -c -o files/page
	assert_status 0
	holds files/page 'helloer page'
}

@test "http-get -c: a 416 that does not tell the length: the last byte at hand tells whether it is complete" {
	need python3
	cat >short.py <<-'END'
		import re, socket, sys
		server = socket.create_server(('127.0.0.1', 0))
		print('port', server.getsockname()[1], flush=True)
		while True:
		    client = server.accept()[0]
		    start = int(re.search('Range: bytes=([0-9]+)-', client.recv(65536).decode())[1])
		    length = int(sys.argv[1])
		    if start >= length:
		        client.sendall(b'HTTP/1.1 416 No\r\nContent-Length: 2\r\n\r\nno')
		    else:
		        client.sendall(b'HTTP/1.1 206 P\r\nContent-Range: bytes %d-%d/%d\r\n\r\no' % (start, length - 1, length))
		    client.close()
	END
	printf hello >files/page
	start five python3 short.py 5
	printed_port five 'port ([0-9]+)'
	get -c -o files/page
	assert_status 0
	assert_silent
	holds files/page hello
	mv files/page files/page.part
	get -c -o files/page
	assert_status 0
	holds files/page hello
	start four python3 short.py 4
	printed_port four 'port ([0-9]+)'
	get -c -o files/page
	assert_status 11
	assert_one_error 'answered 416 No'
	holds files/page hello
}

@test "http-get -c: what another program left, or a server without validators, is gone on with as before" {
	printf hello >files/page.part
	rest 'ETag: "a-1"\r\n'
	assert_status 0
	lacks If-Range "server$ANSWERS.out"
	holds files/page 'hello, world'
	rm files/page
	cut_page ''
	rest ''
	assert_status 0
	lacks If-Range "server$ANSWERS.out"
	rm files/page
	cut_page 'ETag: not an entity tag\r\n'
	rest 'ETag: "x"\r\n'
	assert_status 0
	lacks If-Range "server$ANSWERS.out"
}

@test "http-get -c: what FILE goes on with is known from then on; an attribute of nonsense is not sent" {
	need_attributes
	printf hello >files/page
	reply 'HTTP/1.1 206 P\r\nETag: "a-1"\r\nContent-Range: bytes 5-11/12\r\nContent-Length: 7\r\n\r\n, wo' -c -o files/page
	assert_status 12
	lacks If-Range "server$ANSWERS.out"
	reply 'HTTP/1.1 206 P\r\nContent-Range: bytes 9-11/12\r\nContent-Length: 3\r\n\r\nrld' -c -o files/page
	assert_status 0
	asked 'If-Range: "a-1"'
	holds files/page 'hello, world'
	python3 -c 'import os; os.setxattr("files/page", "user.skt.validator", b"\"a\"\r\nEvil: \"1\"")'
	reply 'HTTP/1.1 416 No\r\nContent-Range: bytes */12\r\nContent-Length: 0\r\n\r\n' -c -o files/page
	assert_status 0
	lacks 'If-Range|Evil' "server$ANSWERS.out"
}

@test "http-get -c and nginx: gone on with by its ETag; changed meanwhile it comes anew" {
	need_attributes
	web nginx
	head -c 300000 /dev/urandom >www/slow.bin
	start get "$SKT" http-get "${URL}slow/slow.bin" -o files/page
	wait_for test -s files/page.part
	stop get TERM
	wait_end get
	cp -a files/page.part kept
	local held
	held=$(stat -c %s files/page.part)
	try skt http-get -v -c "${URL}slow.bin" -o files/page
	assert_status 0
	assert_same www/slow.bin files/page
	grep -q "$((300000 - held))\|received" "$ERR"
	rm files/page
	cp --preserve=all kept files/page.part
	head -c 310000 /dev/urandom >www/slow.bin
	touch -d '2001-01-01' www/slow.bin
	try skt http-get -c "${URL}slow.bin" -o files/page
	assert_status 0
	assert_same www/slow.bin files/page
}

@test "http-get -o: 304 leaves FILE as it was; without one the page is empty" {
	printf old >files/page
	reply 'HTTP/1.1 304 Same\r\nETag: "a"\r\n\r\n' -o files/page -H 'If-None-Match: "a"'
	assert_status 0
	assert_silent
	holds files/page old
	reply 'HTTP/1.1 304 Same\r\n\r\n' -o files/new
	assert_status 0
	holds files/new ''
	[ "$(names | paste -sd' ')" = 'new page' ]
}

@test "http-get: a part of a page that nobody asked for is status 12, and never FILE" {
	printf old >files/page
	local part='HTTP/1.1 206 P\r\nContent-Range: bytes 0-4/12\r\nContent-Length: 5\r\n\r\nhello'
	reply "$part"
	assert_status 12
	assert_bytes hello
	reply "$part" -o files/page
	assert_status 12
	holds files/page old
	holds files/page.part hello
	reply 'HTTP/1.1 206 P\r\nContent-Range: bytes 5-11/12\r\nContent-Length: 7\r\n\r\n, world' -o files/page
	assert_status 10
	reply 'HTTP/1.1 206 P\r\nContent-Range: bytes 0-4/5\r\nContent-Length: 5\r\n\r\nhello' -o files/page
	assert_status 0
	holds files/page hello
	reply "$part" -H 'Range: bytes=0-4' # its author knows
	assert_status 0
	assert_bytes hello
}

@test "http-get -o -, /dev/stdout and a descriptor of a pipe: written there" {
	cd files
	reply "$PAGE" -o -
	assert_status 0
	assert_bytes hello
	answer send "$PAGE" again
	[ "$(skt http-get -o /dev/stdout "$URL" | cat)" = hello ]
	skt http-get -o >(cat >got) "$URL"
	wait_for test -s got
	holds got hello
	try skt http-get --trace -c -o - http://127.0.0.1:9/
	assert_status 2
	assert_one_error "'-' is standard output"
}

@test "http-get -o: a name that is too long with its .part: 9, before anything opens; set-id bits are not handed on" {
	LIMIT=5 try skt http-get --trace -o "files/$(printf 'n%.0s' {1..255})" http://127.0.0.1:9/
	assert_status 9
	assert_one_error 'File name too long'
	printf old >files/page
	chmod 6755 files/page
	reply "$PAGE" -o files/page
	assert_status 0
	[ "$(stat -c %a files/page)" = 755 ]
}
