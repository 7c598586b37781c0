#!/usr/bin/env bats
# What skt itself says: nothing, or -v, or --trace, or --json; and what it never does: raw bytes from outside.

load helper

# Every line of FILE is a JSON object with `event`; each further argument is a python expression over `lines` that holds.
assert_json() {
	need python3
	python3 - "$@" <<-'E'
		import json, sys
		lines = []
		for number, text in enumerate(open(sys.argv[1], "rb").read().split(b"\n")[:-1], 1):
		    if any(byte < 32 or byte > 126 for byte in text):
		        sys.exit(f"# line {number} is not plain: {text}")
		    try:
		        line = json.loads(text)
		    except ValueError as wrong:
		        sys.exit(f"# line {number} is no JSON ({wrong}): {text}")
		    if not isinstance(line, dict) or not isinstance(line.get("event"), str):
		        sys.exit(f"# line {number} is no object with event: {text}")
		    if line["event"] == "error" and not (line["class"] and line["message"] and
		            (line["errno"] is None or line["errno"].startswith("E"))):
		        sys.exit(f"# line {number} lacks class, errno or message: {text}")
		    if line["event"] == "listening" and not ("address" in line and isinstance(line["port"], (int, type(None)))):
		        sys.exit(f"# line {number} lacks address or port: {text}")
		    lines.append(line)
		def events(name):
		    return [line for line in lines if line["event"] == name]
		for wanted in sys.argv[2:]:
		    if not eval(wanted):
		        sys.exit(f"# does not hold: {wanted}\n# {lines}")
	E
}

@test "say: silent on success" {
	start_peer peer tcp4 recv-until-eof send hello close
	try skt connect 127.0.0.1 "$PORT" <<<hi
	assert_status 0
	assert_output hello
	assert_silent
	start_skt unix -l ./sock
	try skt unix ./sock
	assert_status 0
	assert_silent
	wait_end skt
	assert_silent
}

@test "say: -v tells both addresses and the triple" {
	start_skt listen -v 127.0.0.1 0 <<<four
	local port=$PORT mine
	try skt connect -v 127.0.0.1 "$port" <<<'seven77'
	assert_status 0
	assert_output four
	mine=$(sed -n "s/^.* connected to 127.0.0.1:$port from 127.0.0.1:\([0-9]*\) (inet stream tcp)$/\1/p" "$ERR")
	[ -n "$mine" ] || complain_about_run 'no connected line'
	assert_error "^skt: connect: closed 127\.0\.0\.1:$port: 8 bytes sent, 5 bytes received$"
	[ "$(grep -vc ': sandbox: ' "$ERR")" -eq 2 ] || complain_about_run 'not two lines'
	wait_end skt
	assert_error "^skt: listen: listening on 127\.0\.0\.1:$port \(inet stream tcp\)$"
	assert_error "^skt: listen: accepted 127\.0\.0\.1:$mine on 127\.0\.0\.1:$port \(inet stream tcp\)$"
	assert_error "^skt: listen: closed 127\.0\.0\.1:$mine: 5 bytes sent, 8 bytes received$"
	[ "$(grep -vc ': sandbox: ' "$ERR")" -eq 3 ] || complain_about_run 'not three lines'
}

@test "say: --trace in the words of the socket API, client" {
	start_peer peer tcp4 recv-until-eof send-zeros 136 close
	try skt connect --trace 127.0.0.1 "$PORT" <<<hi
	assert_status 0
	sed 's/127\.0\.0\.1:[0-9]*/ADDRESS/' "$ERR" >told
	cat >expected <<-'E'
		skt: connect: socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3
		skt: connect: connect(3, ADDRESS) = 0
		skt: connect: send(...) = 3
		skt: connect: shutdown(3, SHUT_WR) = 0
		skt: connect: recv(...) = 136
		skt: connect: close(3) = 0
	E
	assert_same expected told || cat told
}

@test "say: --trace in the words of the socket API, server" {
	start_skt listen --trace 127.0.0.1 0
	local port=$PORT
	try "$PEER" connect tcp4 127.0.0.1 "$port" send hello half-close expect-eof close
	assert_status 0
	wait_end skt
	assert_error '^skt: listen: socket\(AF_INET, SOCK_STREAM, IPPROTO_TCP\) = 3$'
	assert_error '^skt: listen: bind\(3, 127\.0\.0\.1:0\) = 0$'
	assert_error '^skt: listen: listen\(3, 128\) = 0$'
	assert_error '^skt: listen: accept\(3\) = [0-9]+, 127\.0\.0\.1:[0-9]+$'
	assert_error '^skt: listen: close\(3\) = 0$'
	assert_error '^skt: listen: recv\(\.\.\.\) = 5$'
	assert_error '^skt: listen: shutdown\([0-9]+, SHUT_WR\) = 0$'
	assert_error '^skt: listen: close\([0-9]+\) = 0$'
	[ "$(grep -c 'close(' "$ERR")" -eq 2 ]
}

@test "say: --trace of failures carries the name of the errno" {
	refused_port
	try skt connect --trace 127.0.0.1 "$PORT"
	assert_error "^skt: connect: connect\(3, 127\.0\.0\.1:$PORT\) = -1 ECONNREFUSED$"
	start_peer taken tcp4 accept
	try skt listen --trace 127.0.0.1 "$PORT"
	assert_status 8
	assert_error "^skt: listen: bind\(3, 127\.0\.0\.1:$PORT\) = -1 EADDRINUSE$"
	try skt unix --trace ./missing
	assert_error '^skt: unix: socket\(AF_UNIX, SOCK_STREAM, 0\) = 3$'
	assert_error '^skt: unix: connect\(3, \./missing\) = -1 ENOENT$'
}

@test "say: --trace sums what moves: a line per 100 ms and direction, not one per call" {
	start_peer peer tcp4 send-zeros 8M close
	local begin=${EPOCHREALTIME/[.,]/} took lines sum
	try skt connect --trace --buffer-size 1K 127.0.0.1 "$PORT"
	took=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
	assert_status 0
	lines=$(grep -c 'recv(\.\.\.) = ' "$ERR")
	[ "$lines" -ge 1 ] && [ "$lines" -le $((took / 100 + 2)) ] || complain "$lines lines in $took ms"
	sum=$(sed -n 's/.*recv(\.\.\.) = \([0-9]*\).*/\1/p' "$ERR" | paste -sd+)
	[ $((sum)) -eq $((8 << 20)) ] || complain "the sum is $((sum))"
}

@test "say: --trace turns at each change of direction" {
	start_peer peer tcp4 expect 'one\n' send 1 expect 'two\n' send 22 expect-eof close
	mkfifo to from
	start talker bash -c 'exec 5>to 6<from; echo one >&5; read -r -n 1 <&6; echo two >&5; read -r -n 2 <&6; exec 5>&-; cat <&6'
	start traced bash -c 'exec "$0" connect --trace 127.0.0.1 "$1" <to >from' "$SKT" "$PORT"
	wait_end traced
	assert_status 0
	sed -n 's/^skt: connect: \(send\|recv\)(\.\.\.) = /\1 /p' "$ERR" >told
	printf '%s\n' 'send 4' 'recv 1' 'send 4' 'recv 2' >expected
	assert_same expected told || cat told
}

@test "say: --json, every line an object: client and server" {
	start_skt listen --json -v --trace 127.0.0.1 0 <<<four
	local port=$PORT
	try skt connect --json -v --trace 127.0.0.1 "$port" <<<seven77
	assert_status 0
	assert_output four
	assert_json "$ERR" 'len(events("connected")) == 1 and len(events("closed")) == 1 and len(events("trace")) > 3' \
		"events('connected')[0]['address'] == '127.0.0.1' and events('connected')[0]['port'] == $port" \
		'events("closed")[0]["bytes_sent"] == 8 and events("closed")[0]["bytes_received"] == 5'
	wait_end skt
	assert_json "$ERR" "events('listening')[0]['address'] == '127.0.0.1' and events('listening')[0]['port'] == $port" \
		'len(events("accepted")) == 1 and len(events("closed")) == 1'
}

@test "say: --json, errors of every kind" {
	refused_port
	try skt connect --json 127.0.0.1 "$PORT"
	assert_json "$ERR" 'len(lines) == 1 and lines[0]["class"] == "refused" and lines[0]["errno"] == "ECONNREFUSED"'
	try skt connect --json --bogus 127.0.0.1 9
	assert_status 2
	assert_json "$ERR" 'len(lines) == 1 and lines[0]["class"] == "usage" and lines[0]["errno"] is None' \
		'"--bogus" in lines[0]["message"] and "skt connect --help" in lines[0]["message"]'
	try skt connect --bogus --json 127.0.0.1 9 # wherever it stands
	assert_json "$ERR" 'lines[0]["class"] == "usage"'
	try skt connect 127.0.0.1 70000 --json
	assert_json "$ERR" 'lines[0]["class"] == "usage" and "70000" in lines[0]["message"]'
	try skt connect --json 127.0.0.1 $'no"such\\\x01\xff'
	assert_json "$ERR" 'lines[0]["class"] == "resolve" and lines[0]["errno"] is None'
	try skt listen --json --accept-timeout 10ms 127.0.0.1 0
	assert_json "$ERR" 'len(lines) == 2 and lines[0]["port"] > 0 and lines[1]["class"] == "timeout"'
	start_skt listen --json 127.0.0.1 0
	stop skt
	wait_end skt
	assert_json "$ERR" 'lines[-1]["event"] == "error" and lines[-1]["class"] == "signal"'
	try skt udp-recv --json --deadline 10ms --count 1 127.0.0.1 0
	assert_status 12
	assert_json "$ERR" 'lines[-1]["class"] == "incomplete"'
	try skt unix --json -l "$BATS_TEST_TMPDIR"
	assert_status 8
	assert_json "$ERR" 'lines[0]["class"] == "bind"'
	try skt http-get --json https://127.0.0.1/
	assert_status 2
	assert_json "$ERR" 'lines[0]["class"] == "usage"'
}

@test "say: --json, unix sockets with strange names" {
	local path=$'./a"b\\\n\xff'
	try skt unix -l -v --trace --json --accept-timeout 10ms "$path"
	assert_status 6
	assert_json "$ERR" 'events("listening")[0]["address"].startswith("./a\"b")' 'len(events("trace")) >= 4'
}

@test "say: --json never touches what is on stdout" {
	start_peer peer tcp4 send '{"data":\x00\xff"}' close
	try skt connect --json -v 127.0.0.1 "$PORT"
	assert_status 0
	assert_bytes '{"data":\0\0377"}'
	assert_json "$ERR"
}

@test "say: --quiet wins over everything" {
	refused_port
	local all='-v --trace --json'
	try skt connect -q 127.0.0.1 "$PORT"
	assert_status 4
	assert_silent
	# shellcheck disable=SC2086
	try skt connect $all 127.0.0.1 "$PORT" --quiet
	assert_status 4
	assert_silent
	try skt connect -q --bogus 127.0.0.1 9
	assert_status 2
	assert_silent
	try skt connect --bogus 127.0.0.1 9 -q
	assert_status 2
	assert_silent
	try skt connect 127.0.0.1 70000 -q
	assert_status 2
	assert_silent
	try skt connect -q 127.0.0.1 no-such-service
	assert_status 3
	assert_silent
	# shellcheck disable=SC2086
	start_skt listen $all -q 127.0.0.1 0
	try skt connect -qv 127.0.0.1 "$PORT"
	assert_status 0
	assert_silent
	wait_end skt
	assert_status 0
	assert_silent
	try skt udp-recv -q --deadline 10ms 127.0.0.1 0
	assert_status 0
	assert_silent
	start_skt listen -q 127.0.0.1 0
	stop skt
	wait_end skt
	assert_status 143
	assert_silent
}

@test "say: bytes from outside are escaped" {
	local name=$'\x1b]0;title\x07\xc3\xa9\t\r\n\x7f\\'
	try skt connect 127.0.0.1 "x$name"
	assert_status 3
	# shellcheck disable=SC1003
	assert_one_error '^skt: connect: .*x\\x1b\]0;title\\x07\\xc3\\xa9\\t\\r\\n\\x7f\\\\'
	try skt listen "$name" 0
	assert_status 3
	assert_one_error '^skt: listen: .*\\x1b\]0;title'
	try skt listen --ready-file "missing/$name" --accept-timeout 1s 127.0.0.1 0
	assert_status 9
	assert_error '\\x1b\]0;title'
	run ! env LC_ALL=C grep -q $'[\x01-\x08\x0b-\x1f\x7f-\xff]' "$ERR"
	try skt unix "./$name"
	assert_status 4
	assert_one_error '^skt: unix: connect to \./\\x1b\]0;title'
}

@test "say: a stderr that is closed, full or gone changes nothing" {
	refused_port
	local status=0
	timeout 10 "$SKT" connect -v --trace 127.0.0.1 "$PORT" 2>&- || status=$?
	[ "$status" -eq 4 ] || complain "closed: $status"
	start_peer peer tcp4 recv-until-eof send hello close again
	try bash -c '"$0" connect -v --trace 127.0.0.1 "$1" 2>&- <<<hi' "$SKT" "$PORT"
	assert_status 0
	assert_output hello
	[ -e /dev/full ] || skip 'no /dev/full here'
	try bash -c '"$0" connect -v --trace --json 127.0.0.1 "$1" 2>/dev/full <<<hi' "$SKT" "$PORT"
	assert_status 0
	assert_output hello
	try bash -c 'exec 9> >(:); wait $!; "$0" connect -v --trace 127.0.0.1 "$1" 2>&9 <<<hi' "$SKT" "$PORT"
	assert_status 0
	assert_output hello
}

@test "say: a stderr that others made non-blocking and that is full gets the line when there is room, whole" {
	need python3
	refused_port
	try python3 - "$SKT" "$PORT" <<-'END'
		import fcntl, os, subprocess, sys, termios, time
		r, w = os.pipe()
		room = fcntl.fcntl(w, fcntl.F_SETPIPE_SZ, 4096)
		os.set_blocking(w, False)
		os.write(w, b"x" * room)
		skt = subprocess.Popen([sys.argv[1], "connect", "127.0.0.1", sys.argv[2]], stderr=w)
		state = lambda: open(f"/proc/{skt.pid}/wchan").read() + open(f"/proc/{skt.pid}/stat").read().split()[2]
		while skt.poll() is None and "poll" not in state(): time.sleep(0.01)
		os.read(r, room)
		status = skt.wait(10)
		os.close(w)
		print(status, os.read(r, 4096).decode(), end="")
	END
	assert_match '^4 skt: connect: .*Connection refused$'
}
