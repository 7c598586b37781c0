#!/usr/bin/env bats
# connect --pass-fd: the connected socket goes over standard output.

load helper

# Runs skt connect with a unix socket as its standard output and takes what comes: the status, the byte, and how many
# descriptors; then it talks over the descriptor. taker TYPE skt-arguments...
write_taker() {
	cat >taker.py <<-'END'
		import array, os, socket, subprocess, sys
		here, there = socket.socketpair(socket.AF_UNIX, getattr(socket, sys.argv[1]))
		run = subprocess.run([os.environ['SKT'], 'connect', '--pass-fd'] + sys.argv[2:], stdout=there, timeout=20)
		there.close()
		data, fds, flags, _ = socket.recv_fds(here, 16, 4)
		print(run.returncode, data, len(fds), flush=True)
		if fds:
		    print('blocking' if os.get_blocking(fds[0]) else 'non-blocking')
		    got = socket.socket(fileno=fds[0])
		    got.sendall(b'ping')
		    got.shutdown(socket.SHUT_WR)
		    text = b''
		    while part := got.recv(100):
		        text += part
		    print(text.decode(), flush=True)
	END
}

@test "pass-fd: the socket arrives in blocking mode, with all that the peer says" {
	local type
	need python3
	export SKT
	write_taker
	for type in SOCK_STREAM SOCK_SEQPACKET SOCK_DGRAM; do
		start_peer "$type" tcp4 send 'hello ' expect ping expect-eof send bye close
		try timeout 25 python3 taker.py "$type" 127.0.0.1 "$PORT"
		assert_status 0
		assert_silent
		assert_output $'0 b\'\\x00\' 1\nblocking\nhello bye'
	done
}

@test "pass-fd: through a proxy, whose first bytes of the tunnel are the taker's" {
	need python3
	export SKT
	write_taker
	start_peer proxy tcp4 recv 3 send '\x05\x00' recv 21 send '\x05\0\0\x01\0\0\0\0\0\0early ' expect ping expect-eof send bye close
	try timeout 25 python3 taker.py SOCK_STREAM --proxy "socks5://127.0.0.1:$PORT" target.example 80
	assert_status 0
	assert_output $'0 b\'\\x00\' 1\nblocking\nearly bye'
	refused_port
	try timeout 25 python3 taker.py SOCK_STREAM 127.0.0.1 "$PORT"
	assert_output '4 b'"''"' 0'
	assert_error 'Connection refused'
}

@test "pass-fd: ssh takes it (ProxyUseFdpass)" {
	need ssh
	start_peer sshd tcp4 send 'SSH-2.0-peer\r\n' recv-until 'SSH-2.0' close
	try timeout 25 ssh -F none -o BatchMode=yes -o ProxyUseFdpass=yes -o "ProxyCommand '$SKT' connect --pass-fd %h %p" -p "$PORT" 127.0.0.1
	assert_status 255
	wait_end sshd
	assert_status 0
}

@test "pass-fd: standard output that is no unix socket is 9, and nothing is opened" {
	try skt connect --trace --pass-fd 127.0.0.1 9
	assert_status 9
	assert_one_error '^skt: connect: --pass-fd: standard output is no unix socket'
	local status=0
	skt connect --trace --pass-fd 127.0.0.1 9 >&- 2>"$ERR" || status=$?
	[ "$status" -eq 9 ]
	[ "$(wc -l <"$ERR")" -eq 1 ]
	need python3
	try timeout 25 python3 -c '
import socket, subprocess, sys
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
sys.exit(subprocess.run([sys.argv[1], "connect", "--pass-fd", "127.0.0.1", "9"], stdout=client).returncode)' "$SKT"
	assert_status 9
}

@test "pass-fd: a reader that is gone ends it quietly with 141" {
	need python3
	start_peer peer tcp4 expect-eof
	try timeout 25 python3 -c '
import socket, subprocess, sys
here, there = socket.socketpair()
here.close()
sys.exit(subprocess.run([sys.argv[1], "connect", "--pass-fd", "127.0.0.1", sys.argv[2]], stdout=there).returncode)' "$SKT" "$PORT"
	assert_status 141
	assert_silent
}

@test "pass-fd: what would do nothing beside it is refused" {
	local option
	for option in --recv-only --send-only --no-half-close --hold '--linger 1' '--max-bytes 1' '--rate 1' --crlf --telnet \
		'--buffer-size 1K' '--idle-timeout 1' --progress --no-progress --stats '--exec true' -z '--frame all -u'; do
		# shellcheck disable=SC2086 # several words
		try skt connect --trace --pass-fd $option 127.0.0.1 9
		assert_status 2
		assert_one_error "pass-fd"
	done
	try skt connect --trace --pass-fd 127.0.0.1 9 -- true
	assert_status 2
	assert_one_error pass-fd
}
