#!/usr/bin/env bats
# http-get: what is sent, byte for byte, and what is refused before any socket is opened.

load helper
load http

# The request for URL as the peer received it: $request holds it with \r\n as "|". asked OPTION...
asked() {
	answer send 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok' recv-until-eof
	try skt http-get "$@" "${URL%/page}${TARGET:?}"
	assert_status 0 || return 1
	assert_bytes 'ok' || return 1
	wait_end "server$ANSWERS" || return 1
	request=$(tr '\n' '|' <"$OUT" | tr -d '\r')
	[ "$(tr -cd '\r' <"$OUT" | wc -c)" -eq "$(tr -cd '\n' <"$OUT" | wc -c)" ] || complain_about_run "LF without CR"
}

assert_request() {
	[ "$request" = "$1" ] || complain "the request was '$request', expected '$1'"
}

assert_in_request() {
	[[ $request == *"|$1|"* ]] || complain "the request '$request' lacks '$1'"
}

assert_not_in_request() {
	! grep -qi -- "|$1" <<<"$request" || complain "the request '$request' holds '$1'"
}

# What usage errors have in common; `refused REGEX WORD...`: the message names what is wrong, nothing is opened.
refused() {
	local regex=$1
	shift
	try skt http-get --trace "$@"
	assert_status 2 || return 1
	assert_bytes '' || return 1
	assert_one_error "^skt: http-get: .*($regex).*try 'skt http-get --help'"
}

@test "http-get: HTTP/1.1 with Host, User-Agent, Accept, no other encoding, and Connection: close" {
	local version
	version=$("$SKT" --version | sed 's/^skt //')
	TARGET='/a/b?c=d' asked
	assert_request "GET /a/b?c=d HTTP/1.1|Host: 127.0.0.1:$PORT|User-Agent: skt/$version|Accept: */*|Accept-Encoding: identity|Connection: close||"
}

@test "http-get --http1.0: the line says so, Host is sent all the same" {
	TARGET=/x asked --http1.0
	[[ $request == "GET /x HTTP/1.0|"* ]]
	assert_in_request "Host: 127.0.0.1:$PORT"
}

@test "http-get -0: exactly the raw line, and no end of ours before the server's" {
	answer --raw sleep 200 send 'a page'
	get -0 --trace
	assert_status 0
	assert_bytes 'a page'
	sed -nE 's/.*: (send|recv|shutdown)\(.*/\1/p' "$ERR" | paste -sd' ' >calls
	[[ $(<calls) == "send recv"* ]]
	wait_end server1
	assert_bytes 'GET /page\r\n'
}

@test "http-get -0: the target is path and query of the URL, as typed; no Host, no fragment" {
	local target path
	while read -r path target; do
		answer --raw send 'a page'
		try skt http-get -0 "http://127.0.0.1:$PORT${path#-}"
		assert_status 0
		wait_end "server$ANSWERS"
		printf 'GET %s\r\n' "$target" >expected
		assert_same expected "$OUT"
	done <<-'END'
		- /
		/ /
		?a=b /?a=b
		#part /
		/p?#part /p?
		/a/../%2e?x=%26+y /a/../%2e?x=%26+y
		/ä /%C3%A4
	END
}

@test "http-get -0 --extra-crlf: the raw line and an empty one" {
	start_peer raw tcp4 recv-until '\r\n\r\n' print send 'a page'
	try skt http-get -0 --extra-crlf "http://127.0.0.1:$PORT/x"
	assert_status 0
	assert_bytes 'a page'
	wait_end raw
	assert_bytes 'GET /x\r\n\r\n'
}

@test "http-get -0: a status line that comes back is parsed, the start of one alone is a page" {
	answer --raw send 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npage\r\n0\r\n\r\n'
	get -0
	assert_status 0
	assert_bytes 'page'
	answer --raw send 'HTTP/1.1 400 Bad Request\r\nContent-Length: 4\r\n\r\nsorry'
	get -0 -i
	assert_status 11
	assert_bytes 'HTTP/1.1 400 Bad Request\r\nContent-Length: 4\r\n\r\nsorr'
	assert_one_error '400 Bad Request'
	answer --raw send 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npage'
	get -0
	assert_status 12
	assert_bytes 'page'
	local text
	for text in 'HTTP/1.' 'H' 'HTTP/1.1 is a protocol\n' 'HTTPS\n'; do
		answer --raw send "$text"
		get -0
		assert_status 0
		assert_bytes "$text"
	done
}

@test "http-get -0: every byte of a bare page comes, as it was sent" {
	head -c 100000 /dev/urandom >page
	answer --raw send-file page
	get -0
	assert_status 0
	assert_same page "$OUT"
}

@test "http-get -H: fields are added, they replace our own, and 'Name:' takes one away" {
	TARGET=/ asked -H 'X-One: 1' --header 'X-Two:2' -H 'user-agent: me' -H 'Accept:' -H 'Host: elsewhere' -H 'X-Empty;'
	assert_in_request 'X-One: 1'
	assert_in_request 'X-Two:2'
	assert_in_request 'user-agent: me'
	assert_in_request 'Host: elsewhere'
	assert_in_request 'X-Empty:'
	assert_not_in_request 'Accept:'
	assert_not_in_request 'User-Agent: skt'
	assert_not_in_request 'Host: 127'
}

@test "http-get --user-agent: names us, and an empty one sends none" {
	TARGET=/ asked --user-agent 'Mozilla/5.0 (skt)'
	assert_in_request 'User-Agent: Mozilla/5.0 (skt)'
	TARGET=/ asked --user-agent ''
	assert_not_in_request 'User-Agent'
}

@test "http-get --query: percent-encoded, repeatable, behind what the URL has" {
	TARGET='/p' asked --query 'lecturer=Ian Cornelius'
	[[ $request == "GET /p?lecturer=Ian%20Cornelius HTTP/1.1|"* ]]
	TARGET='/p?a=1' asked --query 'b=&=#?/+%' --query=c --query 'ä=~-._' --query 'd='
	[[ $request == "GET /p?a=1&b=%26%3D%23%3F%2F%2B%25&c&%C3%A4=~-._&d= HTTP/1.1|"* ]]
}

@test "http-get: the user and password of the URL go as Basic, decoded, and not in Host" {
	answer send 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok' recv-until-eof
	try skt http-get "http://Aladdin:open%20sesame@127.0.0.1:$PORT/"
	assert_status 0
	wait_end server1
	grep -aqx $'Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r' "$OUT"
	grep -aqx "Host: 127.0.0.1:$PORT"$'\r' "$OUT"
}

@test "http-get: URLs without scheme or path, in capitals, with a fragment" {
	local url
	answer send 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok' recv-until-eof again
	for url in "127.0.0.1:$PORT" "HTTP://127.0.0.1:$PORT" "127.0.0.1:$PORT/#part" "http://0x7f000001:$PORT" \
		"http://2130706433:$PORT/"; do
		try skt http-get "$url"
		assert_status 0
		assert_bytes 'ok'
	done
	stop server1
	wait_end server1 || true
	[ "$(grep -c '^GET / HTTP/1.1' "$OUT")" -eq 5 ]
}

@test "http-get: an IPv6 URL, and its Host in brackets" {
	need_ipv6
	start_peer six tcp6 recv-until '\r\n\r\n' print send 'HTTP/1.1 200 OK\r\n\r\nok'
	try skt http-get "http://[0:0:0:0:0:0:0:1]:$PORT/"
	assert_status 0
	assert_bytes 'ok'
	wait_end six
	grep -aqE "^Host: \[[0:]*1\]:$PORT"$'\r$' "$OUT"
}

@test "http-get: https is refused with a reason and with what to use" {
	refused https https://127.0.0.1/
	assert_error 'TLS.*(curl|openssl|socat)'
	refused https HTTPS://127.0.0.1/ -0
	refused 'ftp' ftp://127.0.0.1/
	refused 'file' file:///etc/passwd
}

@test "http-get: no URL, two URLs, a URL that is none" {
	refused URL
	refused two http://127.0.0.1/ two
	refused 'host' http:///path
	refused '70000' http://127.0.0.1:70000/
	refused '80x' http://127.0.0.1:80x/
	refused 'port' http://127.0.0.1:0/
	refused 'port' http://127.0.0.1:-1/
	refused '' http:127.0.0.1
	refused '' 'http://[::1/'
	refused '' ''
}

@test "http-get: spaces and control bytes in the URL are refused, shown escaped, never sent" {
	refused '' 'http://127.0.0.1/a b'
	refused '' $'http://127.0.0.1/a\r\nX: y'
	refused '' $'http://127.0.0.1/a\nb'
	refused '' $'http://127.0.0.1\n/'
	refused '' $'http://127.0.0.1/\t'
	refused '' $'http://127.0.0.1/?\x1b[1m'
	lacks $'\x1b' "$ERR"
	refused '' -0 'http://127.0.0.1/a b'
	refused '' -0 $'http://127.0.0.1/a\r\nb'
}

@test "http-get: a header with CR, LF, or a name that is none is refused" {
	local url=http://127.0.0.1/ field
	for field in $'A: b\r\nX: y' $'A: b\nX: y' $'A: b\rc' 'no colon' ': value' 'a b: c' 'a : c' $'a\t: c' $'a\n: c' ''; do
		refused '' -H "$field" "$url"
	done
	refused 'user-agent' --user-agent $'a\r\nX: y' "$url"
	refused 'query' --query '=x' "$url"
}

@test "http-get -0: what has no place in a raw line is refused" {
	refused '' -0 -H 'A: b' http://127.0.0.1/
	refused '' -0 --user-agent me http://127.0.0.1/
	refused '' -0 http://user:secret@127.0.0.1/
	lacks secret "$ERR"
	refused '' -0 --http1.0 http://127.0.0.1/
}

@test "http-get: --extra-crlf belongs to -0" {
	refused 'extra-crlf' --extra-crlf http://127.0.0.1/
}

@test "http-get: unknown and ambiguous options, missing and bad values" {
	refused '--includ' --includ3 http://127.0.0.1/
	assert_error '--include'
	refused '--http' --http http://127.0.0.1/
	refused '-o|output' http://127.0.0.1/ -o
	refused 'max-bytes' http://127.0.0.1/ --max-bytes 1e3
	refused 'max-bytes' http://127.0.0.1/ --max-bytes -1
	refused 'include' http://127.0.0.1/ --include=yes
}

@test "http-get: refused is 4, no such name is 3, silence is 6" {
	refused_port
	try skt http-get "http://127.0.0.1:$PORT/"
	assert_status 4
	assert_one_error "^skt: http-get: .*127\.0\.0\.1:$PORT"
	# Too long for a question to a name server: nothing leaves the machine.
	name=no-such-name-$(printf 'n%.0s' {1..60})
	try skt http-get "http://$name/"
	assert_status 3
	assert_one_error 'no-such-name'
	silent_port
	try skt http-get --connect-timeout 200ms "http://127.0.0.1:$PORT/"
	assert_status 6
}
