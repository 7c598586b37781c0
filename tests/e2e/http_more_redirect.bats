#!/usr/bin/env bats
# http-get --location: where redirects lead, and what is not taken along.

load helper
load http

# moved STATUS LOCATION: an answer that redirects
moved() {
	printf '%s' "HTTP/1.1 $1 Moved\\r\\nLocation: $2\\r\\nContent-Length: 4\\r\\n\\r\\ngone"
}

# A server of many answers: chain PYTHON-EXPRESSION for the Location of path p, None: a page
chain() {
	need python3
	cat >chain.py <<-END
		import http.server
		class Handler(http.server.BaseHTTPRequestHandler):
		    def do_GET(self):
		        p = self.path
		        with open('requests', 'a') as log:
		            print(p, self.headers.get('Authorization'), self.headers.get('Cookie'), self.headers.get('X-One'), file=log)
		        to = $1
		        body = b'' if to else ('page ' + p).encode()
		        self.send_response(302 if to else 200)
		        if to: self.send_header('Location', to)
		        self.send_header('Content-Length', str(len(body)))
		        self.end_headers()
		        self.wfile.write(body)
		    def log_message(self, *words): pass
		server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
		print('port', server.server_port, flush=True)
		server.serve_forever()
	END
	: >requests
	start chain python3 chain.py
	printed_port chain 'port ([0-9]+)'
}

@test "http-get: without -L a redirect is a page" {
	reply "$(moved 301 http://127.0.0.1:9/)"
	assert_status 0
	assert_silent
	assert_bytes gone
}

@test "http-get -L: 301, 302, 303, 307 and 308 are followed; their pages and heads are not written" {
	local status_word target
	for status_word in 301 302 303 307 308; do
		answer send "$PAGE"
		target=$URL
		reply "$(moved "$status_word" "$target")" -L -i
		assert_status 0
		assert_silent
		assert_bytes "$PAGE"
	done
}

@test "http-get -L: other answers, and one without Location, are pages" {
	reply "$(moved 300 http://127.0.0.1:9/)" -L
	assert_status 0
	assert_bytes gone
	reply 'HTTP/1.1 302 Moved\r\nContent-Length: 4\r\n\r\nhere' -L
	assert_status 0
	assert_bytes here
	reply "$(moved 404 http://127.0.0.1:9/)" -L
	assert_status 11
	assert_bytes gone
}

@test "http-get -L: relative and absolute targets, dot segments, queries" {
	chain '{"/a/b": "c?x=1", "/a/c?x=1": "../d", "/d": "?q", "/d?q": "/e/./f", "/e/f": "//%s/g" % self.headers["Host"], "/g": "h#part"}.get(p)'
	try skt http-get -L -v "${URL}a/b"
	assert_status 0
	assert_bytes 'page /h'
	assert_error "^skt: http-get: redirected to ${URL}d\\?q\$"
	cut -d' ' -f1 requests | paste -sd' ' >paths
	[ "$(<paths)" = '/a/b /a/c?x=1 /d /d?q /e/f /g /h' ]
}

@test "http-get -L: 20 hops are followed, 21 are status 10" {
	chain '"/%d" % (int(p[1:]) - 1) if int(p[1:]) else None'
	try skt http-get -L "${URL}20"
	assert_status 0
	assert_bytes 'page /0'
	try skt http-get --location "${URL}21"
	assert_status 10
	assert_bytes ''
	assert_one_error 'more than 20 redirects'
}

@test "http-get -L: https, another scheme, nonsense and an address of the other family are status 10" {
	local target
	for target in https://127.0.0.1/ ftp://127.0.0.1/ 'http://' 'http://h:99999/' 'http://[::1'; do
		reply "$(moved 302 "$target")" -L
		assert_status 10
		assert_bytes ''
		assert_one_error 'redirect to'
	done
	reply "$(moved 302 'http://[::1]:9/')" -L -4
	assert_status 10
}

@test "http-get -L: a redirect to where nobody listens, and one to an error page" {
	refused_port
	reply "$(moved 302 "http://127.0.0.1:$PORT/")" -L
	assert_status 4
	answer send 'HTTP/1.1 404 Lost\r\nContent-Length: 2\r\n\r\nno'
	reply "$(moved 302 "$URL")" -L
	assert_status 11
	assert_bytes no
}

@test "http-get -L: credentials go on to the same host and port" {
	chain '{"/a": "/b"}.get(p)'
	try skt http-get -L "http://u:p@${URL#http://}a" -H 'Cookie: c=1' -H 'X-One: 2'
	assert_status 0
	[ "$(sort -u requests | cut -d' ' -f2- | uniq -c | xargs)" = '2 Basic dTpw c=1 2' ]
	: >requests
	try skt http-get -L "${URL}a" -H 'Authorization: Bearer x'
	assert_status 0
	[ "$(tail -n1 requests)" = '/b Bearer x None None' ]
}

@test "http-get -L: no credentials go to another port or host, other headers do" {
	local target
	answer send "$PAGE"
	target=$URL
	answer send "$(moved 302 "$target")"
	try skt http-get -L "http://u:secret@${URL#http://}" -H 'Cookie: c=1' -H 'cookie: d' -H 'X-One: 2' -H 'Host: mine'
	assert_status 0
	assert_bytes hello
	grep -q '^Authorization: Basic' server2.out
	grep -q '^Host: mine' server2.out
	lacks '[Aa]uthorization|[Cc]ookie|mine' server1.out
	grep -q '^X-One: 2' server1.out
	answer send "$PAGE"
	target=${URL/127.0.0.1/localhost}
	reply "$(moved 302 "$target")" -L -4 -H 'AUTHORIZATION: Bearer x'
	assert_status 0
	lacks '[Bb]earer' server3.out
	grep -q '^AUTHORIZATION: Bearer x' server4.out
}

@test "http-get -L: a redirect may bring a user name of its own" {
	answer send "$PAGE"
	reply "$(moved 302 "http://other:word@${URL#http://}")" -L
	assert_status 0
	grep -q "^Authorization: Basic $(printf other:word | base64)" server1.out
}

@test "http-get -L -o, -c and -r: only the final answer touches FILE" {
	mkdir files
	printf abc >files/page.part
	answer send 'HTTP/1.1 206 P\r\nContent-Range: bytes 3-5/6\r\nContent-Length: 3\r\n\r\ndef'
	reply "$(moved 302 "$URL")" -L -c -o files/page
	assert_status 0
	holds files/page abcdef
	grep -q '^Range: bytes=3-' server1.out
	printf old >files/page
	reply "$(moved 302 https://h/)" -L -o files/page
	assert_status 10
	holds files/page old
	[ "$(names)" = page ]
}

@test "http-get -L --stats: the account is that of the final answer, once" {
	answer send "$PAGE"
	reply "$(moved 302 "$URL")" -L --stats --json
	assert_status 0
	[ "$(grep -c '"stats"' "$ERR")" -eq 1 ]
}
