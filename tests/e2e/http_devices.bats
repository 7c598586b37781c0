#!/usr/bin/env bats
# http-get: pages into what is no plain file, into what fills up or is not there, and to a stdout that ends.

load helper
load http

setup() {
	helper_setup
	mkdir files
	umask 022
}

@test "http-get -o: a link stays a link, its target becomes the page" {
	mkdir elsewhere
	printf 'old' >elsewhere/target
	ln -s ../elsewhere/target files/link
	reply "$PAGE" -o files/link
	assert_status 0
	[ -L files/link ]
	holds elsewhere/target hello
	[ "$(ls elsewhere)" = target ]
	[ "$(names)" = link ]
}

@test "http-get -o: a link that leads nowhere yet: the page is at its end, or it is refused; the link stays" {
	ln -s target files/link
	reply "$PAGE" -o files/link
	[ -L files/link ]
	if [ "$status" -eq 0 ]; then
		holds files/target hello
	else
		assert_status 9
	fi
}

@test "http-get -o: nobody's link at FILE.part is followed" {
	printf 'precious' >files/other
	ln -s other files/page.part
	reply "$PAGE" -o files/page
	holds files/other precious
	if [ "$status" -eq 0 ]; then
		holds files/page hello
		[ ! -L files/page ]
	else
		assert_status 9
	fi
}

@test "http-get -o: a FIFO at FILE.part does not hang us" {
	mkfifo files/page.part
	answer send "$PAGE"
	LIMIT=5 get -o files/page
	[ "$status" -eq 0 ] || [ "$status" -eq 9 ]
	[ ! -p files/page ]
}

@test "http-get -o FIFO: written directly, the FIFO stays" {
	mkfifo files/fifo
	start reader cat files/fifo
	reply "$PAGE" -o files/fifo
	assert_status 0
	wait_end reader
	assert_bytes 'hello'
	[ "$(names)" = fifo ]
	[ -p files/fifo ]
}

@test "http-get -o FIFO: while it waits for a reader, a signal ends it" {
	mkfifo files/fifo
	answer send "$PAGE"
	start get "$SKT" http-get -o files/fifo "$URL"
	sleep 0.2 # nothing tells that it waits; too early it is the same
	stop get
	wait_end get 5
	assert_status 143
}

@test "http-get -o /dev/null: written directly, and still the device" {
	local before
	before=$(stat -c '%F %t %T %a' /dev/null)
	reply "$PAGE" -o /dev/null
	assert_status 0
	assert_bytes ''
	[ "$(stat -c '%F %t %T %a' /dev/null)" = "$before" ]
	[ ! -e /dev/null.part ]
	reply 'HTTP/1.1 404 No\r\n\r\nsorry' -o /dev/null
	assert_status 11
	reply "$HALF" -o /dev/null
	assert_status 12
}

@test "http-get: a full disk is status 9 and names it, for FILE and for stdout" {
	reply "$PAGE" -o /dev/full
	assert_status 9
	assert_one_error '^skt: http-get: .*/dev/full.*No space left'
	answer send "$PAGE"
	status=0
	skt http-get "$URL" >/dev/full 2>"$ERR" || status=$?
	assert_status 9
	assert_one_error 'No space left'
}

@test "http-get -o: a disk that fills up in mid-page: 9, FILE as it was" {
	[ "$(id -u)" -eq 0 ] || skip "only root may mount"
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m true 2>/dev/null || skip "no mount namespaces here"
	answer send 'HTTP/1.1 200 OK\r\nContent-Length: 4194304\r\n\r\n' send-forever
	# shellcheck disable=SC2016 # for the inner shell
	try unshare -m timeout 20 sh -c 'mount -t tmpfs -o size=256k tmpfs files || exit 77
		printf old >files/page
		"$1" http-get -o files/page "$2"
		status=$?
		cat files/page
		ls files/page.part
		exit $status' sh "$SKT" "$URL"
	[ "$status" -ne 77 ] || skip "no tmpfs here"
	assert_status 9
	assert_one_error '^skt: http-get: .*files/page.*No space left'
	assert_output 'oldfiles/page.part'
}

@test "http-get -o: a limit of the size of files is 9, not a death" {
	answer send 'HTTP/1.1 200 OK\r\n\r\n' send-zeros 200K
	# shellcheck disable=SC2016 # for the inner shell
	try timeout 20 bash -c 'ulimit -f 16; exec "$1" http-get -o files/page "$2"' bash "$SKT" "$URL"
	assert_status 9
	assert_error 'File too large'
	[ ! -e files/page ]
}

@test "http-get -o: a FILE that cannot be made is 9 and named: a folder, a missing folder, a .part that is a folder" {
	reply "$PAGE" -o files
	assert_status 9
	assert_one_error 'files.*directory'
	reply "$PAGE" -o files/none/page
	assert_status 9
	assert_one_error 'files/none/page.*No such file'
	mkdir files/page.part
	reply "$PAGE" -o files/page
	assert_status 9
	assert_one_error 'files/page.*directory'
	[ "$(names)" = page.part ]
}

@test "http-get -o: names with spaces, bytes and a dash in front" {
	local name
	for name in 'a b' $'a\nb' 'ä%s'; do
		reply "$PAGE" -o "files/$name"
		assert_status 0
		holds "files/$name" hello
	done
	cd files
	reply "$PAGE" -o -dash
	assert_status 0
	holds ./-dash hello
	reply "$HALF" -o $'x\e[1m'
	assert_status 12
	lacks $'\e' "$ERR"
}

@test "http-get -o with stdout and stdin closed" {
	answer send "$PAGE"
	status=0
	skt http-get -o files/page "$URL" <&- >&- 2>"$ERR" || status=$?
	assert_status 0
	holds files/page hello
}

@test "http-get: the reader of stdout goes away: 141, without a word" {
	answer send 'HTTP/1.1 200 OK\r\n\r\n' send-forever
	{
		status=0
		skt http-get "$URL" 2>"$ERR" || status=$?
		echo "$status" >code
	} | head -c 10 >/dev/null
	wait_for test -s code
	[ "$(<code)" -eq 141 ]
	assert_silent
}

@test "http-get: stdout is a file that grows (>>): appended, not overwritten" {
	printf 'old,' >log
	answer send "$PAGE" again
	skt http-get "$URL" >>log
	skt http-get "$URL" >>log
	holds log 'old,hellohello'
}
