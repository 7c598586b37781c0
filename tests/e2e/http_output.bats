#!/usr/bin/env bats
# http-get -o: FILE is the whole page or what it was before; FILE.part is what came of a page that failed.

load helper
load http

# FILE.part of a transfer that is under way
has_part() {
	[ "$(cat "$1" 2>/dev/null)" = hello ]
}

another_part() {
	[ "$(stat -c %i files/page.part)" != "$1" ] && has_part files/page.part
}

setup() {
	helper_setup
	mkdir files
	umask 022
}

@test "http-get -o: the page is in FILE, nothing on stdout, no .part left" {
	reply "$PAGE" -o files/page
	assert_status 0
	assert_bytes ''
	assert_silent
	holds files/page hello
	[ "$(names)" = page ]
	reply 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n' --output=files/chunked
	holds files/chunked hello
	reply 'HTTP/1.1 200 OK\r\n\r\nhello' -ofiles/close
	holds files/close hello
	answer --raw send 'hello'
	get -0 -o files/bare
	holds files/bare hello
	reply 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' -o files/empty
	holds files/empty ''
	[ "$(names | paste -sd' ')" = 'bare chunked close empty page' ]
}

@test "http-get -o -i: the head is in FILE, too; --max-bytes counts the page" {
	reply "$PAGE" -i -o files/page
	holds files/page "$PAGE"
	reply "$PAGE" -o files/page --max-bytes 2
	assert_status 0
	holds files/page he
}

@test "http-get -o: FILE changes at once and only at the end" {
	echo old >files/page
	answer send "$HALF" wait-file go send ' world, that makes fifty bytes of page altogether'
	printf 'hello world, that makes fifty bytes of page altogether' | head -c 50 >expected
	start get "$SKT" http-get -o files/page "$URL"
	wait_for has_part files/page.part
	holds files/page 'old\n'
	touch go
	wait_end get
	assert_status 0
	assert_same expected files/page
	[ "$(names)" = page ]
}

@test "http-get -o: a new FILE has the mode of the umask, an old one keeps its own" {
	umask 027
	reply "$PAGE" -o files/new
	[ "$(stat -c %a files/new)" = 640 ]
	umask 022
	: >files/secret
	chmod 600 files/secret
	answer send "$HALF" wait-file go
	start get "$SKT" http-get -o files/secret "$URL"
	wait_for has_part files/secret.part
	[ "$(stat -c %a files/secret.part)" = 600 ]
	touch go
	wait_end get
	: >files/program
	chmod 755 files/program
	reply "$PAGE" -o files/program
	[ "$(stat -c %a files/program)" = 755 ]
	holds files/program hello
}

@test "http-get -o: a secret FILE is never readable to others in the making" {
	need strace
	: >files/secret
	chmod 600 files/secret
	answer send "$PAGE"
	under_strace calls http-get -o files/secret "$URL" || skip "strace cannot trace here"
	grep -E 'open(at)?\(.*secret\.part' calls
	lacks 'open(at)?\(.*secret\.part.*0[0-7]*[4567]\)' calls
	[ "$(stat -c %a files/secret)" = 600 ]
}

@test "http-get -o: a short page leaves FILE and keeps FILE.part, status 12" {
	echo old >files/page
	reply "$HALF" -o files/page
	assert_status 12
	assert_bytes ''
	assert_one_error '5 of 50'
	holds files/page 'old\n'
	holds files/page.part hello
	rm files/page
	reply 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhell' -o files/page
	assert_status 12
	[ "$(names)" = page.part ]
	holds files/page.part hell
}

@test "http-get -o: a reset, a bad chunk and a limit leave FILE and keep what came" {
	echo old >files/page
	answer send 'HTTP/1.1 200 OK\r\n\r\nhello' reset
	get -o files/page
	assert_status 7
	holds files/page.part hello
	reply 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhell\r\nzz\r\n' -o files/page
	assert_status 10
	holds files/page.part hell
	answer send "$HALF" recv-until-eof
	get -o files/page --deadline 300ms
	assert_status 6
	holds files/page.part hello
	holds files/page 'old\n'
}

@test "http-get -o: ended by a signal in mid-transfer, FILE is as it was and FILE.part is kept" {
	local signal
	for signal in TERM INT HUP; do
		printf 'old' >files/page
		answer send "$HALF" recv-until-eof
		start "get$signal" env --default-signal=INT,HUP "$SKT" http-get -o files/page "$URL"
		wait_for has_part files/page.part
		stop "get$signal" "$signal"
		wait_end "get$signal"
		assert_status $((128 + $(kill -l "$signal")))
		holds files/page old
		holds files/page.part hello
		rm files/page.part
	done
}

@test "http-get -o: killed outright, FILE is as it was" {
	printf 'old' >files/page
	answer send "$HALF" recv-until-eof
	start get "$SKT" http-get -o files/page "$URL"
	wait_for has_part files/page.part
	stop get KILL
	wait_end get
	holds files/page old
}

@test "http-get -o: the next try that succeeds takes the .part away, whatever it held" {
	reply "$HALF" -o files/page
	assert_status 12
	reply 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok' -o files/page
	assert_status 0
	holds files/page ok
	[ "$(names)" = page ]
}

@test "http-get -o: two at once for one FILE: it is the whole page of the one that succeeds" {
	answer send "$HALF" wait-file go send ' world, that makes fifty bytes of page altogether'
	start first "$SKT" http-get -o files/page "$URL"
	wait_for has_part files/page.part
	answer send "$HALF" recv-until-eof
	inode=$(stat -c %i files/page.part)
	start second "$SKT" http-get -o files/page "$URL"
	wait_for another_part "$inode"
	touch go
	wait_end first
	assert_status 9
	assert_one_error 'files/page'
	[ ! -e files/page ]
	reply "$PAGE" -o files/page
	holds files/page hello
}

@test "http-get -o: FILE.part of an earlier try lends its mode to nobody" {
	: >files/page.part
	chmod 600 files/page.part
	reply "$PAGE" -o files/page
	assert_status 0
	[ "$(stat -c %a files/page)" = 644 ]
}

@test "http-get -o: 400 and above leaves FILE as it was, and makes none, status 11" {
	local rest
	for rest in 'Content-Length: 5\r\n\r\nsorry' '\r\nsorry' 'Transfer-Encoding: chunked\r\n\r\n5\r\nsorry\r\n0\r\n\r\n'; do
		printf 'old' >files/page
		reply "HTTP/1.1 404 Not Found\r\n$rest" -o files/page
		assert_status 11
		assert_one_error '404 Not Found'
		holds files/page old
		[ "$(names)" = page ]
		rm files/page
		reply "HTTP/1.1 500 Oh\r\n$rest" -o files/page -i
		assert_status 11
		[ -z "$(names)" ]
	done
}

@test "http-get -o: no answer, no HTTP, nobody there: FILE is as it was, no .part is made" {
	printf 'old' >files/page
	answer half-close
	get -o files/page
	assert_status 12
	reply 'SSH-2.0-x\r\n' -o files/page
	assert_status 10
	refused_port
	try skt http-get -o files/page "http://127.0.0.1:$PORT/"
	assert_status 4
	holds files/page old
	[ "$(names)" = page ]
}
