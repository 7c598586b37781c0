#!/usr/bin/env bats
# listen and unix -l, with and without -k: one client after the other.

load helper
load loop

client() {
	if [ -n "$SOCKET" ]; then
		try "$PEER" connect "unix:$SOCKET" "$@"
	else
		try "$PEER" connect tcp4 127.0.0.1 "$PORT" "$@"
	fi
}

# serve ARGUMENTS...: `skt` once as listen and once as unix -l; the test calls it with $1 being the word.
serve() {
	local word=$1
	shift
	case $word in
	listen) start_skt -n skt listen 127.0.0.1 0 "$@" ;;
	unix) start_skt -n skt unix -l "$PWD/s" "$@" ;;
	esac
}

@test "without -k: one client, and nobody can connect once it is accepted" {
	idle
	for word in listen unix; do
		serve "$word" <idle
		if [ "$word" = listen ]; then
			start peer "$PEER" connect tcp4 127.0.0.1 "$PORT" send first wait-file go
		else
			start peer "$PEER" connect "unix:$SOCKET" send first wait-file go
		fi
		wait_for has_said skt first
		client send second
		assert_status 1
		assert_error refused\|'No such file'
		touch go
		meet_end 0
		assert_output first
		part
		rm go
	done
}

@test "-k: clients one after the other; a reset one is told and ends nothing" {
	for word in listen unix; do
		serve "$word" -k </dev/null
		client send one half-close expect-eof
		assert_status 0
		client send two sleep 100 reset
		assert_status 0
		client send three half-close expect-eof
		assert_status 0
		running skt
		stop skt TERM
		skt_end 143
		assert_output onetwothree
		[ "$word" = unix ] || assert_error '^skt: listen: 127\.0\.0\.1:[0-9]+: .*[Rr]eset'
		part
	done
}

@test "-k: who comes while another is served waits for its turn" {
	serve listen -k </dev/null
	start first "$PEER" connect tcp4 127.0.0.1 "$PORT" send one wait-file go send two
	wait_for has_said skt one
	start second "$PEER" connect tcp4 127.0.0.1 "$PORT" send three half-close expect-eof
	sleep 0.2
	run ! has_said skt three
	touch go
	wait_end second
	assert_status 0
	stop skt TERM
	skt_end 143
	assert_output onetwothree
}

@test "-k: stdin goes to the first client; later ones hear nothing, not even a goodbye" {
	for word in listen unix; do
		serve "$word" -k <<<"for one"
		client half-close recv-until-eof print
		assert_output "for one"
		client expect-silence 200 send x half-close expect-eof
		assert_status 0
		stop skt TERM
		skt_end 143
		assert_output x
		part
	done
}

@test "-k: an idle stdin serves several clients, each what was typed in its time" {
	idle
	serve listen -k <idle
	printf one >&9
	client expect one half-close expect-eof
	assert_status 0
	printf two >&9
	client expect two half-close expect-eof
	assert_status 0
}

@test "-k: many clients in a row, nothing lost, no descriptor left open" {
	serve listen -k </dev/null
	client send start half-close expect-eof
	before=$(find "/proc/${PIDS[skt]}/fd" -type l | wc -l)
	for i in {1..30}; do
		client send "$i." half-close expect-eof
		assert_status 0
	done
	wait_for has_said skt 30.
	[ "$(find "/proc/${PIDS[skt]}/fd" -type l | wc -l)" -eq "$before" ]
	stop skt TERM
	skt_end 143
	assert_output "start$(printf '%s.' {1..30})"
}

@test "-k: what is ours ends the server: stdout's reader gone is 141, a full disk 9" {
	mkfifo stdout
	exec 7<>stdout
	"$SKT" listen -k --ready-file ready 127.0.0.1 0 >stdout 2>skt.err </dev/null 3>&- 7>&- &
	PIDS[skt]=$!
	wait_for test -e ready
	read -r _ PORT <ready
	client send x half-close expect-eof
	assert_status 0
	exec 7>&-
	"$PEER" connect tcp4 127.0.0.1 "$PORT" send y stall 2>/dev/null || true
	skt_end 141
	assert_silent
	part
	"$SKT" listen -k --ready-file ready2 127.0.0.1 0 >/dev/full 2>skt.err </dev/null 3>&- &
	PIDS[skt]=$!
	wait_for test -e ready2
	read -r _ PORT <ready2
	client send x stall
	skt_end 9
	assert_one_error '^skt: listen: standard output: No space left on device$'
}

@test "-k with --max-bytes: each client has its own count; one that says less is told" {
	serve listen -k --max-bytes 3 </dev/null
	client send 12345 recv-until-eof
	client send ab half-close expect-eof
	client send 67890 recv-until-eof
	running skt
	stop skt TERM
	skt_end 143
	assert_output 123ab678
	assert_error '2 of 3 bytes'
}

@test "--drain: after a signal the one client may end, the next is refused, and the status is the signal's" {
	for word in listen unix; do
		serve "$word" -k --drain 60s </dev/null
		if [ "$word" = listen ]; then
			start peer "$PEER" connect tcp4 127.0.0.1 "$PORT" send one wait-file go send two half-close expect-eof
		else
			start peer "$PEER" connect "unix:$SOCKET" send one wait-file go send two half-close expect-eof
		fi
		wait_for has_said skt one
		stop skt TERM
		refused() {
			client send three
			[ "$status" -eq 1 ]
		}
		wait_for refused
		running skt
		touch go
		meet_end 143
		assert_output onetwo
		part
		rm go
	done
}

@test "--drain: its end or a second signal cuts the client" {
	serve listen -v -k --drain 300ms </dev/null
	start peer "$PEER" connect tcp4 127.0.0.1 "$PORT" send one expect-eof
	wait_for has_said skt one
	stop skt TERM
	meet_end 143
	assert_error closed
	part
	idle
	serve listen -v --drain 60s <idle
	start peer "$PEER" connect tcp4 127.0.0.1 "$PORT" send one expect-eof
	wait_for has_said skt one
	stop skt TERM
	sleep 0.3
	running skt
	stop skt TERM
	meet_end 143
	assert_error closed
}
