#!/usr/bin/env bats
# connect -u and listen -u: datagrams both ways, with the frames of udp-send and udp-recv.

load helper

# listen_u OPTION...: skt listen -u, its stdin the FIFO `said`, held open on descriptor 8
listen_u() {
	mkfifo said
	exec 8<>said
	start_skt -n server listen -u "$@" 127.0.0.1 0 <said 8>&-
}

@test "listen -u writes what any sender says, and answers the one heard last" {
	listen_u
	mkfifo one two
	exec 6<>one 7<>two
	start first "$SKT" connect -u 127.0.0.1 "$PORT" <one 6>&- 7>&- 8>&-
	start second "$SKT" connect -u 127.0.0.1 "$PORT" <two 6>&- 7>&- 8>&-
	echo from-first >&6
	wait_for has_said server from-first
	echo to-first >&8
	wait_for has_said first to-first
	echo from-second >&7
	wait_for has_said server from-second
	echo to-second >&8
	wait_for has_said second to-second
	! has_said first to-second || complain "the first got what was meant for the second" || return 1
	stop server
	wait_end server
	assert_status 143
	assert_bytes 'from-first\nfrom-second\n'
}

@test "what stdin holds before anyone was heard waits for the first, line by line" {
	printf 'one\ntwo\n' >lines
	start_skt -n server listen -u --linger 300ms 127.0.0.1 0 <lines
	mkfifo said
	exec 8<>said
	start client "$SKT" connect -u --frame line 127.0.0.1 "$PORT" <said 8>&-
	echo here >&8
	wait_for has_said client two
	wait_end server
	assert_status 0
	assert_bytes 'here\n'
	stop client
	wait_end client
	assert_bytes 'one\ntwo\n'
}

@test "listen -u sends nothing by itself, and survives a sender that is gone" {
	listen_u --frame line
	printf 'a' >payload
	"$SKT" udp-send 127.0.0.1 "$PORT" <payload
	wait_for has_said server a
	echo nobody hears this >&8
	"$SKT" udp-send 127.0.0.1 "$PORT" <<<b
	wait_for has_said server b
	running server || complain "the server ended" || return 1
	stop server
	wait_end server
	assert_status 143
	assert_bytes 'a\nb\n'
}

@test "connect -u: a line is a datagram, a reply is written as it came" {
	need python3
	start echo python3 -u -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
open("port.new", "w").write(str(s.getsockname()[1]))
import os
os.rename("port.new", "port")
while True:
    data, sender = s.recvfrom(65536)
    print(len(data))
    s.sendto(data.upper(), sender)'
	wait_for test -e port
	printf 'abc\nde\n' | try skt connect -u --linger 500ms 127.0.0.1 "$(<port)"
	assert_status 0
	assert_bytes 'ABC\nDE\n'
	printf 'abcde' | try skt connect -u --frame size=2 --linger 500ms 127.0.0.1 "$(<port)"
	assert_status 0
	assert_bytes 'ABCDE'
	stop echo
	wait_end echo
	[ "$output" = $'4\n3\n2\n2\n1' ] || complain "sizes: $output"
}

@test "connect -u to nobody: 4 in the end" {
	refused_port udp4
	local limit
	for limit in --linger -w --idle-timeout --deadline '--max-bytes 1 --linger'; do
		# shellcheck disable=SC2086 # words
		try skt connect -u $limit 200ms 127.0.0.1 "$PORT" <<<x
		assert_status 4 || complain "$limit"
		assert_one_error 'Connection refused'
	done
	try skt connect -u -w 200ms 127.0.0.1 "$PORT" </dev/null
	assert_status 6
}

@test "connect -u --max-bytes stops, also in the midst of a datagram" {
	printf 'one\ntwo\n' >lines
	start_skt -n server listen -u 127.0.0.1 0 <lines
	try skt connect -u --max-bytes 5 127.0.0.1 "$PORT" <<<hello
	assert_status 0
	assert_bytes 'one\nt'
}

@test "options of streams and of datagrams are not mixed" {
	try skt connect --frame line 127.0.0.1 9
	assert_status 2
	assert_one_error 'need datagrams'
	try skt listen -u --echo 0
	assert_status 2
	assert_one_error 'datagrams have no clients'
}
