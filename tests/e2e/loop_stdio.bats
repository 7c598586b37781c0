#!/usr/bin/env bats
# shellcheck disable=SC2002,SC2094 # cat makes a pipe where a pipe is what is tested; and only read twice
# The standard descriptors: what they may be, how they fail, and that they stay as they were.

load helper
load loop

@test "stdin that is /dev/null, closed or an error never ends the receiving direction" {
	for role in connect unix; do
		meet "$role" '' expect-eof sleep 200 send-zeros 300000 half-close </dev/null
		meet_end 0
		[ "$(stat -c %s "$OUT")" -eq 300000 ]
		part
		meet "$role" '' expect-eof sleep 200 send-zeros 300000 half-close <&-
		meet_end 0
		[ "$(stat -c %s "$OUT")" -eq 300000 ]
		part
	done
	for role in "${ROLES[@]}"; do
		meet "$role" '' expect-eof sleep 200 send-zeros 300000 half-close <.
		meet_end 9
		[ "$(stat -c %s "$OUT")" -eq 300000 ]
		assert_one_error '^skt: [a-z]+: standard input: Is a directory$'
		part
		: >only
		meet "$role" '' expect-eof send x half-close 0>only # not open for reading
		meet_end 9
		assert_output x
		assert_one_error '^skt: [a-z]+: standard input: Bad file descriptor$'
		part
	done
}

@test "stdin is read from where the shell left it" {
	printf 'first\nsecond\nthird\n' >lines
	start_peer peer tcp4 recv-until-eof print
	{
		read -r line
		try skt connect 127.0.0.1 "$PORT"
		assert_status 0
		! read -r line # nothing is left for the next
	} <lines
	wait_end peer
	assert_output $'second\nthird'
}

@test "a named FIFO whose writer went before skt came" {
	for bytes in '' hello; do
		for role in "${ROLES[@]}"; do
			rm -f fifo
			mkfifo fifo
			exec 7<>fifo 6<fifo
			printf %s "$bytes" >&7
			exec 7>&-
			meet "$role" '' recv-until-eof print <&6
			exec 6<&-
			meet_end 0
			[ "$(<"$PEER_OUT")" = "$bytes" ]
			part
		done
	done
}

@test "a full disk: 9 with the kernel's words" {
	for role in "${ROLES[@]}"; do
		STDOUT=/dev/full meet "$role" '' send x recv-until-eof </dev/null
		meet_end 9
		assert_one_error '^skt: [a-z]+: standard output: No space left on device$'
		part
	done
}

@test "a limit on the size of files: 9, not a signal" {
	start_peer peer tcp4 send-zeros 30000 recv-until-eof
	ulimit -f 8
	try skt connect 127.0.0.1 "$PORT" </dev/null
	assert_status 9
	assert_one_error '^skt: connect: standard output: File too large$'
	[ "$(stat -c %s "$OUT")" -eq 8192 ]
}

@test "a closed stdout is 9 once a byte had to be written, and nothing before" {
	head -c 100000 /dev/zero >page
	start_peer quiet tcp4 recv-until-eof count
	"$SKT" connect 127.0.0.1 "$PORT" <page >&- 2>err 3>&-
	[ ! -s err ]
	wait_end quiet
	assert_output 100000
	start_peer loud tcp4 recv-until-eof send x
	status=0
	"$SKT" connect 127.0.0.1 "$PORT" <page >&- 2>"$ERR" 3>&- || status=$?
	assert_status 9
	assert_one_error '^skt: connect: standard output: Bad file descriptor$'
}

@test "stdout that is not open for writing: 9" {
	start_peer peer tcp4 send x recv-until-eof
	status=0
	"$SKT" connect 127.0.0.1 "$PORT" </dev/null 1</dev/null 2>"$ERR" 3>&- || status=$?
	assert_status 9
	assert_one_error 'standard output: Bad file descriptor$'
}

@test "skt | head: 141, quietly" {
	for role in connect unix; do
		case $role in
		connect) start_peer peer tcp4 send-forever && set -- connect 127.0.0.1 "$PORT" ;;
		unix) start_peer peer "unix:$PWD/s" send-forever && set -- unix s ;;
		esac
		idle
		set +e
		skt "$@" <idle 2>"$ERR" | head -c 1 >byte
		statuses=("${PIPESTATUS[@]}")
		set -e
		[ "${statuses[0]}" -eq 141 ] || complain "status ${statuses[0]}" "$ERR"
		[ "$(stat -c %s byte)" -eq 1 ]
		assert_silent
		wait_end peer
	done
}

@test "the reader of stdout goes away while nothing moves: 141 at once" {
	mkfifo stdout
	idle
	for role in "${ROLES[@]}"; do
		exec 7<>stdout
		STDOUT=stdout meet "$role" '' send x stall <idle
		read -r -n 1 -t 5 -u 7 byte
		[ "$byte" = x ]
		running skt
		exec 7<&-
		poll_until 3 gone "${PIDS[skt]}"
		skt_end 141
		assert_silent
		part
	done
}

@test "the same when stdout is a socket" {
	need python3
	start_peer peer tcp4 send x stall
	try python3 - "$SKT" "$PORT" <<-'END'
		import socket, subprocess, sys
		ours, theirs = socket.socketpair()
		skt = subprocess.Popen([sys.argv[1], "connect", "127.0.0.1", sys.argv[2]],
		                       stdin=theirs, stdout=theirs, stderr=subprocess.PIPE)
		theirs.close()
		assert ours.recv(1) == b"x"
		ours.close()
		print(skt.wait(5), skt.stderr.read())
	END
	assert_output "141 b''"
}

@test "a stdout that is a reset TCP connection: 141" {
	need python3
	start_peer peer tcp4 accept wait-file go send-forever
	try python3 - "$SKT" "$PORT" <<-'END'
		import socket, struct, subprocess, sys
		server = socket.create_server(("127.0.0.1", 0))
		ours = socket.create_connection(server.getsockname())
		theirs, _ = server.accept()
		skt = subprocess.Popen([sys.argv[1], "connect", "127.0.0.1", sys.argv[2]],
		                       stdin=subprocess.PIPE, stdout=theirs, stderr=subprocess.PIPE)
		theirs.close()
		ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
		ours.close()
		open("go", "w").close()
		print(skt.wait(5), skt.stderr.read())
	END
	assert_output "141 b''"
}

# Every combination of closed descriptors: data where it belongs, messages never in the socket.
@test "any of the descriptors 0, 1 and 2 closed" {
	for closed in '' 0 1 2 01 02 12 012; do
		local answer=answer
		[[ $closed != *1* ]] || answer=
		start_peer "peer$closed" tcp4 recv-until-eof print send "$answer"
		status=0
		: >out
		: >err
		(
			exec <<<question >out 2>err 3>&-
			[[ $closed != *0* ]] || exec 0<&-
			[[ $closed != *1* ]] || exec 1>&-
			[[ $closed != *2* ]] || exec 2>&-
			exec "$SKT" connect 127.0.0.1 "$PORT"
		) || status=$?
		assert_status 0
		[ "$(<out)" = "$answer" ]
		[ ! -s err ]
		wait_end "peer$closed"
		assert_status 0
		[[ $closed == *0* ]] || [ "$output" = question ]
		[[ $closed != *0* ]] || [ -z "$output" ]
	done
}

@test "with 1 and 2 closed a failure is told to nobody, least of all to the peer" {
	start_peer peer tcp4 send answer recv-until-eof print
	status=0
	"$SKT" connect -v 127.0.0.1 "$PORT" <<<question >&- 2>&- 3>&- || status=$?
	assert_status 9
	wait_end peer
	assert_output question
}

@test "a listener with all three closed" {
	start server "$SKT" listen --ready-file ready 127.0.0.1 0 <&- >&- 2>&-
	wait_for test -e ready
	read -r _ PORT <ready
	try "$PEER" connect tcp4 127.0.0.1 "$PORT" expect-silence 100 half-close expect-eof
	assert_status 0
	wait "${PIDS[server]}"
}

@test "shared descriptions of pipes, terminals and sockets never get O_NONBLOCK, nor lose it" {
	need python3
	start_peer peer tcp4 send x again
	try python3 - "$SKT" "$PORT" <<-'END'
		import fcntl, os, pty, socket, subprocess, sys
		def pair(kind):
		    if kind == "pipe": return os.pipe()
		    if kind == "pty": return pty.openpty()
		    return [s.detach() for s in socket.socketpair()]
		for kind in "pipe", "pty", "socketpair":
		    for nonblock in False, True:
		        (in_r, in_w), (out_r, out_w) = pair(kind), pair(kind)
		        watched = in_r, out_w
		        if kind == "pty":
		            in_r, in_w = in_w, in_r # the terminal is the second one
		            watched = in_r, out_w
		        for fd in watched: os.set_blocking(fd, not nonblock)
		        before = [fcntl.fcntl(fd, fcntl.F_GETFL) for fd in watched]
		        skt = subprocess.Popen([sys.argv[1], "connect", "--hold", "127.0.0.1", sys.argv[2]],
		                               stdin=in_r, stdout=out_w)
		        assert os.read(out_r, 1) == b"x"
		        during = [fcntl.fcntl(fd, fcntl.F_GETFL) for fd in watched]
		        os.write(in_w, b"\4" if kind == "pty" else b"")
		        if kind != "pty": os.close(in_w)
		        status = skt.wait(5)
		        after = [fcntl.fcntl(fd, fcntl.F_GETFL) for fd in watched]
		        print(kind, nonblock, status, before == during == after)
	END
	assert_output "pipe False 0 True
pipe True 0 True
pty False 0 True
pty True 0 True
socketpair False 0 True
socketpair True 0 True"
}

@test "no fcntl or ioctl changes the standard descriptors" {
	need strace
	idle
	start_peer peer tcp4 send x half-close
	traced -o calls -e trace=fcntl,ioctl "$SKT" connect 127.0.0.1 "$PORT" <idle | cat >got
	[ "$(<got)" = x ]
	grep -q fcntl calls
	run ! grep -E '(fcntl|ioctl)\([012], (F_SETFL|FIONBIO|TCSET)' calls
}

@test "descriptors that others made non-blocking are waited for, not failed on" {
	need python3
	start_peer peer tcp4 send-zeros 300000 wait-file go copy recv-until-eof
	try python3 - "$SKT" "$PORT" <<-'END'
		import os, subprocess, sys, time
		(in_r, in_w), (out_r, out_w) = os.pipe(), os.pipe()
		os.set_blocking(in_r, False)
		os.set_blocking(out_w, False)
		skt = subprocess.Popen([sys.argv[1], "connect", "127.0.0.1", sys.argv[2]], stdin=in_r, stdout=out_w)
		os.close(in_r), os.close(out_w)
		time.sleep(0.3) # stdin is empty, stdout full
		got = b""
		while len(got) < 300000: got += os.read(out_r, 65536)
		os.write(in_w, b"late")
		os.close(in_w)
		open("go", "w").close()
		rest = os.read(out_r, 65536)
		print(len(got), rest, skt.wait(5))
	END
	assert_output "300000 b'' 0"
	wait_end peer
	assert_output late
}

@test "a terminal: lines as they are typed, ^D is the end" {
	need python3
	start_peer peer tcp4 expect 'hello\n' send 'hi\n' expect-eof send 'bye\n'
	try python3 - "$SKT" "$PORT" <<-'END'
		import os, pty, sys, termios
		pid, fd = pty.fork()
		if pid == 0: os.execv(sys.argv[1], ["skt", "connect", "127.0.0.1", sys.argv[2]])
		mode = termios.tcgetattr(fd)
		mode[3] &= ~termios.ECHO
		termios.tcsetattr(fd, termios.TCSANOW, mode)
		os.write(fd, b"hello\n")
		seen = b""
		while b"hi" not in seen: seen += os.read(fd, 100)
		os.write(fd, b"\4")
		while b"bye" not in seen: seen += os.read(fd, 100)
		print(seen.replace(b"\r", b"").split(b"\n")[-3:], os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	END
	assert_output "[b'hi', b'bye', b''] 0"
	wait_end peer
	assert_status 0
}
