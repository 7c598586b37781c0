#!/usr/bin/env bats
# http-get --retry, --auth-file and --unix-socket.

load helper
load http

# A server that answers the N-th request by the N-th of these words: a status with headers behind it, or "silence".
answers() {
	need python3
	cat >answers.py <<-'END'
		import socket, sys
		server = socket.create_server(('127.0.0.1', 0))
		print('port', server.getsockname()[1], flush=True)
		kept = []
		for word in sys.argv[1:]:
		    client = server.accept()[0]
		    client.recv(65536)
		    print('asked', flush=True)
		    kept.append(client)
		    if word != 'silence':
		        body = 'hello' if word.startswith('200') else 'busy'
		        client.sendall(('HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s' % (word.replace('|', '\r\n'), len(body), body)).encode())
		        client.shutdown(socket.SHUT_WR)
	END
	rm -f answers.out
	start answers python3 answers.py "$@"
	printed_port answers 'port ([0-9]+)'
}

requests() {
	wait_end answers
	grep -c asked answers.out
}

@test "http-get --retry: 502, 503 and 504 are asked again, and their pages are not written" {
	answers '502 Bad' '503 Busy' '504 Slow' '200 OK'
	try skt http-get --retry 5 --retry-interval 10ms -v -i "$URL"
	assert_status 0
	assert_bytes "$PAGE"
	assert_error '^skt: http-get: the server answered 503 Busy; trying again in 0.02 s$'
	assert_error '^skt: http-get: the server answered 504 Slow; trying again in 0.04 s$'
	[ "$(requests)" -eq 4 ]
}

@test "http-get --retry: when the tries are used up the last answer counts" {
	answers '503 Busy' '503 Busy' '503 Busy'
	try skt http-get --retry 2 --retry-interval 10ms "$URL"
	assert_status 11
	assert_bytes busy
	assert_one_error 'answered 503 Busy'
	[ "$(requests)" -eq 3 ]
}

@test "http-get: without --retry, and for other statuses with it, nothing is asked again" {
	reply 'HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy'
	assert_status 11
	assert_bytes busy
	reply 'HTTP/1.1 500 Oh\r\nContent-Length: 4\r\n\r\nbusy' --retry forever
	assert_status 11
	reply 'HTTP/1.1 404 Lost\r\nContent-Length: 4\r\n\r\nbusy' --retry 3
	assert_status 11
	reply "$HALF" --retry 3
	assert_status 12
	assert_bytes hello
}

@test "http-get --retry: Retry-After takes the place of the pause, in seconds or as a date" {
	answers '503 Busy|Retry-After: 1' '200 OK'
	try skt http-get --retry 1 --retry-interval 1h -v "$URL"
	assert_status 0
	assert_bytes hello
	assert_error 'trying again in 1 s$'
	wait_end answers
	answers '503 Busy|Retry-After: Thu, 01 Jan 1970 00:00:00 GMT' '503 Busy|Retry-After: soon' '200 OK'
	try skt http-get --retry 2 --retry-interval 10ms -v "$URL"
	assert_status 0
	assert_error 'trying again in 0.01 s$'
	wait_end answers
	answers '503 Busy|Retry-After: 0' '200 OK'
	try skt http-get --retry 1 --retry-interval 1h -v "$URL"
	assert_status 0
	assert_error 'trying again in 0 s$'
}

@test "http-get --retry: a Retry-After beyond --deadline is status 6, as a number or in each form of a date" {
	local form after
	for form in '%a, %d %b %Y %H:%M:%S GMT' '%A, %d-%b-%y %H:%M:%S GMT' '%a %b %e %H:%M:%S %Y' 99999999999999999999; do
		after=$(LC_ALL=C date -u -d '+1 hour' "+$form")
		answers "503 Busy|Retry-After: $after"
		try skt http-get --retry 1 --retry-interval 10ms --deadline 300ms -v "$URL"
		assert_status 6
		assert_error 'trying again in (3600|35[0-9][0-9]|2.14748e\+09) s$'
		wait_end answers
	done
}

@test "http-get --retry: a server that is not there yet, and one that does not answer" {
	free_port
	start get "$SKT" http-get --retry 1000 --retry-interval 20ms -v "http://127.0.0.1:$PORT/page"
	wait_for has_said get 'trying again'
	start python python3 -m http.server --bind 127.0.0.1 "$PORT"
	wait_end get
	assert_status 11
	answers silence '200 OK'
	try skt http-get --retry 1 --retry-interval 10ms --idle-timeout 200ms "$URL"
	assert_status 0
	assert_bytes hello
}

@test "http-get --retry: tries are counted, --deadline ends them" {
	refused_port
	try skt http-get --retry 2 --retry-interval 10ms -v "http://127.0.0.1:$PORT/"
	assert_status 4
	[ "$(grep -c 'trying again' "$ERR")" -eq 2 ]
	try skt http-get --retry forever --retry-interval 10ms --deadline 200ms "http://127.0.0.1:$PORT/"
	assert_status 6
}

@test "http-get --retry -o: an answer that is not the last one touches nothing" {
	mkdir files
	printf old >files/page
	answers '503 Busy' '503 Busy'
	try skt http-get --retry 1 --retry-interval 10ms -o files/page "$URL"
	assert_status 11
	holds files/page old
	wait_end answers
	answers '503 Busy' '200 OK'
	try skt http-get --retry 1 --retry-interval 10ms -o files/page "$URL"
	assert_status 0
	holds files/page hello
	[ "$(names)" = page ]
}

@test "http-get --auth-file: user and password of the file's line, its newline aside" {
	local text
	for text in 'u:p' 'u:p\n' 'u:p\r\n'; do
		printf '%b' "$text" >secret
		reply "$PAGE" --auth-file secret
		assert_status 0
		grep -q $'^Authorization: Basic dTpw\r' "server$ANSWERS.out"
	done
	printf 'other:w:d @/ ' >secret
	answer send "$PAGE"
	try skt http-get --auth-file secret "http://u:p@${URL#http://}"
	assert_status 0
	grep -q "^Authorization: Basic $(printf 'other:w:d @/ ' | base64)" "server$ANSWERS.out"
	answer send "$PAGE"
	try skt http-get --auth-file <(echo u:p) "$URL"
	assert_status 0
	grep -q $'^Authorization: Basic dTpw\r' "server$ANSWERS.out"
}

@test "http-get --auth-file: what cannot be read or is something else; nothing is opened, no secret is told" {
	local text
	try skt http-get --trace --auth-file none http://127.0.0.1:9/
	assert_status 9
	assert_one_error '--auth-file none: No such file'
	for text in '' 'secret' '\n' 'secret:a\nb:c\n' 'secret:\0' 'secret:\r\r\n'; do
		printf '%b' "$text" >file
		try skt http-get --trace --auth-file file http://127.0.0.1:9/
		assert_status 2
		assert_one_error "file does not hold one line 'user:pass'; try"
		lacks secret "$ERR"
	done
	printf 'u:p' >file
	try skt http-get --trace -0 --auth-file file http://127.0.0.1:9/
	assert_status 2
}

@test "http-get -L --auth-file: not to another port" {
	printf 'u:p' >secret
	answer send "$PAGE"
	reply "HTTP/1.1 302 There\\r\\nLocation: $URL\\r\\n\\r\\n" -L --auth-file secret
	assert_status 0
	lacks Authorization server1.out
	grep -q '^Authorization: Basic dTpw' server2.out
}

@test "http-get --unix-socket: the URL's host is only a name" {
	printf 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello' >page
	start_skt unix -l ./socket <page
	try skt http-get --unix-socket ./socket http://docker:99/v1/info
	assert_status 0
	assert_silent
	assert_bytes hello
	wait_end skt
	[ "$(head -n2 skt.out | tr -d '\r' | paste -sd'|')" = 'GET /v1/info HTTP/1.1|Host: docker:99' ]
}

@test "http-get --unix-socket: nobody there is 4; a bad path, and what does not go with it, is 2" {
	try skt http-get --unix-socket ./none http://docker/
	assert_status 4
	assert_one_error none
	try skt http-get --unix-socket "$(printf '%0200d' 1)" http://docker/
	assert_status 2
	local word
	for word in -4 -6 --type=stream --family=inet --source=127.0.0.1 --source-port=1 --attempt-delay=1s --keep-alive; do
		try skt http-get --trace --unix-socket ./none "$word" http://docker/
		assert_status 2
		assert_one_error "try 'skt http-get --help'"
	done
}
