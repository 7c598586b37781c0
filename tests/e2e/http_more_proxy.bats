#!/usr/bin/env bats
# http-get --proxy: the absolute form of the request, what a proxy says, and the tunnel of a SOCKS proxy.

load helper
load http

# Through the server started last: proxied OPTION... URL
proxied() {
	try skt http-get --proxy "http://127.0.0.1:$PORT" "$@"
}

@test "http-get --proxy: the proxy is asked for the whole URL, and Host is the URL's" {
	answer send "$PAGE"
	proxied 'http://nowhere.invalid:81/a/b?c#d'
	assert_status 0
	assert_silent
	assert_bytes hello
	[ "$(head -n2 server1.out | tr -d '\r' | paste -sd'|')" = 'GET http://nowhere.invalid:81/a/b?c HTTP/1.1|Host: nowhere.invalid:81' ]
	lacks Authorization server1.out
	answer send "$PAGE"
	try skt http-get --proxy "127.0.0.1:$PORT" 'http://[::1]/'
	assert_status 0
	grep -q '^GET http://\[::1\]/ HTTP/1.1' server2.out
}

@test "http-get --proxy: credentials for the proxy and for the server are two things" {
	answer send "$PAGE"
	try skt http-get --proxy "http://p:q%40@127.0.0.1:$PORT" http://u:p@nowhere.invalid/
	assert_status 0
	grep -q $'^Authorization: Basic dTpw\r' server1.out
	grep -q "^Proxy-Authorization: Basic $(printf 'p:q@' | base64)" server1.out
	grep -q '^GET http://nowhere.invalid/ ' server1.out
	echo s:t >secret
	answer send "$PAGE"
	proxied --proxy-auth-file secret http://nowhere.invalid/
	assert_status 0
	grep -q "^Proxy-Authorization: Basic $(printf 's:t' | base64)" server2.out
	lacks '^Authorization' server2.out
}

@test "http-get --proxy: 407 is status 10; without a proxy it is 11" {
	mkdir files
	printf old >files/page
	answer send 'HTTP/1.1 407 Who are you\r\nContent-Length: 2\r\n\r\nno'
	proxied http://nowhere.invalid/
	assert_status 10
	assert_one_error 'proxy wants other credentials: 407 Who are you'
	answer send 'HTTP/1.1 407 Who are you\r\nContent-Length: 2\r\n\r\nno'
	proxied -o files/page http://nowhere.invalid/
	assert_status 10
	holds files/page old
	[ "$(names)" = page ]
	reply 'HTTP/1.1 407 Who are you\r\nContent-Length: 2\r\n\r\nno'
	assert_status 11
}

@test "http-get --proxy: other failures are those of any server; nobody there is 4" {
	answer send 'HTTP/1.1 502 No way\r\nContent-Length: 2\r\n\r\nno'
	proxied http://nowhere.invalid/
	assert_status 11
	assert_bytes no
	refused_port
	proxied http://nowhere.invalid/
	assert_status 4
	assert_one_error "^skt: http-get: proxy 127\.0\.0\.1: connect to 127\.0\.0\.1:$PORT: Connection refused"
	try skt http-get --proxy http://nowhere.invalid:9 http://127.0.0.1:9/
	assert_status 3
	assert_one_error "^skt: http-get: proxy nowhere\.invalid: name 'nowhere\.invalid' does not resolve"
}

@test "http-get --proxy -L: redirects are asked of the proxy, too, without the first host's credentials" {
	need python3
	cat >proxy.py <<-'END'
		import socket
		server = socket.create_server(('127.0.0.1', 0))
		print('port', server.getsockname()[1], flush=True)
		for answer in ('302 There\r\nLocation: http://other.invalid/x', '200 OK'):
		    client = server.accept()[0]
		    print(client.recv(65536).decode(), flush=True)
		    client.sendall(('HTTP/1.1 %s\r\nContent-Length: 5\r\n\r\nhello' % answer).encode())
		    client.close()
	END
	start proxy python3 proxy.py
	printed_port proxy 'port ([0-9]+)'
	try skt http-get -L --proxy "http://p:q@127.0.0.1:$PORT" -H 'Cookie: c' http://u:p@first.invalid/
	assert_status 0
	assert_bytes hello
	wait_end proxy
	grep -c '^Proxy-Authorization: Basic' "$OUT" | grep -qx 2
	grep -c '^Authorization: Basic' "$OUT" | grep -qx 1
	grep -c '^Cookie' "$OUT" | grep -qx 1
	grep -q '^GET http://other.invalid/x ' "$OUT"
}

@test "http-get --proxy -0: the raw line in the absolute form" {
	answer --raw send 'a page'
	proxied -0 http://nowhere.invalid/x
	assert_status 0
	assert_bytes 'a page'
	wait_end server1
	assert_bytes 'GET http://nowhere.invalid/x\r\n'
}

@test "http-get --proxy: what cannot be meant is status 2, nothing is opened" {
	local words
	echo u:p >secret
	while read -r words; do
		# shellcheck disable=SC2086 # several words
		try skt http-get --trace $words http://127.0.0.1:9/
		assert_status 2
		assert_bytes ''
		assert_one_error "^skt: http-get: .*try 'skt http-get --help'"
	done <<-'END'
		--proxy https://127.0.0.1:9/
		--proxy ftp://127.0.0.1:9/
		--proxy http://
		--proxy http://127.0.0.1:9/path
		--proxy http://127.0.0.1:0
		--proxy [::1]:9 -4
		--proxy http://u:p@127.0.0.1:9 -0
		--proxy http://127.0.0.1:9 --unix-socket x
		--proxy http://127.0.0.1:9 --proxy-auth-file secret -0
		--proxy socks5://127.0.0.1:9 --unix-socket x
		--proxy socks5h://127.0.0.1:9
		--proxy-auth-file secret
		--proxy=
	END
	for words in 'http://[fe80::1%lo]/' http://256.1.1.1/; do
		try skt http-get --trace --proxy http://127.0.0.1:9 "$words"
		assert_status 2
		assert_one_error "^skt: http-get: .*try 'skt http-get --help'"
	done
}

# socks STEP...: a SOCKS5 proxy that was asked for nowhere.invalid port 81, then for a page
socks() {
	ANSWERS=$((${ANSWERS:-0} + 1))
	start_peer "server$ANSWERS" tcp4 recv 3 send '\x05\x00' expect '\x05\x01\x00\x03\x0fnowhere.invalid\x00\x51' "$@"
}

@test "http-get --proxy socks5: the page comes through the tunnel, the request is the server's" {
	socks send '\x05\0\0\x01\0\0\0\0\0\0' recv-until '\r\n\r\n' print send "$PAGE"
	try skt http-get --proxy "socks5://127.0.0.1:$PORT" 'http://u:p@nowhere.invalid:81/a/b?c#d'
	assert_status 0
	assert_silent
	assert_bytes hello
	grep -aq $'GET /a/b?c HTTP/1.1\r' server1.out
	grep -aq '^Host: nowhere.invalid:81' server1.out
	grep -aq '^Authorization: Basic dTpw' server1.out
	lacks Proxy- server1.out
	socks send '\x05\0\0\x01\0\0\0\0\0\0early page' recv-until '\r\n' half-close recv-until-eof
	try skt http-get -0 --proxy "socks5://127.0.0.1:$PORT" http://nowhere.invalid:81/
	assert_status 0
	assert_bytes 'early page'
}

@test "http-get --proxy socks5: the proxy's refusals, and -o FILE" {
	mkdir files
	socks send '\x05\x05' close
	try skt http-get -o files/page --proxy "socks5://127.0.0.1:$PORT" http://nowhere.invalid:81/
	assert_status 4
	assert_one_error '^skt: http-get: nowhere\.invalid port 81 through the proxy .*: the proxy says: connection refused'
	[ -z "$(names)" ]
	socks send '\x05\x02' close
	try skt http-get --proxy "socks5://127.0.0.1:$PORT" http://nowhere.invalid:81/
	assert_status 10
	start_peer four tcp4 recv 30 stall
	try skt http-get --connect-timeout 200ms --proxy "socks4a://127.0.0.1:$PORT" http://nowhere.invalid:81/
	assert_status 6
	start_peer again tcp4 recv 3 send '\x05\x00' recv 22 send '\x05\x05' again
	try skt http-get -v --retry 2 --retry-interval 1ms --proxy "socks5://127.0.0.1:$PORT" http://nowhere.invalid:81/
	assert_status 4
	[ "$(grep -c 'trying again' "$ERR")" -eq 2 ] || complain_about_run 'not two more tries'
}

@test "http-get --proxy socks4a -L: each hop has its tunnel, with the proxy's user" {
	need python3
	cat >proxy.py <<-'END'
		import socket
		server = socket.create_server(('127.0.0.1', 0))
		print('port', server.getsockname()[1], flush=True)
		for answer in ('302 There\r\nLocation: http://other.invalid:82/x', '302 No\r\nLocation: http://[::1]/'):
		    client = server.accept()[0]
		    print(client.recv(65536), flush=True)
		    client.sendall(b'\0\x5a\0\0\0\0\0\0')
		    print(client.recv(65536).decode(), flush=True)
		    client.sendall(('HTTP/1.1 %s\r\nContent-Length: 5\r\n\r\nhello' % answer).encode())
		    client.close()
		server.accept()[0].recv(1)
	END
	start proxy python3 proxy.py
	printed_port proxy 'port ([0-9]+)'
	try skt http-get -L --proxy "socks4a://me@127.0.0.1:$PORT" -H 'Cookie: c' http://u:p@first.invalid/
	assert_status 10 # no way to tell SOCKS4 of IPv6
	assert_one_error "SOCKS4a has no room for the IPv6 address '::1'"
	wait_end proxy
	grep -qF "b'\\x04\\x01\\x00P\\x00\\x00\\x00\\x01me\\x00first.invalid\\x00'" "$OUT"
	grep -qF "b'\\x04\\x01\\x00R\\x00\\x00\\x00\\x01me\\x00other.invalid\\x00'" "$OUT"
	grep -c '^Authorization' "$OUT" | grep -qx 1
	grep -c '^Cookie' "$OUT" | grep -qx 1
	grep -q '^GET /x ' "$OUT"
}
