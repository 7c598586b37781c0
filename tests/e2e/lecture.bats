#!/usr/bin/env bats
# The lecture that skt comes from: its server and its calls (socket, bind, listen, accept, connect, connect_ex, send,
# sendall, sendto, recv, recvfrom) as things to type.

load helper

setup() {
	helper_setup
	printf '<html>\n<head>\n\t<title>5062CEM - Networking Demo</title>\n</head>\n<body>\nHello, welcome to 5062CEM!</body>\n' >bare
	sed 's/Hello, welcome/Hello Ian Cornelius, and welcome/' bare >greeting
}

# The lecturer's server, on port P: a GET line, a bare page, the end. FAMILY: inet or inet6. What was asked is in requests.
lecture() {
	need python3
	cat >lecture.py <<-'END'
		import os, socket, sys
		family = {"inet": socket.AF_INET, "inet6": socket.AF_INET6}[sys.argv[1]]
		pages = {b"GET /5062CEM.php\r\n": "bare", b"GET /5062CEM.php?lecturer=Ian%20Cornelius \r\n": "greeting",
		         b"GET /5062CEM.php?lecturer=Ian%20Cornelius\r\n": "greeting"}
		server = socket.socket(family, socket.SOCK_STREAM, 0)
		server.bind((sys.argv[2], 0))
		server.listen(5)
		with open("lecture.part", "w") as ready:
		    print(sys.argv[2], server.getsockname()[1], file=ready)
		os.rename("lecture.part", "lecture.ready")
		while True:
		    client, address = server.accept()
		    request = b""
		    while not request.endswith(b"\n"):
		        some = client.recv(100)
		        if not some:
		            break
		        request += some
		    with open("requests", "ab") as log:
		        log.write(request)
		    client.sendall(open(pages[request], "rb").read() if request in pages else b"what?\n")
		    client.shutdown(socket.SHUT_WR)
		    while client.recv(100): # a close with unread bytes would be a reset
		        pass
		    client.close()
	END
	start lecture python3 lecture.py "${1:-inet}" "${2:-127.0.0.1}" && wait_ready lecture
	URL=http://127.0.0.1:$PORT/5062CEM.php
}

asked_for() {
	printf '%s\r\n' "$1" | cmp - requests
}

@test "lecture: GET /5062CEM.php, by http-get -0" {
	lecture
	try skt http-get -0 "$URL"
	assert_status 0
	assert_same bare "$OUT"
	assert_silent
	asked_for 'GET /5062CEM.php'
}

@test "lecture: the lecturer's name, encoded by hand and by --query" {
	lecture
	try skt http-get -0 "$URL?lecturer=Ian%20Cornelius"
	assert_status 0
	assert_same greeting "$OUT"
	asked_for 'GET /5062CEM.php?lecturer=Ian%20Cornelius'
	rm requests
	try skt http-get -0 --query 'lecturer=Ian Cornelius' "$URL"
	assert_status 0
	assert_same greeting "$OUT"
	assert_silent
	asked_for 'GET /5062CEM.php?lecturer=Ian%20Cornelius'
}

@test "lecture: both lines through skt connect" {
	lecture
	printf 'GET /5062CEM.php\r\n' | try skt connect 127.0.0.1 "$PORT"
	assert_status 0
	assert_same bare "$OUT"
	printf 'GET /5062CEM.php?lecturer=Ian%%20Cornelius \r\n' | try skt connect 127.0.0.1 "$PORT"
	assert_status 0
	assert_same greeting "$OUT"
	assert_silent
	printf 'GET /5062CEM.php\r\nGET /5062CEM.php?lecturer=Ian%%20Cornelius \r\n' | cmp - requests
}

@test "lecture: recv(10) is --max-bytes 10, of a raw line and of a page" {
	lecture
	printf 'GET /5062CEM.php\r\n' | try skt connect 127.0.0.1 "$PORT" --max-bytes 10
	assert_status 0
	assert_bytes '<html>\n<he'
	assert_silent
	try skt http-get -0 --max-bytes 10 "$URL"
	assert_status 0
	assert_bytes '<html>\n<he'
}

@test "lecture: AF_INET, dotted, in 32 bits, in decimal, by name; -v tells the triple" {
	lecture
	local host
	for host in 127.0.0.1 0x7F000001 0x7f000001 2130706433; do
		printf 'GET /5062CEM.php\r\n' | try skt connect -v "$host" "$PORT"
		assert_status 0
		assert_same bare "$OUT"
		assert_error "^skt: connect: connected to 127\.0\.0\.1:$PORT from 127\.0\.0\.1:[0-9]+ \(inet stream tcp\)$"
		try skt http-get -0 "http://$host:$PORT/5062CEM.php"
		assert_status 0
		assert_same bare "$OUT"
	done
	printf 'GET /5062CEM.php\r\n' | try skt connect -4 localhost "$PORT"
	assert_same bare "$OUT"
}

@test "lecture: AF_INET6 in full form, ::ffff:127.0.0.1 spelled out" {
	need_ipv6
	local full=0000:0000:0000:0000:0000:ffff:7f00:0001
	lecture
	printf 'GET /5062CEM.php\r\n' | try skt connect --trace -v "$full" "$PORT"
	assert_status 0
	assert_same bare "$OUT"
	assert_error 'socket\(AF_INET6, SOCK_STREAM, '
	try skt http-get -0 "http://[$full]:$PORT/5062CEM.php"
	assert_status 0
	assert_same bare "$OUT"
	printf 'GET /5062CEM.php\r\n' | try skt connect --family inet6 "[$full]:$PORT"
	assert_status 0
	assert_same bare "$OUT"
	try skt connect -4 "$full" "$PORT"
	assert_status 2
}

@test "lecture: AF_INET6, ::1 in full form" {
	need_ipv6
	lecture inet6 ::1
	printf 'GET /5062CEM.php\r\n' | try skt connect -v 0000:0000:0000:0000:0000:0000:0000:0001 "$PORT"
	assert_status 0
	assert_same bare "$OUT"
	assert_error "connected to \[::1\]:$PORT "
}

@test "lecture: AF_UNIX, both ends" {
	start_skt unix -l ./demo.sock <bare
	try skt unix -v ./demo.sock </dev/null
	assert_status 0
	assert_same bare "$OUT"
	assert_error 'unix stream'
	wait_end skt
	assert_status 0
	[ ! -e demo.sock ]
}

@test "lecture: SOCK_STREAM and SOCK_DGRAM, protocol 0" {
	lecture
	printf 'GET /5062CEM.php\r\n' | try skt connect --type stream --protocol 0 --trace 127.0.0.1 "$PORT"
	assert_status 0
	assert_same bare "$OUT"
	assert_error 'socket\(AF_INET, SOCK_STREAM, 0\) = [0-9]+$'
	start_peer one udp4 recv-datagram send 'hello to you'
	try skt connect --type dgram --protocol 0 --trace --max-bytes 12 127.0.0.1 "$PORT" <<<hello
	assert_status 0
	assert_bytes 'hello to you'
	assert_error 'socket\(AF_INET, SOCK_DGRAM, 0\) = [0-9]+$'
	wait_end one
	assert_output '6 hello\n'
	start_skt listen --protocol 0 127.0.0.1 0 <bare
	try nc -w 5 127.0.0.1 "$PORT"
	assert_same bare "$OUT"
}

@test "lecture: protocol 0 for the commands of datagrams" {
	start_skt udp-recv --protocol 0 --trace --count 1 127.0.0.1 0
	try skt udp-send --protocol 0 --trace 127.0.0.1 "$PORT" <<<hello
	assert_status 0
	assert_error 'socket\(AF_INET, SOCK_DGRAM, 0\) = [0-9]+$'
	wait_end skt
	assert_bytes 'hello\n'
	assert_error 'socket\(AF_INET, SOCK_DGRAM, 0\) = [0-9]+$'
}

@test "lecture: bind, listen(5), accept with the client's address" {
	need strace nc
	start_skt listen --backlog 5 -v --trace 127.0.0.1 0 <bare
	try nc -w 5 -v 127.0.0.1 "$PORT" </dev/null
	assert_same bare "$OUT"
	wait_end skt
	assert_status 0
	assert_error "bind\([0-9]+, 127\.0\.0\.1:0\) = 0$"
	assert_error 'listen\([0-9]+, 5\) = 0$'
	assert_error "accept\([0-9]+\) = [0-9]+, 127\.0\.0\.1:[0-9]+$"
	assert_error "^skt: listen: listening on 127\.0\.0\.1:$PORT"
	assert_error "^skt: listen: accepted .*127\.0\.0\.1:[0-9]+"
	# The port that accept told is the one that nc had.
	sed -nE 's/.*accept\([0-9]+\) = [0-9]+, 127\.0\.0\.1:([0-9]+)$/\1/p' "$ERR" >port
	grep -E "accepted .*127\.0\.0\.1:$(<port)" "$ERR"
	ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" \
		start backlog timeout -k 5 30 strace -f -e trace=listen -o calls "$SKT" listen --backlog 7 --ready-file ready 127.0.0.1 0
	wait_for test -s ready
	grep -E 'listen\([0-9]+, 7\)' calls
}

@test "lecture: the client's address under -v is the one it bound" {
	need python3
	start_skt listen -v 127.0.0.1 0
	try python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.connect(("127.0.0.1", int(sys.argv[1])))
print("%s:%d" % s.getsockname())' "$PORT"
	client=$output
	wait_end skt
	assert_error "accepted .*$client"
}

@test "lecture: connect_ex is the exit status: refused 4, no such name 3, a black hole 6" {
	refused_port
	try skt connect 127.0.0.1 "$PORT"
	assert_status 4
	assert_bytes ''
	assert_one_error "^skt: connect: .*127\.0\.0\.1:$PORT.*refused"
	# Too long for a question to a name server: nothing leaves the machine.
	name=no-such-name-$(printf 'n%.0s' {1..60})
	try skt connect "$name" 80
	assert_status 3
	assert_one_error '^skt: connect: .*no-such-name'
	silent_port
	local started=$SECONDS
	try skt connect --connect-timeout 300ms 127.0.0.1 "$PORT"
	assert_status 6
	assert_one_error '^skt: connect: .*limit of 0\.3 s'
	[ $((SECONDS - started)) -lt 8 ]
	try skt connect -w 300ms 127.0.0.1 "$PORT"
	assert_status 6
	start_peer ready tcp4 recv-until-eof
	try skt connect 127.0.0.1 "$PORT"
	assert_status 0
}

@test "lecture: sendto and recvfrom are udp-send and udp-recv --from" {
	start_skt udp-recv --from --count 2 127.0.0.1 0
	printf 'hello\nagain\n' | try skt udp-send -v 127.0.0.1 "$PORT"
	assert_status 0
	wait_end skt
	assert_status 0
	assert_match '^127\.0\.0\.1 [0-9]+ hello$'
	assert_match '^127\.0\.0\.1 [0-9]+ again$'
	[ "$(wc -l <"$OUT")" -eq 2 ]
}

@test "lecture: sendto and recvfrom across python's sockets" {
	need python3
	start_skt udp-recv --from --count 1 127.0.0.1 0
	try python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
s.sendto(b"from python\n", ("127.0.0.1", int(sys.argv[1])))
print(s.getsockname()[1])' "$PORT"
	client=$output
	wait_end skt
	assert_bytes "127.0.0.1 $client from python\n"
	start python python3 -u -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])
data, address = s.recvfrom(1000)
print(data, address[0])'
	wait_for test -s python.out
	try skt udp-send 127.0.0.1 "$(<python.out)" <<<'to python'
	assert_status 0
	wait_end python
	[ "$(tail -1 "$OUT")" = "b'to python\\n' 127.0.0.1" ]
}

@test "lecture: sendall, a short send is continued until the slow reader has all" {
	head -c 3M /dev/urandom >data
	start_peer slow tcp4 rcvbuf 4096 copy recv-slowly 32K 1
	try skt connect --send-buffer 8K 127.0.0.1 "$PORT" <data
	assert_status 0
	wait_end slow
	assert_status 0
	assert_same data "$OUT"
}
