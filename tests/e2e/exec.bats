#!/usr/bin/env bats
# exec: --exec and `-- COMMAND`, whose standard input and output is the socket: on connect, listen and unix.

load helper

# A server that answers each line by one, and an end by an end.
answering() {
	start_skt listen 127.0.0.1 0 --exec 'while read -r line; do echo "<$line>"; done'
}

@test "connect: the command talks, and its status is skt's" {
	answering
	try skt connect "$ADDRESS" "$PORT" --exec 'echo one; read -r a; echo "$a" >&2; exit 7'
	assert_status 7
	assert_output ''
	assert_error '^<one>$'
	try skt connect "$ADDRESS" "$PORT" -- sh -c 'echo "$1"; read -r a; echo "$a" >&2' - 'two words'
	assert_status 0
	assert_error '^<two words>$'
	try skt connect "$ADDRESS" "$PORT" --exec 'kill -KILL $$'
	assert_status 137
	assert_silent
}

@test "connect: against nc" {
	need nc.openbsd python3
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	start nc nc.openbsd -N -l 127.0.0.1 "$port" <<<'from nc'
	try skt connect --retry 50 --retry-interval 100ms 127.0.0.1 "$port" --exec 'read -r a; echo "skt had: $a"'
	assert_status 0
	wait_end nc
	assert_output 'skt had: from nc'
}

@test "a command is looked for before any socket opens: 127 not found, 126 not to be executed" {
	need strace
	echo 'echo hi' >plain
	mkdir folder
	local row
	for row in '127 ./none' '127 surely-no-such-command' '126 ./plain' '126 ./folder' '127 ./plain/x'; do
		try under_strace calls connect 127.0.0.1 1 -- "${row#* }"
		assert_status "${row% *}" || complain "$row"
		assert_one_error "^skt: connect: command '${row#* }'" || return 1
		! grep -q 'socket(' calls || complain "$row: a socket was opened"
	done
	PATH=$PWD try skt connect 127.0.0.1 1 -- plain
	try skt listen 127.0.0.1 0 -- ''
	assert_status 127
	PATH=$PWD:$PATH try skt listen 127.0.0.1 0 -- plain
	assert_status 126
	chmod +x plain
	mkdir first
	echo >first/plain
	start_skt listen 127.0.0.1 0 -- true
	PATH=$PWD/first:$PWD:$PATH try skt connect "$ADDRESS" "$PORT" -- plain
	assert_status 0
}

@test "a script without #! is the shell's, with its arguments" {
	printf 'echo "$1-$2" >&2\nexit 4\n' >script
	chmod +x script
	answering
	try skt connect "$ADDRESS" "$PORT" -- ./script one 'two words'
	assert_status 4
	assert_error '^one-two words$'
}

@test "listen: a command for each client, many at a time, against nc and socat" {
	need nc.openbsd socat
	answering
	start waiting socat - "TCP:$ADDRESS:$PORT,connect-timeout=5" < <(echo first; exec sleep 20)
	wait_for has_said waiting '<first>'
	try timeout 10 nc.openbsd -N "$ADDRESS" "$PORT" <<<'hello'
	assert_status 0
	assert_output '<hello>'
	try timeout 10 socat -t 5 - "TCP:$ADDRESS:$PORT" < <(seq 1 1000)
	assert_status 0
	[ "$output" = "$(seq -f '<%g>' 1 1000)" ] || complain_about_run 'not all was answered'
	running waiting
	stop skt
	wait_end skt
	assert_status 143
	assert_error 'ended by signal 15'
}

@test "listen: curl has its page, though nobody reads its question" {
	need curl
	start_skt listen 127.0.0.1 0 --exec 'printf "HTTP/1.0 200 OK\r\n\r\nfor $SKT_PEER_ADDRESS\n"'
	local i
	for i in 1 2 3 4 5 6 7 8 9 10; do
		try curl -sS --max-time 10 --data-binary @"$SKT_SOURCE/README.md" "http://$ADDRESS:$PORT/"
		assert_status 0 || complain "try $i"
		assert_output 'for 127.0.0.1' || return 1
	done
}

@test "listen: the environment tells of both ends, and an outer skt's is gone" {
	need_ipv6
	SKT_PEER_PID=1 SKT_PEER_PORT=2 SKT_OTHER=kept start_skt listen ::1 0 --clients 1 -- sh -c 'env | grep ^SKT_ | sort'
	try skt connect "$ADDRESS" "$PORT" </dev/null
	grep -v '^SKT_SOURCE\|^SKT_SANITIZE\|^SKT_MOVER' "$OUT" >told
	sed -i 's/^SKT_PEER_PORT=[1-9][0-9]*$/SKT_PEER_PORT=N/' told
	[ "$(<told)" = "SKT_LOCAL_ADDRESS=::1
SKT_LOCAL_PORT=$PORT
SKT_OTHER=kept
SKT_PEER_ADDRESS=::1
SKT_PEER_PORT=N
SKT_PROTOCOL=tcp" ] || complain 'another environment:' told
	wait_end skt
	assert_status 0
}

@test "listen: on :: an IPv4 client is told as one" {
	need_ipv6
	start_skt listen :: 0 --clients 1 --exec 'echo "$SKT_PEER_ADDRESS $SKT_LOCAL_ADDRESS"'
	try skt connect 127.0.0.1 "$PORT" </dev/null
	assert_status 0
	assert_output '127.0.0.1 127.0.0.1'
}

@test "unix: both roles, and the peer's credentials in place of address and port" {
	start_skt unix -l ./sock --clients 2 --exec 'env | grep ^SKT_.*_ | sort; echo "$SKT_PROTOCOL"'
	try skt unix ./sock </dev/null
	assert_status 0
	assert_output "SKT_LOCAL_ADDRESS=./sock
SKT_PEER_GID=$(id -g)
$(grep '^SKT_PEER_PID=[1-9][0-9]*$' "$OUT")
SKT_PEER_UID=$(id -u)
unix"
	try skt unix ./sock -- sh -c 'cat >&2; echo "pid $SKT_PEER_PID" >&2; exit 3'
	assert_status 3
	assert_error "^pid ${PIDS[skt]}$"
	assert_error '^unix$'
	wait_end skt
	assert_status 0
	[ ! -e sock ] || complain 'the path is still there'
}

@test "a command starts clean: descriptors, dispositions, mask, blocking" {
	need python3 env
	cat >look.py <<-'END'
		import os
		links = {}
		for fd in os.listdir('/proc/self/fd'):
		    try:
		        links[int(fd)] = os.readlink('/proc/self/fd/' + fd)
		    except FileNotFoundError:
		        pass
		assert links[0] == links[1] and links[0].startswith('socket:'), links
		others = [links[fd] for fd in links if fd > 2 and links[fd].startswith(('socket:', 'anon_inode:'))]
		print(os.get_blocking(0), others)
	END
	start_skt listen 127.0.0.1 0 --clients 2 -- sh -c 'grep -E "Sig(Blk|Ign)" /proc/self/status; exec python3 look.py'
	start holder skt connect "$ADDRESS" "$PORT"
	try skt connect "$ADDRESS" "$PORT" </dev/null
	assert_status 0
	grep -q 'SigBlk:.0*$' "$OUT" || complain_about_run 'a signal is blocked'
	grep -q 'SigIgn:.0*$' "$OUT" || complain_about_run 'a signal is ignored'
	assert_match 'True \[\]$'
}

@test "it works when skt was started with SIGCHLD and SIGHUP ignored, and with 0, 1, 2 closed" {
	need env
	env --ignore-signal=CHLD true 2>/dev/null || skip 'env knows no --ignore-signal'
	rm -f skt.ready
	start skt env --ignore-signal=CHLD --ignore-signal=HUP "$SKT" listen --ready-file "$BATS_TEST_TMPDIR/skt.ready" \
		127.0.0.1 0 --clients 2 --exec 'grep SigIgn /proc/self/status'
	wait_ready skt
	try skt connect "$ADDRESS" "$PORT" </dev/null
	assert_status 0
	grep -q 'SigIgn:.0*$' "$OUT" || complain_about_run 'a signal is ignored'
	try env --ignore-signal=CHLD "$SKT" connect "$ADDRESS" "$PORT" --exec 'exit 5'
	assert_status 5
	wait_end skt
	assert_status 0
	start closed bash -c 'exec "$0" listen --ready-file "$1" 127.0.0.1 0 --clients 1 --exec cat 0<&- 1>&- 2>&-' \
		"$SKT" "$BATS_TEST_TMPDIR/closed.ready"
	wait_ready closed
	try bash -c '"$@" 0<&- 1>&-' - "$SKT" connect "$ADDRESS" "$PORT" --exec 'echo hello; read -r a; echo "$a" >&2'
	assert_status 0
	assert_error '^hello$'
	wait_end closed
	assert_status 0
}

@test "a client's command that fails, is killed or resets its client hurts nobody; all are reaped" {
	start_skt listen -v 127.0.0.1 0 --exec 'read -r how; case $how in kill) kill -KILL $$;; fail) exit 9;; *) echo ok;; esac'
	local i accepted
	for i in 1 2 3 4 5; do
		try skt connect "$ADDRESS" "$PORT" <<<kill
		assert_status 0
		try skt connect "$ADDRESS" "$PORT" <<<fail
		assert_status 0
		try "$PEER" connect tcp4 127.0.0.1 "$PORT" reset
		try skt connect "$ADDRESS" "$PORT" <<<ok
		assert_status 0
		assert_output ok
	done
	wait_for has_said skt 'was ended by signal 9'
	wait_for has_said skt 'ended with status 9'
	no_children() { [ -z "$(<"/proc/${PIDS[skt]}/task/${PIDS[skt]}/children")" ]; }
	wait_for no_children
	few_descriptors() { [ "$(find "/proc/${PIDS[skt]}/fd" -type l | wc -l)" -le 9 ]; }
	wait_for few_descriptors
	# An RST that overtakes the last packet of its connect, on the other core, and nobody ever came.
	accepted=$(grep -c ': accepted ' skt.err)
	[ "$accepted" -ge 15 ] && [ "$accepted" -le 20 ] || complain "$accepted were accepted" skt.err
	[ "$(grep -c ': closed ' skt.err)" -eq "$accepted" ]
}

@test "--max-clients: the next ones wait in the backlog; --clients ends with 0" {
	start_skt listen -v 127.0.0.1 0 --max-clients 1 --clients 2 --exec 'echo began; read -r a'
	mkfifo say
	exec 9<>say
	start first skt connect "$ADDRESS" "$PORT" <say
	wait_for has_said first began
	start second skt connect "$ADDRESS" "$PORT" <<<x
	wait_for has_said skt accepted
	[ "$(grep -c ': accepted ' skt.err)" -eq 1 ] || complain 'the second was taken' skt.err
	echo x >&9
	wait_end first
	wait_end second
	assert_status 0
	assert_output began
	wait_end skt
	assert_status 0
}

@test "a command that cannot be started any more is told, and its client reset" {
	cp "$(type -P true)" mine
	start_skt listen 127.0.0.1 0 --clients 1 -- ./mine
	rm mine
	try "$PEER" connect tcp4 127.0.0.1 "$PORT" expect-reset
	assert_status 0
	wait_end skt
	assert_status 0
	assert_error "127.0.0.1:[0-9]+: command './mine': No such file"
}

@test "--json: closed has address, port, pid and status" {
	start_skt listen -v --json 127.0.0.1 0 --clients 1 --exec 'exit 6'
	try skt connect "$ADDRESS" "$PORT" </dev/null
	wait_end skt
	assert_status 0
	assert_error '"event":"closed".*"address":"127.0.0.1","port":[0-9]+,"pid":[0-9]+,"status":6'
}

@test "SIGTERM: commands have --drain, then SIGTERM, and all of their group" {
	start_skt listen 127.0.0.1 0 --drain 20s --exec 'echo began; read -r a; echo "said $a"'
	mkfifo say
	exec 9<>say
	start client skt connect "$ADDRESS" "$PORT" <say
	wait_for has_said client began
	stop skt
	refuses() { skt connect "$ADDRESS" "$PORT" </dev/null 2>/dev/null; [ $? -eq 4 ]; }
	wait_for refuses
	echo still >&9
	wait_end client
	assert_output $'began\nsaid still'
	wait_end skt
	assert_status 143

	# A shell that was only just forked still has the trap, and would swallow the signal: another program has not.
	# shellcheck disable=SC2016 # for the command's shell
	start_skt listen 127.0.0.1 0 --exec 'trap "echo told >told" TERM; sh -c "echo \$\$ >grandchild; exec sleep 60" &
		until [ -s grandchild ]; do sleep 0.01; done; echo began; wait; :'
	start other skt connect "$ADDRESS" "$PORT"
	wait_for has_said other began
	stop skt HUP # bash has SIGINT ignored where it starts something in the background
	wait_end skt
	assert_status 129
	wait_for test -e told
	wait_for gone "$(<grandchild)"
}

@test "connect: a signal is passed on, and so is the end of the deadline" {
	answering
	start client skt connect "$ADDRESS" "$PORT" --exec 'trap "echo told >told; exit 1" TERM; echo >began; read -r a; :'
	wait_for test -e began
	kill -TERM "$(pgrep -P "${PIDS[client]}")" # skt's, whose limit is timeout's
	wait_end client
	wait_for test -e told
	assert_status 143
	try skt connect --deadline 300ms "$ADDRESS" "$PORT" --exec 'trap "echo late >late; exit 1" TERM; read -r a; :'
	assert_status 6
	assert_one_error 'deadline'
	wait_for test -e late
}

@test "no HOST: a command is not offered to everybody by accident" {
	local words
	for words in "0 --exec cat" "0 -- cat" "-4 0 -- cat" "http --exec cat"; do
		# shellcheck disable=SC2086 # words
		try skt listen $words
		assert_status 2 || complain "$words"
		assert_one_error "(--exec|-- COMMAND)' needs a HOST.*try 'skt listen --help'" || return 1
	done
	try skt listen --accept-timeout 50ms 0.0.0.0:0 --exec cat
	assert_status 6
}

@test "what does not go with a command is 2, and no socket is opened" {
	local words
	for words in --hold --recv-only --send-only '--linger 1' '--max-bytes 1' '--rate 5' --progress --stats --no-half-close \
		'--buffer-size 1K' '--idle-timeout 1s' --echo --discard '--forward h:1' '--exec cat'; do
		# shellcheck disable=SC2086 # words
		try skt listen $words 127.0.0.1 0 -- cat
		assert_status 2 || complain "$words"
		assert_one_error "${words%% *}.*exclude" || return 1
	done
	try skt connect --frame line -u 127.0.0.1 1 --exec cat
	assert_status 2
	try skt connect 127.0.0.1 1 --exec ''
	assert_status 2
	try skt connect 127.0.0.1 1 --
	assert_status 2
	assert_one_error 'COMMAND'
	try skt listen -u 127.0.0.1 0 --exec cat
	assert_status 2
	try skt unix -l --type dgram ./sock --exec cat
	assert_status 2
}

@test "--accept-timeout: 6, after those who are there have ended" {
	start_skt listen --trace --accept-timeout 3s 127.0.0.1 0 -- sh -c 'read -r a; echo "$a"'
	mkfifo say
	exec 9<>say
	start client skt connect "$ADDRESS" "$PORT" <say
	wait_for has_said skt 'close('
	echo late >&9
	wait_end client
	assert_output late
	wait_end skt
	assert_status 6
}
