#!/usr/bin/env bats
# shellcheck disable=SC2002,SC2094 # cat makes a pipe where a pipe is what is tested; and only read twice
# Much data, both directions at once, between every pair of what standard input and output may be, over TCP and unix
# sockets. SKT_BULK: MiB a direction.

load helper
load loop

MIB=${SKT_BULK:-64}

setup_file() {
	head -c "${SKT_BULK:-64}M" /dev/urandom >"$BATS_FILE_TMPDIR/a"
	head -c "${SKT_BULK:-64}M" /dev/urandom >"$BATS_FILE_TMPDIR/b"
}

setup() {
	helper_setup
	A=$BATS_FILE_TMPDIR/a B=$BATS_FILE_TMPDIR/b
}

# exchange FAMILY STDIN STDOUT: one skt serves and says B, one calls and says A; each of STDIN and STDOUT is file, pipe
# or null. --hold, because a pipe may be empty for a moment just when the other side ends.
exchange() {
	local family=$1 stdin=$2 stdout=$3 server client
	rm -f in-* out-* got-* ready s
	case $family in
	tcp) server=(listen --ready-file ready 127.0.0.1 0) ;;
	unix) server=(unix -l --ready-file ready s) ;;
	esac
	one_side server "$stdin" "$stdout" "$B" "${server[@]}"
	wait_for test -e ready
	case $family in
	tcp) read -r _ PORT <ready && client=(connect 127.0.0.1 "$PORT") ;;
	unix) client=(unix s) ;;
	esac
	one_side client "$stdin" "$stdout" "$A" "${client[@]}"
	wait_end client || return 1
	assert_status 0 || return 1
	wait_end server || return 1
	assert_status 0 || return 1
	[ "$stdout" != pipe ] || { wait_for test -e got-server.done && wait_for test -e got-client.done; } || return 1
	[ "$stdout" = null ] && return
	[ "$stdin" != null ] || set -- /dev/null /dev/null
	[ "$stdin" = null ] || set -- "$A" "$B"
	cmp "$1" got-server && cmp "$2" got-client
}

one_side() {
	local name=$1 stdin=$2 stdout=$3 what=$4
	shift 4
	mkfifo "in-$name" "out-$name"
	case $stdin in
	file) ln -sf "$what" "from-$name" ;;
	pipe) ln -sf "in-$name" "from-$name" && start "feed-$name" dd if="$what" of="in-$name" bs=100000 status=none ;;
	null) ln -sf /dev/null "from-$name" ;;
	esac
	case $stdout in
	file) ln -sf "got-$name" "to-$name" ;;
	pipe)
		ln -sf "out-$name" "to-$name"
		start "take-$name" sh -c "cat out-$name >got-$name; : >got-$name.done"
		;;
	null) ln -sf /dev/null "to-$name" ;;
	esac
	"$SKT" "$@" --hold <"from-$name" >"to-$name" 2>"$BATS_TEST_TMPDIR/$name.err" 3>&- &
	PIDS["$name"]=$!
	: >>"$name.out"
}

both_ways() {
	local family stdin=$1 stdout=$2
	for family in tcp unix; do
		exchange "$family" "$stdin" "$stdout" || complain "$family, $stdin to $stdout" server.err client.err || return 1
		unset 'PIDS[feed-server]' 'PIDS[feed-client]' 'PIDS[take-server]' 'PIDS[take-client]'
	done
}

@test "file to file" {
	both_ways file file
}

@test "file to pipe" {
	both_ways file pipe
}

@test "pipe to file" {
	both_ways pipe file
}

@test "pipe to pipe" {
	both_ways pipe pipe
}

@test "file and pipe to /dev/null" {
	both_ways file null
	both_ways pipe null
}

@test "/dev/null to file and pipe" {
	both_ways null file
	both_ways null pipe
}

@test "both directions saturated by an echo" {
	need python3 # socat's PIPE waits for itself when its pipe is full
	start echo python3 -c '
import os, socket
s = socket.socket(socket.AF_UNIX)
s.bind("new")
s.listen()
os.rename("new", "s")
c = s.accept()[0]
while data := c.recv(65536):
    c.sendall(data)
c.shutdown(socket.SHUT_WR)
c.recv(1)'
	wait_for test -S s
	cat "$A" | skt unix s | cmp - "$A"
	start_peer sink tcp4 recv-until-eof count
	skt connect 127.0.0.1 "$PORT" <"$A"
	wait_end sink
	assert_output "$((MIB * 1048576))"
}
