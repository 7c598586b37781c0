#!/usr/bin/env bats
# shellcheck disable=SC2002,SC2094 # cat makes a pipe where a pipe is what is tested; and only read twice
# The two directions: neither waits for the other, none spins, none loses a byte to a slow or stuttering other side.

load helper
load loop

setup() {
	helper_setup
	SIZE=4000000
	head -c "$SIZE" /dev/urandom >page
}

@test "a blocked stdout does not stop sending" {
	mkfifo slow
	for role in "${ROLES[@]}"; do
		exec 8<>slow
		fill 8
		STDOUT=slow meet "$role" '' send-zeros 150000 copy recv "$SIZE" touch all recv-until-eof <page
		wait_for test -e all
		timeout 10 cat <slow >got 3>&- 8>&- &
		local reader=$!
		exec 8>&-
		meet_end 0
		wait "$reader"
		assert_same page "$PEER_OUT"
		[ "$(stat -c %s got)" -eq $((150000 + FILLED)) ]
		part
		rm all
	done
}

@test "a peer that takes nothing does not stop receiving" {
	for role in "${ROLES[@]}"; do
		meet "$role" '' rcvbuf 4096 send-file page touch sent wait-file go copy recv-until-eof <page
		wait_for same_size page skt.out
		[ -e sent ]
		touch go
		meet_end 0
		assert_same page "$OUT"
		assert_same page "$PEER_OUT"
		part
		rm sent go
	done
}

same_size() {
	[ "$(stat -c %s "$1")" -eq "$(stat -c %s "$2")" ]
}

# Another user's pipes cannot be opened anew; a blocking write or read there would stop the other direction.
@test "pipes of somebody else: a blocked stdout does not stop sending" {
	need strace
	mkfifo slow
	exec 8<>slow
	fill 8
	start_peer peer tcp4 send-zeros 100000 recv "$SIZE" touch got recv-until-eof 8>&-
	(
		sleep 0.5
		cat page
	) 3>&- 8>&- | unopenable connect 127.0.0.1 "$PORT" >slow 2>err &
	local skt=$!
	wait_for test -e got
	timeout 10 cat <slow >all 8>&- 3>&- &
	local reader=$!
	exec 8>&-
	wait_gone "$skt"
	wait "$reader"
	[ "$(stat -c %s all)" -eq $((100000 + FILLED)) ]
	run ! grep '^skt: ' err
}

@test "pipes of somebody else: an idle stdin does not stop receiving" {
	need strace
	mkfifo in
	exec 9<>in
	start_peer peer "unix:$PWD/s" rcvbuf 4096 wait-file written recv 240000 send answer half-close expect-eof 9>&-
	unopenable unix s <in >out 2>err &
	local skt=$!
	head -c 240000 page >&9 # more than the socket takes
	sleep 0.3
	touch written
	wait_gone "$skt"
	[ "$(<out)" = answer ]
	wait_end peer
	assert_status 0
}

wait_gone() {
	if ! poll_until 10 gone "$1"; then
		kill "$1"
		complain 'it hangs'
	fi
}

@test "pipes of somebody else: both directions, byte for byte" {
	need strace
	start_peer peer tcp4 send-file page half-close copy recv-until-eof
	cat page | unopenable connect --hold 127.0.0.1 "$PORT" 2>err | cat >got
	assert_same page got
	wait_end peer
	assert_same page "$OUT"
}

@test "a peer that takes a byte at a time" {
	head -c 5000 page >small
	for role in connect unix; do
		meet "$role" '' copy recv-slowly 1 0 <small
		meet_end 0
		assert_same small "$PEER_OUT"
		part
		cat small | meet "$role" '' copy recv-slowly 1 0
		meet_end 0
		assert_same small "$PEER_OUT"
		part
	done
}

@test "a peer that sends a byte at a time" {
	for role in "${ROLES[@]}"; do
		meet "$role" '' send-bytewise 'a few bytes' 2 half-close expect-eof </dev/null
		meet_end 0
		assert_output 'a few bytes'
		part
	done
}

@test "a reader of stdout that takes a byte at a time" {
	head -c 100000 page >small
	for words in tcp4 "unix:$PWD/s"; do
		start_peer "peer-${words%%[4:]*}" "$words" send-file small half-close expect-eof
		case $words in
		tcp4) skt connect 127.0.0.1 "$PORT" </dev/null ;;
		*) skt unix s </dev/null ;;
		esac | dd bs=1 of=got status=none
		assert_same small got
	done
}

@test "any buffer size" {
	head -c 100000 page >small
	for size in 1 2 4095 4097 1M; do
		start_peer "peer$size" tcp4 send-file small copy recv-until-eof
		cat small | skt connect --buffer-size "$size" 127.0.0.1 "$PORT" | cat >got
		assert_same small got
		wait_end "peer$size"
		assert_same small "$OUT"
	done
}

@test "stopped and continued in mid-transfer" {
	for role in "${ROLES[@]}"; do
		mkfifo slow
		exec 8<>slow
		STDOUT=slow meet "$role" '' rcvbuf 4096 send-file page sleep 100 copy recv-until-eof <page
		stop skt STOP
		timeout 20 cat <slow >got 3>&- 8>&- &
		local reader=$!
		for _ in {1..5}; do
			sleep 0.01
			stop skt CONT 2>/dev/null || break
			sleep 0.01
			stop skt STOP 2>/dev/null || break # it may be done by now
		done
		stop skt CONT 2>/dev/null || true
		exec 8>&-
		meet_end 0
		wait "$reader"
		assert_same page got
		assert_same page "$PEER_OUT"
		part
		rm slow
	done
}

# Nanoseconds of processor time (proc(5), /proc/pid/schedstat).
used() {
	local ns rest
	read -r ns rest <"/proc/${PIDS[$1]}/schedstat"
	echo "$ns"
}

# All of them at once: it takes two seconds.
@test "what waits does not spin" {
	local -A before
	local name
	[ -r /proc/self/schedstat ] || skip "no /proc/PID/schedstat"
	mkfifo idle blocked
	exec 8<>blocked 9<>idle
	fill 8
	for family in tcp4 "unix:$PWD/"; do
		f=${family%%[4:]*}
		waiting "$f-sending" "$family" page rcvbuf 4096 accept stall
		waiting "$f-sending-a-pipe" "$family" '| cat page' rcvbuf 4096 accept stall
		waiting "$f-receiving" "$family" idle send-file page stall
		waiting "$f-both" "$family" page rcvbuf 4096 accept send-file page stall
		waiting "$f-idle" "$family" idle accept stall
		waiting "$f-fin-sent" "$family" /dev/null recv-until-eof wait-file never
		waiting "$f-peer-half-closed" "$family" page rcvbuf 4096 accept half-close wait-file never
		waiting "$f-hold" "$family" idle half-close wait-file never
	done
	sleep 0.5
	for name in "${!PIDS[@]}"; do
		[[ $name != peer* ]] || continue
		running "$name" || complain "$name has ended" "$name.err"
		before[$name]=$(used "$name")
	done
	sleep 2
	for name in "${!before[@]}"; do
		spent=$((($(used "$name") - before[$name]) / 1000000))
		[ "$spent" -lt 50 ] || complain "$name: $spent ms of processor time in 2 s"
	done
}

# waiting NAME FAMILY STDIN STEP...: its stdout takes nothing
waiting() {
	local name=$1 family=$2 stdin=$3 words=()
	shift 3
	[[ $family != unix* ]] || family+=$name.s
	start_peer "peer-$name" "$family" "$@" 8>&- 9>&- || return 1
	[[ $name != *-hold ]] || words=(--hold)
	if [[ $family == tcp4 ]]; then
		words=("$SKT" connect "${words[@]}" 127.0.0.1 "$PORT")
	else
		words=("$SKT" unix "${words[@]}" "$name.s")
	fi
	if [[ $stdin == '|'* ]]; then
		"${words[@]}" < <(exec cat page 2>/dev/null 3>&- 8>&- 9>&-) >blocked 2>"$name.err" 3>&- 9>&- &
	else
		"${words[@]}" <"$stdin" >blocked 2>"$name.err" 3>&- 9>&- &
	fi
	PIDS["$name"]=$!
}
