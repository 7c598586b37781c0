#!/usr/bin/env bats
# unix --type dgram and seqpacket: messages stay apart, of any size, in both roles; who cannot be answered; queues that
# are full.

load helper

# packets NAME STEP...: a seqpacket server that takes these steps
packets() {
	start_peer "$1" "seqpacket:./$1.sock" "${@:2}"
}

# held NAME COMMAND...: in the background, its standard input the FIFO NAME.in, which stays open on a descriptor of ours
held() {
	local name=$1
	shift
	mkfifo "$name.in"
	eval "exec $((FIFOS = ${FIFOS:-5} + 1))<>$name.in"
	case $1 in
	-l) start_skt -n "$name" unix "$@" <"$name.in" ;;
	*) start "$name" "$SKT" unix "$@" <"$name.in" ;;
	esac
}

say() {
	printf '%b' "$2" >"$1.in"
}

@test "unix seqpacket: a line is a message, an empty one too, and what comes is written as it came" {
	packets srv send one send '' send 'two\n' send '' send '' half-close \
		recv-datagram recv-datagram recv-datagram expect-eof
	printf 'a\n\nno newline' | try skt unix --type seqpacket --stats "$SOCKET"
	assert_status 0
	assert_bytes 'onetwo\n'
	assert_error ', 3 datagrams sent, 5 received'
	wait_end srv
	assert_output '2 a\n
1 \n
10 no newline'
}

@test "unix seqpacket: the end is none of the empty messages, and they are none of the end" {
	local type
	for type in line hex length; do
		packets "$type" send '' send '' send x send '' send '' close
		try skt unix --type seqpacket --frame "$type" "$SOCKET"
		assert_status 0
		wait_end "$type"
	done
	packets after send '' recv-datagram send later close
	try skt unix --type seqpacket --frame line "$SOCKET" <<<question
	assert_status 0
	assert_bytes '\nlater\n'
}

@test "unix seqpacket: both roles of skt, half-close, one after the other with -k" {
	start_skt -n server unix -l -k --clients 2 -v --type seqpacket --frame line ./sock <<<'only the first gets this'
	try skt unix -v --type seqpacket ./sock <<<hello
	assert_status 0
	assert_output 'only the first gets this'
	assert_error '^skt: unix: connected to \./sock from .* \(unix seqpacket 0, pid [0-9]+, uid [0-9]+, gid [0-9]+\)$'
	printf 'again' | try skt unix --type seqpacket ./sock
	assert_status 0
	wait_end server
	assert_status 0
	assert_bytes 'hello\nagain\n'
	assert_error '^skt: unix: accepted .* on \./sock \(unix seqpacket 0, pid [0-9]+, uid [0-9]+, gid [0-9]+\)$'
	[ ! -e sock ]
}

@test "unix seqpacket: --send-only, --recv-only, --max-bytes, --frame size" {
	start_skt -n sink unix -l --type seqpacket --frame hex ./sink </dev/null
	printf 'abcde' | try skt unix --type seqpacket --send-only --frame size=2 ./sink
	assert_status 0
	wait_end sink
	assert_bytes '6162\n6364\n65\n'
	start_skt -n source unix -l --type seqpacket ./source <<<'one two'
	try skt unix --type seqpacket --recv-only --max-bytes 3 ./source
	assert_status 0
	assert_bytes 'one'
}

@test "unix seqpacket: --echo, --discard, --forward and a command keep messages apart" {
	printf 'one\n\nthree' >lines
	start_skt -n echo unix -l --echo --type seqpacket ./echo
	start_skt -n forward unix -l --forward unix:./echo --type seqpacket ./forward
	local path
	for path in ./echo ./forward; do
		try skt unix --type seqpacket --frame line --stats "$path" <lines
		assert_status 0
		assert_bytes 'one\n\nthree\n'
		assert_error ', 3 datagrams sent, 3 received'
	done
	start_skt -n discard unix -l --discard --clients 1 --type seqpacket ./discard
	try skt unix --type seqpacket ./discard <lines
	assert_status 0
	assert_output ''
	wait_end discard
	start_skt -n command unix -l --type seqpacket ./command -- sh -c 'dd bs=1000 count=1 2>/dev/null; echo done'
	try skt unix --type seqpacket --frame line ./command <<<question
	assert_status 0
	assert_bytes 'question\ndone\n'
}

@test "unix seqpacket: a reset comes after what was received before it" {
	packets srv send 'one\n' send 'two\n' wait-file sent close
	held client --type seqpacket "$SOCKET"
	say client 'unread\n'
	wait_for has_said client two
	: >sent
	wait_end client
	assert_status 7
	assert_bytes 'one\ntwo\n'
	assert_one_error 'Connection reset by peer$'
}

@test "unix seqpacket: the end comes while a line is not complete: it is still sent, or counted" {
	packets srv send first wait-file said half-close recv-datagram expect-eof
	held client --type seqpacket "$SOCKET"
	say client 'no newline'
	wait_for has_said client first
	: >said
	wait_end client
	assert_status 0
	wait_end srv
	assert_output '10 no newline'
}

@test "unix dgram: server and client, questions and answers; the client has a name of the kernel's choice" {
	held server -l -v --type dgram ./sock
	held first -v --type dgram ./sock
	held second --type dgram ./sock
	say first 'from first\n'
	wait_for has_said server 'from first'
	say server 'to first\n'
	wait_for has_said first 'to first'
	say second 'from second\n\n'
	wait_for has_said server 'from second'
	say server 'to second\n'
	wait_for has_said second 'to second'
	! has_said first 'to second' || complain 'the first got what was meant for the second'
	stop server
	wait_end server
	assert_status 143
	assert_bytes 'from first\nfrom second\n\n'
	assert_error '^skt: unix: heard @[0-9a-f]+ on \./sock \(unix dgram 0, pid [0-9]+, uid [0-9]+, gid [0-9]+\)$'
	[ ! -e sock ] || complain 'the path is still there'
	stop first
	wait_end first
	assert_error '^skt: unix: connected to \./sock from @[0-9a-f]+ \(unix dgram 0\)$'
}

@test "unix dgram: --source gives a path, made like a server's and removed at the end" {
	held server -l -v --type dgram ./sock
	held client --type dgram --source ./me --mode 640 ./sock
	say client 'hello\n'
	wait_for has_said server hello
	[ "$(stat -c '%F %a' me)" = 'socket 640' ] || complain "$(stat -c '%F %a' me)"
	say server 'hello yourself\n'
	wait_for has_said client 'hello yourself'
	stop client
	wait_end client
	[ ! -e me ] || complain 'the path is still there'
	stop server
	wait_end server
	assert_error 'heard \./me on '
	: >file
	try skt unix --type dgram --source ./file ./sock
	assert_status 8
	assert_one_error '^skt: unix: \./file is in the way: not a socket$'
	[ -f file ]
	try skt unix --type dgram --source ./me ./nobody
	assert_status 4
	[ ! -e me ] || complain 'the path is still there, though nobody was met'
	start_skt -n live unix -l --type dgram ./live
	try skt unix --type dgram --source ./live ./live
	assert_status 8
}

@test "unix dgram: a sender without a name is heard but cannot be answered; that is told, once" {
	need python3
	held server -l --type dgram --frame line ./sock
	say server 'answer\n'
	python3 -c "
import socket
for text in b'one', b'two':
    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(text, 'sock')"
	wait_for has_said server two
	held client --type dgram ./sock
	say client 'named\n'
	wait_for has_said client answer
	stop server
	wait_end server
	assert_bytes 'one\ntwo\nnamed\n'
	assert_error '^skt: unix: a sender without a name cannot be answered'
	[ "$(grep -c 'without a name' "$ERR")" -eq 1 ]
	# Who has nothing to say needs no answer.
	start_skt -n mute unix -l --type dgram --max-bytes 3 ./mute </dev/null
	python3 -c "
import socket
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'one', 'mute')"
	wait_end mute
	assert_status 0
	assert_silent
}

@test "unix dgram: a sender that is gone: what was for it waits for the next" {
	held server -l --type dgram ./sock
	try skt unix --type dgram --send-only ./sock <<<bye
	assert_status 0
	wait_for has_said server bye
	say server 'for the next\n'
	wait_for has_said server 'the last sender cannot be answered (Connection refused)'
	try skt unix --type dgram --max-bytes 4 ./sock <<<here
	assert_status 0
	assert_bytes 'for '
}

@test "unix dgram: the server goes away: 4, and not a moment of waiting" {
	held server -l --type dgram ./sock
	held client --type dgram ./sock
	say client 'hello\n'
	wait_for has_said server hello
	stop server
	wait_end server
	say client 'anybody?\n'
	wait_end client 10
	assert_status 4
	assert_one_error '^skt: unix: send: Connection refused$'
	try skt unix --type dgram ./sock
	assert_status 4
}

@test "unix dgram: a full queue is waited for, without spinning, and nothing is lost" {
	seq 3000 >numbers
	start_peer slow unixgram:./slow wait-file full recv-datagrams 1000
	start client "$SKT" unix --type dgram --send-only "$SOCKET" <numbers
	sleep 0.5 # the client must not be busy in this time
	local used
	used=$(cut -d' ' -f14,15 "/proc/${PIDS[client]}/stat" | tr ' ' +)
	: >full
	wait_end client
	assert_status 0
	wait_end slow
	assert_output '3000 datagrams, 13893 bytes'
	((used < 20)) || complain "$used ticks of processor time in half a second of waiting"
}

@test "unix dgram: a client that does not read fast enough still gets every answer" {
	need python3
	seq 1000 >numbers
	start_skt -n server unix -l --type dgram --linger 2s ./sock <numbers
	start client python3 -c "
import socket, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('client')
s.settimeout(20)
s.sendto(b'go', 'sock')
time.sleep(.5)
for n in range(1, 1001):
    assert s.recv(100) == b'%d\n' % n
print('all')"
	wait_end client
	assert_output all
	wait_end server
	assert_status 0
}

@test "unix dgram: messages above 64 KiB, whole; what is too long is 9 and names the record" {
	need python3
	head -c 150000 /dev/zero | tr '\0' x >long
	start_skt -n server unix -l --type dgram --max-bytes 150002 ./sock </dev/null
	{ echo; cat long; echo; } | try skt unix --type dgram --send-only ./sock
	assert_status 0
	wait_end server
	assert_status 0
	{ echo; cat long; echo; } | cmp - "$OUT"
	start_skt -n other unix -l --type dgram ./sock </dev/null
	{ echo first; head -c 300000 /dev/zero | tr '\0' x; } | try skt unix --type dgram --send-only ./sock
	assert_status 9
	assert_one_error '^skt: unix: line 2 is longer than a datagram may be \([0-9]+ bytes\): not sent$'
	printf 'abcdef' | try skt unix --type dgram --max-datagram 5 --send-only ./sock
	assert_status 9
	try skt unix --type dgram --frame size=1M ./sock
	assert_status 2
	assert_one_error '^skt: unix: --frame: size=1048576 is more than a datagram to \./sock can hold'
	# A larger buffer than usual is asked for; how much we get is the kernel's to say.
	head -c 300000 /dev/zero | try skt unix --trace --type dgram --frame size=300000 --max-datagram 300000 --send-only ./sock
	assert_error 'SO_SNDBUF(FORCE)?, 15[0-9]+\) = 0$'
	[ "$status" -eq 0 ] || [ "$status" -eq 2 ]
}

@test "unix dgram: paths: live is 8, dead is taken over, and the mode is ours" {
	start_skt -n server unix -l --type dgram --mode 660 ./sock </dev/null
	[ "$(stat -c %a sock)" = 660 ]
	local type
	for type in stream dgram seqpacket; do
		try skt unix -l --type "$type" ./sock
		assert_status 8
		assert_one_error 'a live socket listens there$'
	done
	stop server KILL
	wait_end server
	[ -S sock ]
	start_skt -n taker unix -l --type dgram --max-bytes 2 ./sock </dev/null
	try skt unix --type dgram --send-only ./sock <<<x
	assert_status 0
	wait_end taker
	assert_output x
	try skt unix --type seqpacket ./sock
	assert_status 4
	start_skt -n stream unix -l --type stream ./sock
	try skt unix --type dgram ./sock
	assert_status 4
	assert_one_error 'Protocol wrong type for socket$'
}

@test "unix: abstract names for messages too" {
	local name=@skt-$$-$RANDOM
	start_skt -n server unix -l --type dgram --max-bytes 6 "$name" </dev/null
	try skt unix --type dgram --source "$name-me" --send-only "$name" <<<hello
	assert_status 0
	wait_end server
	assert_output hello
	start_skt -n packets unix -l --type seqpacket "$name" <<<whole
	try skt unix --type seqpacket "$name"
	assert_output whole
}

@test "unix types: what does not go together is a usage error that names it" {
	local words named
	while IFS='|' read -r words named; do
		# shellcheck disable=SC2086
		try skt unix $words ./sock
		assert_status 2
		assert_one_error "$named.*; try 'skt unix --help'$"
		[ ! -e sock ]
	done <<-'E'
		-l --type dgram --echo|datagrams have no clients
		-l --type dgram --discard|datagrams have no clients
		-l --type dgram --forward unix:./x|datagrams have no clients
		-l --type dgram --clients 1|datagrams have no clients
		-l --type dgram --exec true|'--exec' is for clients, and datagrams have none
		-l --type dgram --accept-timeout 1s|'--accept-timeout' is about clients, and datagrams have none
		-l --type dgram --backlog 1|'--backlog' is about clients, and datagrams have none
		-l --type seqpacket --forward localhost:1|does not keep the messages of --type seqpacket
		-l --source ./me|'--listen' and '--source' exclude each other
		--frame line|need datagrams .--type dgram or seqpacket
		--chomp|need datagrams .--type dgram or seqpacket
		--max-datagram 9|need datagrams .--type dgram or seqpacket
		--type packet|'packet' is none of stream, dgram, seqpacket
		--type seqpacket --crlf|'--crlf' needs a stream
		--mode 600|'--mode' needs '--listen' or '--source'
		--source @|--source: .*empty
	E
	try skt unix --type dgram --source "$(printf 'x%.0s' {1..108})" ./sock
	assert_status 2
	assert_one_error '107'
}

@test "unix seqpacket: descriptors that come beside a message are not taken" {
	need python3
	start srv python3 -c "
import array, os, socket, time
l = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
l.bind('sock')
l.listen(1)
s, _ = l.accept()
for i in range(20):
    s.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [0, 1, 2]))])
while not os.path.exists('go'): time.sleep(.01)"
	wait_for test -S sock
	SOCKET=./sock
	held client --type seqpacket --retry 100 --retry-interval 50ms "$SOCKET"
	wait_for has_said client xxxxxxxxxxxxxxxxxxxx
	local count
	count=$(find "/proc/${PIDS[client]}/fd" -mindepth 1 | wc -l)
	((count < 15)) || complain "$count descriptors are open"
	: >go
	wait_end client
	assert_status 0
}
