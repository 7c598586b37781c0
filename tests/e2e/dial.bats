#!/usr/bin/env bats
# connect: every address of a name is tried, by RFC 8305; limits, tries, and our own address.

load helper
load netns

@test "dial: a refused address costs nothing, the next one is tried at once" {
	need_ipv6
	need_netns '::1 name' '127.0.0.1 name'
	start_peer peer tcp4 send 'from v4' close
	timed try skt connect --trace --attempt-delay 9s name "$PORT"
	assert_status 0
	assert_output 'from v4'
	assert_error '^skt: connect: connect\([0-9]+, \[::1\]:[0-9]+\) = -1 ECONNREFUSED$'
	assert_error '^skt: connect: connect\([0-9]+, 127\.0\.0\.1:[0-9]+\) = 0$'
	[ "$took" -lt 5000 ] || complain "it took $took ms"
}

@test "dial: a black-holed ::1 costs about a quarter second" {
	need_ipv6
	need_netns '::1 name' '127.0.0.1 name'
	silent_port tcp6
	start_skt listen 127.0.0.1 "$PORT" <<<'from v4'
	timed try skt connect --trace name "$PORT"
	assert_status 0
	assert_output 'from v4'
	[ "$took" -ge 250 ] || complain "it took only $took ms: was ::1 tried at all?"
	[ "$took" -lt 2000 ] || complain "it took $took ms"
	local loser # whose socket is closed, whatever its number: the look-up has descriptors, too
	loser=$(sed -n 's/^skt: connect: socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP) = \([0-9]*\)$/\1/p' "$ERR")
	assert_error "^skt: connect: close\($loser\) = 0$"
}

@test "dial: --attempt-delay is the stagger" {
	need_ipv6
	need_netns '::1 name' '127.0.0.1 name'
	silent_port tcp6
	start_skt listen -k 127.0.0.1 "$PORT"
	timed try skt connect --attempt-delay 1s name "$PORT"
	assert_status 0
	[ "$took" -ge 1000 ] || complain "it took only $took ms"
	timed try skt connect --attempt-delay 30s --connect-timeout 1s name "$PORT"
	assert_status 6 # 127.0.0.1 had no turn
	[ "$took" -lt 5000 ] || complain "it took $took ms"
}

@test "dial: families take turns, and the order within each stays" {
	need_ipv6
	need_netns '::1 name' 'fd97::1 name' '127.0.0.1 name' '10.97.0.1 name'
	try skt connect --trace name 9
	assert_status 4
	local tried
	tried=$(attempts)
	[ "$(wc -w <<<"$tried")" -eq 4 ] || complain_about_run "not every address was tried: $tried"
	grep -qE '^\[[^ ]* [0-9.]* \[[^ ]* [0-9.]*$' <<<"$tried" || complain_about_run "no turns: $tried"
}

@test "dial: -4 and -6 choose among the addresses of a name" {
	need_ipv6
	need_netns 'fd97::1 name' '127.0.0.1 name' '127.0.0.1 four'
	try skt connect --trace -6 name 9
	assert_status 4
	[ "$(attempts)" = '[fd97::1]' ] || complain_about_run 'not fd97::1 alone'
	try skt connect --trace -4 name 9
	assert_status 4
	[ "$(attempts)" = '127.0.0.1' ] || complain_about_run 'not 127.0.0.1 alone'
	try skt connect --connect-timeout 5s -6 four 9
	# The file knows no such address; a resolver that asks a name server then meets its silence.
	[ "$status" -eq 3 ] || [ "$status" -eq 6 ] || complain_about_run 'four has an IPv6 address?'
}

@test "dial: the status is that of the failure that came last" {
	need_ipv6
	need_netns '127.0.0.1 name' '10.98.0.1 name' '10.98.0.1 away' '::1 away'
	try skt connect --trace name 9
	case $(attempts) in
	'127.0.0.1 10.98.0.1') assert_status 5 ;;
	'10.98.0.1 127.0.0.1') assert_status 4 ;;
	*) complain_about_run 'not every address was tried' ;;
	esac
	try skt connect --trace away 9
	[ "$(attempts)" = '[::1] 10.98.0.1' ] || complain_about_run 'not ::1 and then 10.98.0.1'
	assert_status 5
	assert_error '^skt: connect: connect to 10\.98\.0\.1:9: .*[Hh]ost'
}

@test "dial: no route is status 5" {
	need_netns
	try skt connect 10.98.0.1 9
	assert_status 5
	assert_one_error '^skt: connect: connect to 10\.98\.0\.1:9: '
	try skt connect --json 203.0.113.1 9
	assert_status 5
	assert_error '"class":"unreachable","errno":"ENETUNREACH"'
}

@test "dial: one limit over all attempts" {
	need_ipv6
	need_netns '10.99.0.1 name' '10.99.0.2 name' '10.99.0.3 name' '10.99.0.4 name' '10.99.0.5 name' '10.99.0.6 name' \
		'10.99.0.7 name' '10.99.0.8 name'
	timed try skt connect --trace --attempt-delay 50ms --connect-timeout 800ms name 9
	assert_status 6
	assert_error '^skt: connect: connect to name port 9: .*connect limit'
	[ "$took" -ge 800 ] || complain "it took only $took ms"
	[ "$took" -lt 5000 ] || complain "it took $took ms"
}

@test "dial: every address has its turn, however many black holes are before it" {
	need_netns '10.99.0.1 name' '10.99.0.2 name' '10.99.0.3 name' '10.99.0.4 name' '10.99.0.5 name' '10.99.0.6 name' \
		'10.99.0.7 name' '10.99.0.8 name'
	try skt connect --trace --attempt-delay 50ms --connect-timeout 2s name 9
	assert_status 6
	[ "$(grep -c 'socket(AF_INET,' "$ERR")" -eq 8 ] || complain_about_run 'not every address had its turn'
}

@test "dial: --trace tells of a connect that got no answer, too" {
	need_netns
	try skt connect --trace --connect-timeout 200ms 10.99.0.1 9
	assert_status 6
	assert_error '^skt: connect: connect\(3, 10\.99\.0\.1:9\) = -1 E'
	assert_error '^skt: connect: close\(3\) = 0$'
}

@test "dial: the limit covers the look-up" {
	need_netns
	timed try skt connect --connect-timeout 500ms no-such-name.example 9
	assert_status 6
	assert_one_error "no-such-name\.example.*connect limit"
	[ "$took" -ge 500 ] || complain "it took only $took ms"
	[ "$took" -lt 4000 ] || complain "it took $took ms"
	timed try skt connect --deadline 300ms no-such-name.example 9
	assert_status 6
	[ "$took" -lt 4000 ] || complain "it took $took ms"
	timed try skt connect -w 300ms no-such-name.example 9
	assert_status 6
	[ "$took" -lt 4000 ] || complain "it took $took ms"
}

@test "dial: a signal ends the look-up and the attempt" {
	need_netns
	local name
	for name in no-such-name.example 10.99.0.1; do
		# bash starts what is in the background with SIGINT ignored.
		start "$name" env --default-signal=INT "$SKT" connect "$name" 9
		wait_for waits "${PIDS[$name]}"
		stop "$name" INT
		wait_end "$name" 5
		assert_status 130
		assert_one_error '^skt: connect: .*signal 2'
	done
	start term "$SKT" connect no-such-name.example 9
	wait_for waits "${PIDS[term]}"
	stop term
	wait_end term 5
	assert_status 143
}

# Whether skt waits in its loop: it has an epoll descriptor, and sleeps.
waits() {
	find "/proc/$1/fd" -lname '*eventpoll*' 2>/dev/null | grep -q . &&
		[ "$(sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f1)" = S ]
}

@test "dial: -w and --connect-timeout end a black hole with 6" {
	silent_port
	local option
	for option in '-w 300ms' '-w0.3' '--wait=300ms' '--connect-timeout 0.3'; do
		# shellcheck disable=SC2086 # two words
		timed try skt connect $option 127.0.0.1 "$PORT"
		assert_status 6
		assert_one_error '^skt: connect: connect to 127\.0\.0\.1 port [0-9]+: .*connect limit of 0\.3 s'
		[ "$took" -ge 300 ] && [ "$took" -lt 5000 ] || complain "it took $took ms"
	done
}

@test "dial: --retry-interval means nothing without --retry" {
	local words
	for words in 'connect 127.0.0.1 9' 'unix ./none' 'http-get http://127.0.0.1:9/'; do
		# shellcheck disable=SC2086
		try skt $words --trace --retry-interval 1s
		assert_status 2
		assert_one_error "'--retry-interval' needs '--retry'"
	done
	try skt connect --retry-interval 1s --retry 0 127.0.0.1 9
	assert_status 4
}

@test "dial: --retry tries so many times more, --retry-interval apart" {
	refused_port
	timed try skt connect --trace -v --retry 2 --retry-interval 200ms 127.0.0.1 "$PORT"
	assert_status 4
	[ "$(grep -c 'connect(.*ECONNREFUSED' "$ERR")" -eq 3 ] || complain_about_run 'not three attempts'
	[ "$(grep -c 'trying again' "$ERR")" -eq 2 ] || complain_about_run 'not two announcements'
	[ "$took" -ge 400 ] && [ "$took" -lt 5000 ] || complain "it took $took ms"
	try skt connect --trace --retry 0 127.0.0.1 "$PORT"
	assert_status 4
	[ "$(grep -c 'connect(.*ECONNREFUSED' "$ERR")" -eq 1 ] || complain_about_run 'not one attempt'
	try skt connect --retry 3 --retry-interval 1ms 127.0.0.1 "$PORT"
	assert_one_error 'Connection refused' # the tries in between say nothing
}

@test "dial: --retry forever meets a server that comes late" {
	start late "$PEER" bind tcp4 "$BATS_TEST_TMPDIR/late.ready" wait-file go listen send late close
	wait_ready late
	start client "$SKT" connect -v --retry forever --retry-interval 20ms 127.0.0.1 "$PORT"
	wait_for has_said client 'trying again'
	: >go
	wait_end client
	assert_status 0
	assert_output late
}

@test "dial: --retry is for what may pass: a timeout and a missing unix path, not a name without address" {
	silent_port
	try skt connect --trace --retry 2 --retry-interval 1ms --connect-timeout 200ms 127.0.0.1 "$PORT"
	assert_status 6
	[ "$(grep -c 'socket(AF_INET' "$ERR")" -eq 3 ] || complain_about_run 'not three attempts'
	try skt unix --trace --retry 2 --retry-interval 1ms ./missing
	assert_status 4
	[ "$(grep -c 'connect(.*ENOENT' "$ERR")" -eq 3 ] || complain_about_run 'not three attempts'
	timed try skt connect --retry 2 --retry-interval 30s 127.0.0.1 no-such-service
	assert_status 3
	[ "$took" -lt 10000 ] || complain "it took $took ms"
}

@test "dial: --deadline and a signal end the pause between two tries" {
	refused_port
	timed try skt connect --retry forever --retry-interval 30s --deadline 300ms 127.0.0.1 "$PORT"
	assert_status 6
	[ "$took" -lt 5000 ] || complain "it took $took ms"
	start client "$SKT" connect -v --retry forever --retry-interval 30s 127.0.0.1 "$PORT"
	wait_for has_said client 'trying again'
	stop client
	wait_end client 5
	assert_status 143
}

@test "dial: --source and --source-port are what the server sees" {
	start_peer peer tcp4 accept from close
	try skt connect -s 127.0.0.77 127.0.0.1 "$PORT"
	assert_status 0
	wait_end peer
	assert_match '^127\.0\.0\.77 [0-9]+$'
	need_netns
	start_peer there tcp4 accept from close
	try skt connect --source=127.0.0.2 --source-port=40404 127.0.0.1 "$PORT"
	assert_status 0
	wait_end there
	assert_output '127.0.0.2 40404'
	start_peer again tcp4 accept from close
	try skt connect -p 40404 127.0.0.1 "$PORT"
	assert_status 0
	wait_end again
	assert_output '127.0.0.1 40404'
}

@test "dial: a source that is taken, not ours or of another family" {
	need_netns
	start_skt -n taken listen 127.0.0.1 0
	local taken=$PORT
	start_skt listen 127.0.0.1 0
	try skt connect -s 127.0.0.1 -p "$taken" 127.0.0.1 "$PORT"
	assert_status 8
	assert_one_error "^skt: connect: bind to 127\.0\.0\.1:$taken: Address already in use"
	try skt connect -s 192.0.2.1 127.0.0.1 "$PORT"
	assert_status 8
	assert_one_error '^skt: connect: bind to 192\.0\.2\.1'
	try skt connect -s ::1 127.0.0.1 "$PORT"
	[ "$status" -eq 8 ] || [ "$status" -eq 2 ] || complain_about_run 'status 8 or 2'
	assert_one_error '::1'
	try skt connect -4 -s ::1 localhost "$PORT"
	assert_status 2
	try skt connect -s 300.1.1.1 127.0.0.1 "$PORT"
	assert_status 2
	assert_one_error "300\.1\.1\.1.*try 'skt connect --help'"
}

@test "dial: --source-port is a PORT: 0 and a service name, too" {
	need_netns
	local port
	start_skt listen -k 127.0.0.1 0
	try skt connect -p 0 127.0.0.1 "$PORT"
	assert_status 0
	need getent
	[ "$(getent services sip/tcp)" ] || skip 'no service names here'
	port=$(getent services sip/tcp | awk '{ sub("/.*", "", $2); print $2 }')
	try skt connect -v -p sip 127.0.0.1 "$PORT"
	assert_status 0
	assert_error "from 127\.0\.0\.1:$port "
	local bad
	for bad in 70000 80x -1 '' ' 80'; do
		try skt connect -p "$bad" 127.0.0.1 "$PORT"
		assert_status 2
	done
}

@test "dial: without IPv6 a name that has both is reached by IPv4" {
	need_netns '::1 name' '127.0.0.1 name'
	start_peer peer tcp4 send four close
	inside sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6' 2>/dev/null || skip 'IPv6 cannot be turned off'
	try skt connect name "$PORT"
	assert_status 0
	assert_output four
	try skt connect ::1 "$PORT"
	[ "$status" -eq 5 ] || [ "$status" -eq 8 ] || complain_about_run 'unreachable, or no address of ours'
}
