#!/usr/bin/env bats
# shellcheck disable=SC2002,SC2094 # cat makes a pipe where a pipe is what is tested; and only read twice
# The loop against nc (OpenBSD's), ncat and socat, in both roles and both directions.

load helper
load loop

setup() {
	helper_setup
	head -c 1500000 /dev/urandom >a
	head -c 1700000 /dev/urandom >b
}

# The port that process NAME listens on: by the inodes of its sockets in proc_net_tcp(5).
port_of() {
	local inodes
	PORT=
	inodes=$(find "/proc/${PIDS[$1]}/fd" -lname 'socket:*' -printf '%l\n' 2>/dev/null | tr -dc '0-9\n')
	[ -n "$inodes" ] || return 1
	PORT=$(awk -v inodes="$inodes" 'BEGIN { n = split(inodes, list, "\n"); for (i = 1; i <= n; i++) is[list[i]] = 1 }
		$4 == "0A" && $10 in is { sub(/.*:/, "", $2); print $2; exit }' /proc/net/tcp /proc/net/tcp6)
	[ -n "$PORT" ] || return 1
	PORT=$((16#$PORT))
}

# The process `other` serves b and takes what comes.
skt_calls() {
	wait_for port_of other
	try skt connect 127.0.0.1 "$PORT" <a
	assert_status 0
	assert_silent
	assert_same b "$OUT"
	wait_end other
	assert_same a "$OUT"
}

skt_calls_unix() {
	wait_for test -S s
	try skt unix s <a
	assert_status 0
	assert_silent
	assert_same b "$OUT"
	wait_end other
	assert_same a "$OUT"
}

# skt_serves COMMAND...: a client that says b; PORT stands for the port, PATH for the unix socket
skt_serves() {
	local words=("$@")
	if [[ " $* " == *PORT* ]]; then
		start_skt -n skt listen 127.0.0.1 0 <a
		words=("${words[@]/PORT/$PORT}")
	else
		start_skt -n skt unix -l "$PWD/s" <a
		words=("${words[@]/PATH/$PWD/s}")
	fi
	try timeout 30 "${words[@]}" <b
	assert_status 0
	assert_same a "$OUT"
	skt_end 0
	assert_same b "$OUT"
	assert_silent
}

# nc ends at the first end of the two that it notices: what it has to say must be short.
@test "nc -l and skt connect" {
	need nc.openbsd
	head -c 3000 /dev/urandom >b
	start other nc.openbsd -N -l 127.0.0.1 0 <b
	skt_calls
}

@test "nc -lU and skt unix" {
	need nc.openbsd
	head -c 3000 /dev/urandom >b
	start other nc.openbsd -N -lU "$PWD/s" <b
	skt_calls_unix
}

@test "skt listen and unix -l, and nc" {
	need nc.openbsd
	head -c 3000 /dev/urandom >b
	skt_serves nc.openbsd -N 127.0.0.1 PORT
	skt_serves nc.openbsd -N -U PATH
}

# So does ncat -l.
@test "ncat -l and skt" {
	need ncat
	head -c 3000 /dev/urandom >b
	start other ncat -l 127.0.0.1 0 <b
	skt_calls
	start other ncat -lU "$PWD/s" <b
	skt_calls_unix
}

@test "skt and ncat" {
	need ncat
	skt_serves ncat 127.0.0.1 PORT
	skt_serves ncat -U PATH
}

@test "socat servers and skt" {
	need socat
	start other socat -t 30 TCP-LISTEN:0,bind=127.0.0.1 STDIO <b
	skt_calls
	start other socat -t 30 "UNIX-LISTEN:$PWD/s" STDIO <b
	skt_calls_unix
}

@test "skt and socat clients" {
	need socat
	skt_serves socat -t 30 STDIO TCP:127.0.0.1:PORT
	skt_serves socat -t 30 STDIO UNIX-CONNECT:PATH
}

@test "an nc that never half-closes is not waited for once it is gone" {
	need nc.openbsd
	start_skt -n skt listen 127.0.0.1 0 </dev/null
	printf 'a line\n' | timeout 20 nc.openbsd -q 0 127.0.0.1 "$PORT" || true
	skt_end 0
	assert_output 'a line'
}

@test "skt under socat and ncat as their program" {
	need socat
	start_peer peer tcp4 copy recv 6 send 'an answer' half-close recv-until-eof
	printf 'hello\n' | socat -t 20 STDIO "EXEC:$SKT connect 127.0.0.1 $PORT" >got
	[ "$(<got)" = 'an answer' ]
	wait_end peer
	assert_output hello
	start_peer other tcp4 copy recv 6 send 'an answer' half-close recv-until-eof
	printf 'hello\n' | socat -t 20 STDIO "EXEC:$SKT connect 127.0.0.1 $PORT,pty,raw,echo=0" >got
	[ "$(<got)" = 'an answer' ]
}

@test "a chain of four: skt, skt, socat, skt" {
	need socat
	start_skt -n last unix -l "$PWD/s" </dev/null
	start middle socat -t 30 TCP-LISTEN:0,bind=127.0.0.1 "UNIX-CONNECT:$PWD/s" </dev/null
	wait_for port_of middle
	cat a | skt connect 127.0.0.1 "$PORT" | cmp - /dev/null
	wait_end last
	assert_same a "$OUT"
}
