#!/usr/bin/env bats
# connect --proxy: what a proxy is told, what its answers mean, and that the tunnel loses nothing.

load helper

GREETING='\x05\x01\x00'
REPLY='\x05\x00\x00\x01\x7f\x00\x00\x01\x12\x34'

# socks5 STEP...: a proxy of that kind that was greeted and asked for target.example port 80
socks5() {
	PROXIES=$((PROXIES + 1))
	start_peer "proxy$PROXIES" tcp4 expect "$GREETING" send '\x05\x00' \
		expect '\x05\x01\x00\x03\x0etarget.example\x00\x50' "$@"
}

# http STEP...: one that was asked to CONNECT
http() {
	PROXIES=$((PROXIES + 1))
	start_peer "proxy$PROXIES" tcp4 recv-until '\r\n\r\n' print "$@"
}

# through SCHEME OPTION...: to target.example by the proxy started last
PROXIES=0

through() {
	local scheme=$1
	shift
	try skt connect --proxy "$scheme://127.0.0.1:$PORT" "$@" target.example 80
}

@test "proxy: SOCKS5 looks the name up, and bytes behind its reply are the first of the tunnel" {
	socks5 send "${REPLY}early " expect 'hello\n' send late close
	through socks5 <<<hello
	assert_status 0
	assert_output 'early late'
	assert_silent
	wait_end proxy1
	assert_status 0
}

@test "proxy: SOCKS5 replies byte by byte, with an address of each type" {
	local reply
	for reply in '\x01\x7f\x00\x00\x01' '\x03\x00' '\x03\x04here' '\x040123456789abcdef'; do
		start_peer "p$((++PROXIES))" tcp4 expect "$GREETING" send-bytewise '\x05\x00' 2 recv 21 \
			send-bytewise "\\x05\\x00\\x00$reply\\x00\\x50data" 2 close
		through socks5
		assert_status 0
		assert_output data
	done
}

@test "proxy: literals are sent as addresses, and IPv6 in SOCKS5 and CONNECT" {
	start_peer v4 tcp4 expect "$GREETING" send '\x05\x00' expect '\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50' send "$REPLY" close
	try skt connect --proxy "socks5://127.0.0.1:$PORT" 0x7f000001 80
	assert_status 0
	start_peer v6 tcp4 expect "$GREETING" send '\x05\x00' \
		expect '\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\x00\x01\x00\x50' send "$REPLY" close
	try skt connect -4 --proxy "socks5://127.0.0.1:$PORT" '[2001:db8::1]:80'
	assert_status 0
	http send 'HTTP/1.1 200 OK\r\n\r\nhi' close
	try skt connect --proxy "http://127.0.0.1:$PORT" 2001:db8::1 80
	assert_output hi
	grep -qx $'CONNECT \[2001:db8::1\]:80 HTTP/1.1\r' proxy1.out
}

@test "proxy: what SOCKS5 refuses: 5 is status 4; 3, 4 and 6 are 5; all else is 10" {
	local code expected
	for code in 01:10 02:10 03:5 04:5 05:4 06:5 07:10 08:10 09:10 ff:10; do
		expected=${code#*:}
		socks5 send "\\x05\\x${code%:*}\\x00\\x01\\0\\0\\0\\0\\0\\0" close
		through socks5
		assert_status "$expected"
		assert_one_error "^skt: connect: target\.example port 80 through the proxy 127\.0\.0\.1:$PORT: the proxy says: .*SOCKS5 reply"
		assert_bytes ''
	done
}

@test "proxy: SOCKS5 with user and password, from the URL and from a file" {
	local steps=(expect '\x05\x02\x00\x02' send '\x05\x02' expect '\x01\x03u:s\x04p@ss' send '\x01\x00' recv 21 send "$REPLY" close)
	start_peer one tcp4 "${steps[@]/u:s/us:}"
	try skt connect --trace -v --proxy "socks5://us%3A:p%40ss@127.0.0.1:$PORT" target.example 80
	assert_status 2 # RFC 7617 knows no such user name, and no URL either
	start_peer two tcp4 "${steps[@]/u:s/usr}"
	try skt connect --trace -v --proxy "socks5://usr:p%40ss@127.0.0.1:$PORT" target.example 80
	assert_status 0
	[ "$(grep -c 'p@ss' "$ERR")" -eq 0 ] || complain_about_run 'the password is told'
	assert_error '^skt: connect: connected to target\.example port 80 through the SOCKS5 proxy 127\.0\.0\.1:'
	assert_error '^skt: connect: send\(\.\.\.\) = 10$'
	printf 'usr:p@ss\n' >secret
	start_peer three tcp4 "${steps[@]/u:s/usr}"
	try skt connect --proxy-auth-file secret --proxy "socks5://127.0.0.1:$PORT" target.example 80
	assert_status 0
	start_peer four tcp4 recv 4 send '\x05\x02' recv 10 send '\x01\x01' close
	try skt connect --proxy-auth-file secret --proxy "socks5://127.0.0.1:$PORT" target.example 80
	assert_status 10
	assert_one_error 'the proxy says that user name or password are wrong'
	start_peer five tcp4 recv 3 send '\x05\xff' close
	through socks5
	assert_status 10
	assert_one_error 'the proxy wants credentials .*--proxy-auth-file'
}

@test "proxy: SOCKS4 is asked for an address that was looked up here, SOCKS4a for the name" {
	start_peer four tcp4 expect '\x04\x01\x00\x50\x7f\x00\x00\x01\x00' send '\x00\x5a\0\0\0\0\0\0early' close
	try skt connect --proxy "socks4://127.0.0.1:$PORT" localhost 80
	assert_status 0
	assert_output early
	start_peer a tcp4 expect '\x04\x01\x00\x50\x00\x00\x00\x01me\x00target.example\x00' send-bytewise '\x00\x5a\0\0\0\0\0\0x' 2 close
	try skt connect --proxy "socks4a://me@127.0.0.1:$PORT" target.example 80
	assert_status 0
	assert_output x
	start_peer bad tcp4 recv 9 send '\x00\x5b' close
	try skt connect --proxy "socks4://127.0.0.1:$PORT" 127.0.0.1 80
	assert_status 10
	assert_one_error 'the proxy says: request rejected or failed \(SOCKS4 reply 91\)'
	start_peer idle tcp4 expect-eof
	try skt connect --proxy "socks4://127.0.0.1:$PORT" no-such-name.invalid 80
	assert_status 3
	assert_one_error 'no-such-name\.invalid'
}

@test "proxy: CONNECT, its credentials, interim answers, and bytes behind the head" {
	http send 'HTTP/1.1 100 Wait\r\nA: b\r\n\r\nHTTP/1.0 200 Fine\r\nContent-Length: 3\r\n\r\nearly ' expect 'hello\n' send late close
	try skt connect --proxy "http://u:p%40@127.0.0.1:$PORT" target.example 80 <<<hello
	assert_status 0
	assert_output 'early late'
	[ "$(tr -d '\r' <proxy1.out | paste -sd'|')" = "CONNECT target.example:80 HTTP/1.1|Host: target.example:80|Proxy-Authorization: Basic $(printf u:p@ | base64)|" ]
	http send-bytewise 'HTTP/1.1 299\n\nx' 1 close
	through http
	assert_status 0
	assert_output x
	! grep -q Authorization proxy2.out || complain 'credentials were sent that nobody gave'
}

@test "proxy: CONNECT to a service by its name" {
	need getent
	getent services http/tcp >/dev/null || skip 'no service names here'
	http send 'HTTP/1.1 200 OK\r\n\r\n' close
	try skt connect --proxy "127.0.0.1:$PORT" target.example http
	assert_status 0
	grep -q '^CONNECT target.example:80 ' proxy1.out
}

@test "proxy: an HTTP proxy's refusal is 10, and 407 tells of the credentials" {
	http send 'HTTP/1.1 403 Not\x1byou\r\nA: b\r\n' close
	through http
	assert_status 10
	assert_one_error 'target\.example port 80 through the proxy .*: the proxy refuses: 403 Not.x1byou$'
	http send 'HTTP/1.1 407 Who are you\r\n\r\n' close
	through http
	assert_status 10
	assert_one_error '407 Who are you: it wants credentials .*--proxy-auth-file'
	http send 'HTTP/1.1 407 Who are you\r\n\r\n' close
	try skt connect --json --proxy "http://u:p@127.0.0.1:$PORT" target.example 80
	assert_status 10
	assert_one_error '"class":"protocol","errno":null,.*407 Who are you: it does not take these credentials'
	http send 'HTTP/1.1 502 No way\r\n\r\n' close
	through http
	assert_status 10
}

@test "proxy: nonsense, an early end and a reset are 10" {
	local answer
	for answer in 'HTTP/1.1 200' 'SSH-2.0-x\r\n' '\x05\x00' '' 'HTTP/1.1 20 x\r\n\r\n' 'HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n'; do
		http send "$answer" close
		through http
		assert_status 10
		assert_one_error 'through the proxy 127\.0\.0\.1:[0-9]+: the proxy'
	done
	http reset
	through http
	assert_status 10
	assert_one_error 'the proxy broke the connection before its answer was complete'
	for answer in '\x04' 'HTTP/1.1 400 Bad\r\n' '\x05\x01' '\x05' ''; do
		start_peer "p$((++PROXIES))" tcp4 recv 3 send "$answer" close
		through socks5
		assert_status 10
	done
	http send-zeros 1M close
	through http
	assert_status 10
	head -c 100K /dev/zero | tr '\0' x >long
	start_peer long tcp4 recv-until '\r\n\r\n' send 'HTTP/1.1 200 OK\r\nA: ' send-file long stall
	through http
	assert_status 10
	assert_one_error 'more than 65536 bytes of head'
}

@test "proxy: one that cannot be reached has the usual status, and is named" {
	refused_port
	through socks5
	assert_status 4
	assert_one_error "^skt: connect: proxy 127\.0\.0\.1: connect to 127\.0\.0\.1:$PORT: Connection refused"
	try skt connect --proxy socks5://no-such-name.invalid target.example 80
	assert_status 3
	assert_one_error '^skt: connect: proxy no-such-name\.invalid: '
	silent_port
	through http --connect-timeout 200ms
	assert_status 6
	assert_one_error '^skt: connect: proxy 127\.0\.0\.1: .*connect limit of 0\.2 s'
}

@test "proxy: the connect limit covers what the proxy takes to answer, anew for each try" {
	start_peer slow tcp4 recv 3 stall
	through socks5 --connect-timeout 300ms
	assert_status 6
	assert_one_error 'through the proxy 127\.0\.0\.1:[0-9]+: no answer within the connect limit of 0\.3 s'
	start_peer half tcp4 recv-until '\r\n\r\n' send 'HTTP/1.1 200 OK\r\n' stall
	through http --deadline 300ms
	assert_status 6
	assert_one_error deadline
	start_peer twice tcp4 recv 3 sleep 400 close again
	through socks5 -v --connect-timeout 200ms --retry 2 --retry-interval 1ms
	assert_status 6
	[ "$(grep -c 'trying again' "$ERR")" -eq 2 ] || complain_about_run 'not two more tries'
}

@test "proxy: --retry goes on while the proxy says that the target refuses" {
	need python3
	cat >proxy.py <<-'END'
		import socket
		server = socket.create_server(('127.0.0.1', 0))
		open('new', 'w').write('127.0.0.1 %d\n' % server.getsockname()[1])
		import os; os.rename('new', 'proxy.ready')
		for code in b'\x05', b'\x03', b'\x00':
		    client = server.accept()[0]
		    client.recv(3)
		    client.sendall(b'\x05\x00')
		    client.recv(100)
		    client.sendall(b'\x05' + code + b'\x00\x01\0\0\0\0\0\0' + (b'up' if code == b'\x00' else b''))
		    client.close()
	END
	start proxy python3 proxy.py
	wait_ready proxy
	through socks5 -v --retry forever --retry-interval 1ms
	assert_status 0
	assert_output up
	[ "$(grep -c 'the proxy says: .*trying again' "$ERR")" -eq 2 ] || complain_about_run 'not two more tries'
	start_peer no tcp4 recv 3 send '\x05\x00' recv 21 send '\x05\x02' close
	through socks5 -v --retry 3 --retry-interval 30s
	assert_status 10
}

@test "proxy: a command gets the tunnel's first bytes" {
	socks5 send "${REPLY}early\n" expect 'got early\n' close
	through socks5 --exec 'read -r line; echo "got $line"'
	assert_status 0
	wait_end proxy1
	assert_status 0
	http send 'HTTP/1.1 200 OK\r\n\r\nearly\n' expect-eof
	try skt connect --proxy "http://127.0.0.1:$PORT" target.example 80 -- sh -c 'read -r line; echo "$line" >&2; exit 3'
	assert_status 3
	assert_error '^early$'
}

@test "proxy: much data both ways" {
	head -c 8M /dev/urandom >sent
	head -c 6M /dev/urandom >answer
	start_peer proxy tcp4 recv 3 send '\x05\x00' recv 21 send "$REPLY" send-file answer copy recv 8M half-close recv-until-eof
	through socks5 <sent
	assert_status 0
	assert_same answer "$OUT"
	wait_end proxy
	assert_same sent "$OUT"
}

@test "proxy: what cannot be meant is status 2, and nothing is opened" {
	local words
	echo u:p >secret
	echo nonsense >bad
	while read -r words; do
		# shellcheck disable=SC2086 # several words
		try skt connect --trace $words
		assert_status 2
		assert_bytes ''
		assert_one_error "^skt: connect: .*try 'skt connect --help'"
	done <<-'END'
		--proxy https://127.0.0.1:9 h 80
		--proxy socks5h://127.0.0.1:9 h 80
		--proxy socks://127.0.0.1:9 h 80
		--proxy ftp://127.0.0.1:9 h 80
		--proxy socks5:// h 80
		--proxy socks5://127.0.0.1:9/path h 80
		--proxy socks5://127.0.0.1:99999 h 80
		--proxy socks5://127.0.0.1:0 h 80
		--proxy= h 80
		--proxy [::1]:9 -4 h 80
		--proxy socks5://u@127.0.0.1:9 h 80
		--proxy socks5://:p@127.0.0.1:9 h 80
		--proxy socks4://u:p@127.0.0.1:9 h 80
		--proxy socks4a://127.0.0.1:9 --proxy-auth-file secret h 80
		--proxy socks5://u:p@127.0.0.1:9 --proxy-auth-file secret h 80
		--proxy socks5://127.0.0.1:9 --proxy-auth-file bad h 80
		--proxy-auth-file secret h 80
		--proxy socks4://127.0.0.1:9 ::1 80
		--proxy socks4a://127.0.0.1:9 [::1]:80
		--proxy socks5://127.0.0.1:9 fe80::1%lo 80
		--proxy socks5://127.0.0.1:9 h/x 80
		--proxy socks5://127.0.0.1:9 -u h 80
		--proxy socks5://127.0.0.1:9 --protocol udp h 80
		--proxy socks5://127.0.0.1:9 --family vsock 1 80
		--proxy socks5://127.0.0.1:9 -z h 80
		--proxy socks5://127.0.0.1:9 h 0
		--proxy socks5://127.0.0.1:9 h 70000
	END
	try skt connect --proxy http://127.0.0.1:9 $'h\r\nX: y' 80
	assert_status 2
	try skt connect --proxy http://127.0.0.1:9 --proxy-auth-file missing h 80
	assert_status 9
	assert_one_error '^skt: connect: --proxy-auth-file missing: No such file'
	try skt connect --proxy https://127.0.0.1:9 h 80
	assert_one_error 'TLS'
}
