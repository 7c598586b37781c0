# loop: what the loop_*.bats share. `load helper` comes first.
#
#   meet ROLE OPTIONS STEP...   skt in one of the ROLES (connect, listen, unix, unix-l) as `skt`, with the stdin of the
#                               call, and `peer` at the other end of it, doing the steps. OPTIONS: words of skt, or ''.
#   meet_end STATUS             both have ended: skt with STATUS, the peer with 0; $OUT, $ERR and the rest are skt's,
#                               $PEER_OUT is what the peer printed
#   skt_end STATUS              skt has ended, the peer may still be there
#   part                        the end of a round: a test may meet again
#   idle                        descriptor 9 is a FIFO named `idle` from now on: <idle never ends, never says anything
#   fill FD                     fills the FIFO open there with $FILLED NULs: who writes to it is blocked
#   traced OPTIONS skt ...      under strace
#   unopenable ARGUMENTS        skt unable to reopen its standard descriptors, as when they are another user's pipes

# shellcheck disable=SC2034,SC2154 # what is set here is for the tests, and skt is a name
ROLES=(connect listen unix unix-l)

# STDOUT=FILE meet ...: skt writes there.
meet() {
	local role=$1 options steps
	read -ra options <<<"$2"
	steps=("${@:3}")
	ROUND=$((${ROUND:-0} + 1)) SOCKET=$BATS_TEST_TMPDIR/socket$ROUND
	case $role in
	connect)
		start_peer peer tcp4 "${steps[@]}" 7>&- 8>&- 9>&- || return 1
		start_there connect "${options[@]}" 127.0.0.1 "$PORT"
		;;
	unix)
		start_peer peer "unix:$SOCKET" "${steps[@]}" 7>&- 8>&- 9>&- || return 1
		start_there unix "${options[@]}" "$SOCKET"
		;;
	listen)
		start_there listen --ready-file "$BATS_TEST_TMPDIR/skt.ready" "${options[@]}" 127.0.0.1 0
		wait_ready skt || return 1
		start peer "$PEER" connect tcp4 127.0.0.1 "$PORT" "${steps[@]}" </dev/null 7>&- 8>&- 9>&-
		;;
	unix-l)
		start_there unix -l --ready-file "$BATS_TEST_TMPDIR/skt.ready" "${options[@]}" "$SOCKET"
		wait_ready skt || return 1
		start peer "$PEER" connect "unix:$SOCKET" "${steps[@]}" </dev/null 7>&- 8>&- 9>&-
		;;
	esac
}

# Descriptors 7, 8 and 9 are the test's ways to keep a FIFO open: skt must not hold them, nor the peer.
start_there() {
	"$SKT" "$@" <&0 >"${STDOUT:-$BATS_TEST_TMPDIR/skt.out}" 2>"$BATS_TEST_TMPDIR/skt.err" 3>&- 7>&- 8>&- 9>&- &
	PIDS[skt]=$!
}

meet_end() {
	PEER_OUT=$BATS_TEST_TMPDIR/peer.out
	wait_end peer || return 1
	assert_status 0 || return 1
	skt_end "$1"
}

# The line that tells the port of a listener on port 0 is none of the tests' business here.
skt_end() {
	: >>"$BATS_TEST_TMPDIR/skt.out"
	wait_end skt || return 1
	sed -i '/: listening on /d' "$ERR"
	read_results
	assert_status "$1"
}

part() {
	local name
	for name in skt peer; do
		[ -n "${PIDS[$name]:-}" ] || continue
		stop "$name" KILL 2>/dev/null || true
		wait "${PIDS[$name]}" 2>/dev/null || true
		unset "PIDS[$name]"
	done
	rm -f "$BATS_TEST_TMPDIR"/{skt,peer}.*
}

idle() {
	[ -p idle ] || mkfifo idle
	exec 9<>idle
}

# 1 MiB is what skt may let a pipe grow to.
fill() {
	need python3
	python3 - "$1" <<-'END'
		import fcntl, os, sys
		fd = int(sys.argv[1])
		fcntl.fcntl(fd, 1031, 1 << 20) # F_SETPIPE_SZ
		os.set_blocking(fd, False)
		try:
		    while True: os.write(fd, bytes(4096))
		except BlockingIOError:
		    os.set_blocking(fd, True)
	END
	FILLED=1048576
}

traced() {
	ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" timeout -k 5 "$LIMIT" strace "$@" 3>&- 8>&- 9>&-
}

unopenable() {
	traced -o /dev/null -e trace=open,openat -e inject=open,openat:error=EACCES -P /proc/self/fd/0 -P /proc/self/fd/1 \
		"$SKT" "$@"
}
