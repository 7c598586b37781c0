#!/usr/bin/env bats
# --ready-fd and --ready-file: scripts learn when a server is ready, and never sleep again.

load helper

@test "ready: --ready-fd gets one line once listening, and is closed" {
	mkfifo pipe
	local address port rest
	exec 8<>pipe # opening a FIFO for one direction alone would wait for the other
	start server "$SKT" listen --ready-fd 7 127.0.0.1 0 7>pipe 8<&-
	exec 9<pipe 8>&-
	read -r -t 10 address port rest <&9 || complain 'no line in 10 s'
	[ "$address" = 127.0.0.1 ] && [ "$port" -gt 0 ] && [ -z "$rest" ] || complain "ready: '$address $port $rest'"
	# The end of the pipe comes while the server still waits.
	run -0 timeout 10 cat <&9
	[ -z "$output" ]
	running server
	try skt connect "$address" "$port"
	assert_status 0
	wait_end server
	assert_status 0
}

@test "ready: the line is there only after listen(2)" {
	need strace
	strace -o /dev/null true 2>/dev/null || skip 'strace does not work here'
	try under_strace trace listen --ready-fd 7 --accept-timeout 10ms 127.0.0.1 0 7>seven
	assert_status 6
	grep -qE '^127\.0\.0\.1 [0-9]+$' seven
	[ "$(grep -nE 'listen\(' trace | cut -d: -f1)" -lt "$(grep -nE 'write\(7, "127' trace | cut -d: -f1)" ]
	try under_strace trace udp-recv --ready-fd 7 --deadline 10ms 127.0.0.1 0 7>seven
	assert_status 0
	grep -qE '^127\.0\.0\.1 [0-9]+$' seven
	[ "$(grep -nE 'bind\(' trace | cut -d: -f1)" -lt "$(grep -nE 'write\(7, "127' trace | cut -d: -f1)" ]
}

@test "ready: the address of every family" {
	try skt listen --ready-file file --accept-timeout 10ms 127.0.0.1 0
	assert_status 6
	grep -qxE '127\.0\.0\.1 [1-9][0-9]*' file
	try skt unix -l --ready-file file --accept-timeout 10ms "$BATS_TEST_TMPDIR/sock"
	assert_status 6
	[ "$(<file)" = "$BATS_TEST_TMPDIR/sock" ]
	try skt unix -l --ready-file file --accept-timeout 10ms "@$BATS_TEST_TMPDIR/abstract"
	assert_status 6
	[ "$(<file)" = "@$BATS_TEST_TMPDIR/abstract" ]
	need_ipv6
	try skt listen --ready-file file --accept-timeout 10ms ::1 0
	assert_status 6
	grep -qxE '::1 [1-9][0-9]*' file
	try skt listen --ready-file file --accept-timeout 10ms 0
	assert_status 6
	grep -qxE ':: [1-9][0-9]*' file
}

@test "ready: the file appears by rename, whole, in place of an older one" {
	need strace
	strace -o /dev/null true 2>/dev/null || skip 'strace does not work here'
	echo 'an older and much longer line than the new one will ever be' >file
	ln file old
	try under_strace trace listen --ready-file file --accept-timeout 10ms 127.0.0.1 0
	assert_status 6
	grep -qxE '127\.0\.0\.1 [1-9][0-9]*' file
	[ "$(wc -l <file)" -eq 1 ]
	grep -qE 'rename(at2?)?\(.*"file"' trace || complain 'no rename' trace
	run ! grep -E 'open(at)?\(.*"file", .*O_(WRONLY|RDWR)' trace
	[ "$(<old)" = 'an older and much longer line than the new one will ever be' ]
	local left
	left=$(find . -maxdepth 1 -name 'file?*')
	[ -z "$left" ] || complain "left behind: $left"
}

@test "ready: a place that cannot be written is 9, and nobody is served" {
	try skt listen --ready-file missing/file --accept-timeout 5s 127.0.0.1 0
	assert_status 9
	assert_error '^skt: listen: .*missing/file.*No such file or directory'
	try skt listen --ready-fd 77 --accept-timeout 5s 127.0.0.1 0
	assert_status 9
	assert_error '^skt: listen: .*--ready-fd 77.*Bad file descriptor'
	try skt unix -l --ready-file missing/file --accept-timeout 5s sock
	assert_status 9
	[ ! -e sock ] || complain 'the socket is left behind'
	try skt listen --ready-file "$BATS_TEST_TMPDIR" --accept-timeout 5s 127.0.0.1 0
	assert_status 9
	[ -z "$(find . -maxdepth 1 -name 'test*.[0-9]*')" ] || complain 'a part is left behind'
}

@test "ready: usage" {
	local bad
	for bad in -1 x '' 99999999999; do
		try skt listen --ready-fd "$bad" 127.0.0.1 0
		assert_status 2
		assert_one_error "--ready-fd.*try 'skt listen --help'"
	done
	try skt listen --ready-file '' 127.0.0.1 0
	assert_status 2
	try skt unix --ready-file file sock
	assert_status 2
	assert_one_error "'--ready-file' needs '--listen'"
}

@test "ready: stdout as the ready descriptor stays usable for data" {
	start server "$SKT" listen --ready-fd 1 127.0.0.1 0
	wait_for grep -q '^127' server.out
	read -r ADDRESS PORT <server.out
	try skt connect "$ADDRESS" "$PORT" <<<data
	assert_status 0
	wait_end server
	assert_status 0
	assert_output "127.0.0.1 $PORT
data"
}

@test "ready: nothing is told when nothing could be bound" {
	start_peer taken tcp4 accept
	try skt listen --ready-file file --ready-fd 7 127.0.0.1 "$PORT" 7>seven
	assert_status 8
	[ ! -e file ]
	[ ! -s seven ]
}

@test "ready: who ends a server as soon as it is ready ends it in order" {
	need strace pgrep
	sanitized && skip 'strace and the leak checker do not go together'
	# The moment between the two, made long.
	start server strace -f -o calls -e trace=epoll_create1 -e inject=epoll_create1:delay_enter=300000 \
		"$SKT" unix -l --ready-file server.ready "$PWD/socket"
	wait_ready server
	kill -TERM "$(pgrep -P "${PIDS[server]}")"
	wait_end server
	assert_status 143
	assert_error '^skt: unix: ended by signal 15'
	[ ! -e socket ]
}
