#!/usr/bin/env bats
# System calls that are interrupted, that refuse for a moment, that fail (strace injects it), and big transfers.

load helper
load loop

# Both directions of SIZE bytes while every third CALL comes back with ERROR, each with stdio as files and as pipes.
survives() {
	local call=$1 fault=$2 role=$3 words paths=(-P "$PWD/in" -P "$PWD/out")
	ROUND=$((${ROUND:-0} + 1))
	start_peer "peer$ROUND" "$role" send-file page half-close copy recv-until-eof
	[[ $role == tcp4 ]] && words="connect 127.0.0.1 $PORT" || words="unix $SOCKET"
	read -ra words <<<"$words"
	[[ $call == read || $call == write ]] || paths=()
	words+=(--hold --no-sandbox) # in which strace finds no path, but for root
	# Without splice and sendfile it is the copying mover.
	[[ $call == splice || $call == sendfile ]] ||
		paths+=(-e trace="$call,splice,sendfile" -e "inject=splice,sendfile:error=EINVAL")
	rm -f in out
	cp page in
	: >out
	# shellcheck disable=SC2094 # that is the same file only by name
	traced -o calls -e trace="$call" -e inject="$call:error=$fault:when=${WHEN:-1+3}" "${paths[@]}" \
		"$SKT" "${words[@]}" <in >out 2>err || complain "status $? with files" err || return 1
	wait_end "peer$ROUND" || return 1
	cmp page "$OUT" && cmp page out || return 1
	grep -Eq "(${call//,/|})\(.*INJECTED" calls && SEEN=$((${SEEN:-0} + 1))
	ROUND=$((ROUND + 1))
	rm -f s
	start_peer "peer$ROUND" "$role" send-file page half-close copy recv-until-eof
	[[ $role == tcp4 ]] && words[2]=$PORT
	rm in out
	mkfifo in out
	cat page >in 3>&- &
	cat out >got 3>&- &
	local reader=$!
	traced -o calls -e trace="$call" -e inject="$call:error=$fault:when=${WHEN:-1+3}" "${paths[@]}" \
		"$SKT" "${words[@]}" <in >out 2>err || complain "status $? with pipes" err || return 1
	wait "$reader"
	wait_end "peer$ROUND" || return 1
	cmp page "$OUT" && cmp page got || return 1
	grep -Eq "(${call//,/|})\(.*INJECTED" calls && SEEN=$((${SEEN:-0} + 1))
	return 0
}

all_survive() {
	local pair call fault
	need strace
	head -c 600000 /dev/urandom >page
	for pair; do
		IFS=: read -r call fault <<<"$pair"
		survives "$call" "$fault" tcp4 || complain "$call $fault" || return 1
		rm -f s
		survives "$call" "$fault" "unix:$PWD/s" || complain "$call $fault" || return 1
	done
	[ "${SEEN:-0}" -ge $# ] # they were used and failed
}

@test "EINTR from recv, send and epoll_wait" {
	all_survive recvfrom:EINTR sendto:EINTR epoll_wait,epoll_pwait:EINTR
}

@test "EAGAIN from recv and send" {
	all_survive recvfrom:EAGAIN sendto:EAGAIN
}

@test "EINTR and EAGAIN from read and write" {
	all_survive read:EINTR read:EAGAIN write:EINTR write:EAGAIN
}

@test "EINTR, EAGAIN and EINVAL from splice and sendfile" {
	all_survive splice:EINTR splice:EAGAIN splice:EINVAL sendfile:EINTR sendfile:EAGAIN sendfile:EINVAL
}

@test "EINVAL from splice and sendfile at a later call" {
	WHEN=3 all_survive splice:EINVAL
	WHEN=2 all_survive sendfile:EINVAL
}

@test "an I/O error of stdin is 9, and what the peer says is received all the same" {
	need strace
	head -c 600000 /dev/zero >in
	start_peer peer tcp4 recv-until-eof send answer
	try traced -o calls -e trace=read,sendfile,splice -e inject=read,sendfile,splice:error=EIO:when=1+ -P "$PWD/in" \
		"$SKT" connect --no-sandbox 127.0.0.1 "$PORT" <in
	assert_status 9
	assert_output answer
	assert_one_error '^skt: connect: standard input: Input/output error$'
}

@test "an I/O error of stdout is 9" {
	need strace
	: >out-file
	start_peer peer tcp4 send answer recv-until-eof
	status=0
	traced -o calls -e trace=write,splice -e inject=write,splice:error=EIO:when=1+ -P "$PWD/out-file" \
		"$SKT" connect --no-sandbox 127.0.0.1 "$PORT" </dev/null >out-file 2>"$ERR" || status=$?
	assert_status 9
	assert_one_error '^skt: connect: standard output: Input/output error$'
}
