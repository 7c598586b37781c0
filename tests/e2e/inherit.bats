#!/usr/bin/env bats
# inherit: --inherit: sockets that somebody else opened, passed as systemd does (LISTEN_PID, LISTEN_FDS) or as inetd does.

load helper

setup() {
	helper_setup
	need python3
}

# COMMAND: inherit.py, which runs skt: launcher HOW SOCKET... -- skt-arguments...
launcher() {
	COMMAND=(python3 "$SKT_SOURCE/tests/e2e/inherit.py")
	while [ "$1" != -- ]; do
		COMMAND+=("$1")
		shift
	done
	shift
	COMMAND+=(-- "$SKT" "$@")
}

# Ready to be talked to; its ports are in PORTS_PASSED. Words as for launcher.
launch() {
	launcher "$@"
	rm -f ports served.ready
	start served "${COMMAND[@]}" --ready-file "$BATS_TEST_TMPDIR/served.ready" || return 1
	wait_ready served || return 1
	# shellcheck disable=SC2034 # for the tests
	[ ! -e ports ] || read -ra PORTS_PASSED <ports
}

# A run that ends by itself, as after `try`.
launched() {
	launcher "$@"
	try timeout -k 5 "$LIMIT" "${COMMAND[@]}"
}

# says TEXT PORT: what comes back from there is the same.
says() {
	try skt connect 127.0.0.1 "$2" <<<"$1"
	assert_status 0
	assert_output "$1"
}

@test "several sockets at once, of any family, a ready line each" {
	need_ipv6
	launch passed tcp4 tcp4+nonblocking tcp6 unix:./path seqpacket:./packets -- listen -v --inherit --echo
	[ "$(<served.ready)" = "127.0.0.1 ${PORTS_PASSED[0]}
127.0.0.1 ${PORTS_PASSED[1]}
::1 ${PORTS_PASSED[2]}
./path
./packets" ] || complain 'other ready lines' served.ready
	says one "${PORTS_PASSED[0]}"
	says two "${PORTS_PASSED[1]}"
	try skt connect ::1 "${PORTS_PASSED[2]}" <<<three
	assert_output three
	try skt unix ./path <<<four
	assert_output four
	try "$PEER" connect seqpacket:./packets send five expect five
	assert_status 0
	says again "${PORTS_PASSED[0]}"
	stop served
	wait_end served
	assert_status 143
	[ "$(grep -c ': listening on ' "$ERR")" -eq 5 ]
	assert_error 'accepted 127\.0\.0\.1:[0-9]+ on 127\.0\.0\.1:[0-9]+ \(inet stream tcp\)$'
	assert_error 'accepted .* \(inet6 stream tcp\)$'
	assert_error 'accepted .* on \./path \(unix stream 0, pid '
	[ -S path ] || complain 'the path was removed, and it is not ours'
}

@test "the listener is left as it was: no flag, no option, no shutdown; it may block" {
	need strace
	cat >traced <<-'END'
		#!/bin/sh
		exec strace -f -qq -o calls -e trace=fcntl,ioctl,setsockopt,shutdown,accept4 "$0.skt" "$@"
	END
	printf '#!/bin/sh\nLISTEN_PID=$$ exec "%s" "$@"\n' "$SKT" >traced.skt
	chmod +x traced traced.skt
	export ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0"
	SKT=$PWD/traced launch passed tcp4 tcp4+nonblocking -- listen --inherit --clients 6 --exec cat
	local i
	for i in 1 2 3; do
		says one "${PORTS_PASSED[0]}"
		says two "${PORTS_PASSED[1]}"
	done
	wait_end served
	assert_status 0
	! grep -E '(F_SETFL|setsockopt|shutdown|ioctl)[^0-9]*\(?[34],' calls || complain 'the listener was changed'
	grep -q 'fcntl(3, F_SETFD, FD_CLOEXEC) *= 0' calls
}

@test "a client that another process took: the blocking accept is cut short" {
	need strace
	cat >traced <<-'END'
		#!/bin/sh
		exec strace -qq -o calls -e trace=poll,ppoll,accept4 -e inject=poll,ppoll:retval=1 "$0.skt" "$@"
	END
	printf '#!/bin/sh\nLISTEN_PID=$$ exec "%s" "$@"\n' "$SKT" >traced.skt
	chmod +x traced traced.skt
	export ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0"
	SKT=$PWD/traced launch passed tcp4 -- listen --inherit --echo --clients 2
	says one "${PORTS_PASSED[0]}"
	says two "${PORTS_PASSED[0]}"
	wait_end served
	assert_status 0
	grep -qE 'accept4\(3.*(EINTR|ERESTARTSYS)' calls || complain 'accept did not block' calls
	[ "$(wc -l <"$ERR")" -le 1 ] || complain_about_run 'nothing of this is news'
}

@test "two servers share a listener" {
	start two python3 "$SKT_SOURCE/tests/e2e/inherit.py" stdin tcp4 -- sh -c '
		exec 3<&0
		"$0" listen --inherit --echo <&3 & one=$!
		"$0" listen --inherit --echo <&3 & two=$!
		trap "kill $one $two; wait; exit 0" TERM
		wait' "$SKT"
	wait_for test -e ports
	local port i
	read -r port <ports
	for i in 1 2 3 4 5 6 7 8; do
		says "$i" "$port"
	done
	stop two
	wait_end two
}

@test "standard input and output: one client, or one after the other with -k" {
	launch passed tcp4 tcp4 -- listen --inherit <<<hello
	try skt connect 127.0.0.1 "${PORTS_PASSED[1]}" <<<question
	assert_output hello
	wait_end served
	assert_status 0
	assert_output question
	launch passed tcp4 tcp4 -- listen --inherit -k --recv-only --clients 3
	local i
	for i in 0 1 0; do
		try skt connect 127.0.0.1 "${PORTS_PASSED[i]}" <<<"to $i"
		assert_status 0
	done
	wait_end served
	assert_status 0
	assert_output $'to 0\nto 1\nto 0'
}

@test "--forward, --discard, --clients, --accept-timeout, --allow" {
	start_skt -n upstream listen --echo 127.0.0.1 0
	launch passed tcp4 -- listen --inherit --forward "127.0.0.1:$PORT" --clients 1
	says hello "${PORTS_PASSED[0]}"
	wait_end served
	assert_status 0
	launch passed tcp4 tcp4 -- listen --inherit --discard --accept-timeout 300ms
	wait_end served
	assert_status 6
	launch passed tcp4 -- listen -v --inherit --echo --allow 127.0.0.5
	try skt connect 127.0.0.1 "${PORTS_PASSED[0]}"
	assert_status 7
	try skt connect -s 127.0.0.5 127.0.0.1 "${PORTS_PASSED[0]}" <<<hi
	assert_output hi
}

@test "--broker brings together who came by different sockets, of streams" {
	launch passed tcp4 unix:./path -- listen -v --inherit --broker --clients 2 </dev/null
	start heard "$PEER" connect "unix:./path" expect 'hello\n'
	wait_for has_said served accepted
	try skt connect --send-only 127.0.0.1 "${PORTS_PASSED[0]}" <<<hello
	assert_status 0
	wait_end heard
	assert_status 0
	wait_end served
	assert_output hello
	rm path
	launched passed tcp4 seqpacket:./path -- listen --inherit --broker </dev/null
	assert_status 2
	assert_one_error "'--broker' is for streams"
}

@test "--exec: no LISTEN_ variables, no descriptors, and the path of a unix socket" {
	launch passed tcp4 unix:./path -- listen --inherit \
		--exec 'env | grep ^LISTEN_; ls -l /proc/self/fd | grep -c socket:; echo "$SKT_PROTOCOL at $SKT_LOCAL_ADDRESS"'
	try skt connect 127.0.0.1 "${PORTS_PASSED[0]}"
	assert_output $'1\ntcp at 127.0.0.1'
	try skt unix ./path </dev/null
	assert_output $'1\nunix at ./path'
}

@test "unix -l --inherit: users may be chosen; sockets of other families are 8" {
	launch passed unix:./path -- unix -l --inherit --echo --allow-user "$(id -u)"
	[ "$SOCKET" = ./path ]
	try skt unix ./path <<<hello
	assert_output hello
	stop served
	wait_end served
	rm path
	launch passed unix:./path -- unix -l -v --inherit --allow-user "$(($(id -u) + 1))"
	try skt unix ./path </dev/null
	wait_for has_said served 'not allowed'
	stop served
	wait_end served
	rm path
	launched passed unix:./path tcp4 -- unix -l --inherit
	assert_status 8
	assert_one_error "^skt: unix: descriptor 4 is a socket of 'inet stream tcp', not a unix one: 'skt listen --inherit'"
	rm path
	launched passed unix:./path -- listen --inherit --allow 127.0.0.1
	assert_status 2
	assert_one_error 'a unix socket has none'
}

@test "inetd: a listening socket on 0, 1 and 2" {
	launch inetd tcp4 -- listen --inherit --exec 'cat; echo unheard >&2'
	says one "${PORTS_PASSED[0]}"
	says two "${PORTS_PASSED[0]}"
	stop served
	wait_end served
	assert_status 143
	launch stdin tcp4 -- listen --inherit -k
	try skt connect 127.0.0.1 "${PORTS_PASSED[0]}" <<<one
	assert_output ''
	try skt connect 127.0.0.1 "${PORTS_PASSED[0]}" <<<two
	stop served
	wait_end served
	assert_output $'one\ntwo'
}

# The other end of a client that is passed on: what HOW ... does with the words of a peer.
serves() {
	local how=$1 nonblocking
	shift
	for nonblocking in '' +nonblocking; do
		start_peer "peer" tcp4 accept send 'hello\n' half-close expect 'hello\n' expect-eof touch answered
		launched "$how" "client:$PORT$nonblocking" -- listen --inherit "$@"
		assert_status 0 || complain "$how $*"
		wait_end peer
		assert_status 0 || complain "$how $*"
		rm answered
	done
}

@test "a connected socket is the one client: --echo, a command, --forward" {
	start_skt -n upstream listen --echo 127.0.0.1 0
	local up=$PORT
	serves inetd --echo
	serves inetd --exec cat
	serves inetd -- cat
	serves inetd --forward "127.0.0.1:$up"
	serves stdin --echo
	serves passed --echo
	serves passed -k --forward "127.0.0.1:$up"
}

@test "a connected socket and standard input and output" {
	local nonblocking
	head -c 3000000 /dev/zero >zeros
	for nonblocking in '' +nonblocking; do
		start_peer peer tcp4 accept send-zeros 3000000 half-close expect 'answer\n' expect-eof
		launched passed "client:$PORT$nonblocking" -- listen --inherit <<<answer
		assert_status 0
		assert_same zeros "$OUT"
		wait_end peer
		assert_status 0
		# a pipe, so that it would be spliced
		start_peer peer tcp4 accept send-zeros 3000000 half-close recv-until-eof
		launched passed "client:$PORT$nonblocking" -- listen --inherit --hold < <(cat zeros)
		assert_status 0
		assert_same zeros "$OUT"
		wait_end peer
		assert_status 0
		# Nothing to send where standard input is the socket itself
		start_peer peer tcp4 accept send 'hello' close
		launched stdin "client:$PORT$nonblocking" -- listen --inherit
		assert_status 0
		assert_output hello
		wait_end peer
	done
	start_peer peer tcp4 accept expect-eof
	launched inetd "client:$PORT" -- listen --inherit
	assert_status 2
	wait_end peer
	assert_status 0
}

@test "a connected socket may be refused: reset, and 0" {
	start_peer peer tcp4 accept expect-reset
	launched passed "client:$PORT" -- listen -v --inherit --echo --deny 127.0.0.0/8
	assert_status 0
	assert_error 'refused 127\.0\.0\.1:[0-9]+ on .*: denied$'
	wait_end peer
	assert_status 0
	start_peer peer tcp4 accept expect-reset
	launched passed "client:$PORT" -- listen --inherit --deny 127.0.0.0/8
	assert_status 0
	assert_silent
}

@test "what was not passed as it should be is 8, and named" {
	local row
	while IFS='|' read -r row text; do
		# shellcheck disable=SC2086 # words
		launched $row -- listen --inherit --echo
		assert_status 8 || complain "$row"
		assert_one_error "^skt: listen: $text" || return 1
	done <<-'END'
		passed tcp4 LISTEN_PID=1|LISTEN_PID 1 is not ours
		passed tcp4 LISTEN_PID=x|LISTEN_PID 'x' is no process
		passed tcp4 LISTEN_PID=0|LISTEN_PID '0' is no process
		passed tcp4 LISTEN_PID=PIDx|LISTEN_PID '[0-9]+x' is no process
		passed tcp4 LISTEN_FDS=0|LISTEN_FDS '0' is not a number of sockets
		passed tcp4 LISTEN_FDS=1x|LISTEN_FDS '1x' is not a number
		passed tcp4 LISTEN_FDS=-1|LISTEN_FDS '-1' is not a number
		passed tcp4 LISTEN_FDS=99999999999|LISTEN_FDS '99999999999' is not
		passed tcp4 LISTEN_FDS=|LISTEN_PID is set, but LISTEN_FDS is not
		passed tcp4 LISTEN_FDS=200|descriptor [0-9]+, of the 200 that LISTEN_FDS tells of: Bad file descriptor
		passed tcp4 file|descriptor 4 is no socket to inherit: Socket operation on non-socket
		passed file|descriptor 3 is no socket to inherit
		passed udp4|descriptor 3 \(inet dgram udp\) is a socket for datagrams
		passed tcp4 udp4|descriptor 4 \(inet dgram udp\) is a socket for datagrams
		passed idle|descriptor 3 \(inet stream tcp\) neither listens nor is connected
		stdin file|descriptor 0 is no socket to inherit: Socket operation on non-socket
		stdin udp4|descriptor 0 \(inet dgram udp\) is a socket for datagrams
	END
	try skt listen --inherit --echo
	assert_status 8
	try bash -c '"$0" listen --inherit --echo <&-' "$SKT"
	assert_status 8
	assert_one_error '^skt: listen: descriptor 0 is no socket to inherit'
	start_peer peer tcp4 accept expect-eof
	launched passed "client:$PORT" tcp4 -- listen --inherit --echo
	assert_status 8
	assert_one_error 'descriptor 3 \(inet stream tcp\) is connected, and not alone'
}

@test "what makes no sense beside --inherit is 2" {
	local words
	for words in 0 '127.0.0.1 80' 127.0.0.1:80 '--backlog 5' -4 -6 -u '--family inet' '--type stream' '--protocol tcp' \
		--reuse-port --no-delay '--ttl 5' '--keep-alive' '--recv-buffer 9K' '--tos ef'; do
		# shellcheck disable=SC2086 # words
		try skt listen --inherit $words
		assert_status 2 || complain "$words"
		assert_one_error "--inherit.*; try 'skt listen --help'$" || return 1
	done
	for words in ./path '--mode 600' '--backlog 5'; do
		# shellcheck disable=SC2086
		try skt unix -l --inherit $words
		assert_status 2 || complain "$words"
		assert_one_error '--inherit' || return 1
	done
	try skt unix --inherit
	assert_status 2
	assert_one_error "'--inherit' needs '--listen'"
	launched passed tcp4 -- listen --inherit --ready-fd 3
	assert_status 2
	assert_one_error 'ready-fd 3 is a socket that is inherited'
}

@test "systemd-socket-activate" {
	need systemd-socket-activate
	start systemd systemd-socket-activate -l "$PWD/path" -l "$PWD/other" "$SKT" listen --inherit --echo --clients 2
	wait_for test -S path
	try skt unix ./path <<<one
	assert_output one
	try skt unix ./other <<<two
	assert_output two
	wait_end systemd
	assert_status 0
	start systemd systemd-socket-activate --accept -l "$PWD/third" "$SKT" listen --inherit --exec cat
	wait_for test -S third
	try skt unix ./third <<<one
	assert_output one
	try skt unix ./third <<<two
	assert_output two
}
