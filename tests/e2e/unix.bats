#!/usr/bin/env bats
# unix: whose path it is. Live sockets stay untouched, dead ones are taken over, and what is not ours is left alone.

load helper

client() {
	try skt unix "$@" </dev/null
}

@test "unix: both roles, bytes both ways, against others" {
	need nc.openbsd socat
	start_skt unix -l ./sock <<<'from skt'
	try nc.openbsd -N -U -w 5 ./sock <<<'from nc'
	assert_status 0
	assert_output 'from skt'
	wait_end skt
	assert_status 0
	assert_output 'from nc'
	start socat socat -u 'SYSTEM:echo from socat' UNIX-LISTEN:./other
	wait_for test -S other
	client ./other
	assert_status 0
	assert_output 'from socat'
}

@test "unix: a live socket is untouched and does not see the inquiry" {
	local type inode
	for type in unix unixgram seqpacket; do
		case $type in
		unixgram) start_peer "$type" "$type:./$type" recv-datagram print ;;
		*) start_peer "$type" "$type:./$type" accept expect hello touch "met-$type" ;;
		esac
		inode=$(stat -c '%i %a' "$type")
		try skt unix -l --accept-timeout 5s "./$type"
		assert_status 8
		assert_one_error "^skt: unix: \./$type .*in use"
		[ "$(stat -c '%i %a' "$type")" = "$inode" ] || complain 'it is another file now'
		running "$type" || complain "the $type server met somebody"
	done
	# They still serve: the first that they meet is this client, not the inquiry.
	try "$PEER" connect unix:./unix send hello
	assert_status 0
	wait_for test -e met-unix
	try "$PEER" connect seqpacket:./seqpacket send hello
	assert_status 0
	wait_for test -e met-seqpacket
	try "$PEER" connect unixgram:./unixgram send datagram
	wait_end unixgram
	assert_match 'datagram'
}

@test "unix: a live listener of skt's, and one with a full backlog, count as alive" {
	start_skt unix -l -k ./sock
	try skt unix -l ./sock
	assert_status 8
	client ./sock
	assert_status 0
	need python3
	start full python3 -c '
import socket, time
server = socket.socket(socket.AF_UNIX)
server.bind("full")
server.listen(0)
clients = []
try:
    while True:
        c = socket.socket(socket.AF_UNIX)
        c.setblocking(False)
        c.connect("full")
        clients.append(c)
except BlockingIOError:
    open("is-full", "w").close()
time.sleep(600)'
	wait_for test -e is-full
	try skt unix -l --accept-timeout 5s ./full
	assert_status 8
	client --connect-timeout 300ms ./full
	assert_status 6
	assert_one_error '^skt: unix: connect to \./full.*connect limit'
	try skt unix --trace --connect-timeout 300ms ./full </dev/null
	assert_status 6
	[ "$(grep -c 'connect(.*EAGAIN' "$ERR")" = 1 ] || complain "asked again, and told each time: $(<"$ERR")"
}

@test "unix: a dead socket is taken over" {
	local type
	need python3
	for type in SOCK_STREAM SOCK_DGRAM SOCK_SEQPACKET; do
		python3 -c "import socket; socket.socket(socket.AF_UNIX, socket.$type).bind('dead')"
		[ -S dead ]
		start_skt unix -l ./dead <<<alive
		client ./dead
		assert_status 0
		assert_output alive
		wait_for test ! -e dead
	done
}

@test "unix: a file, a directory and a dangling link are 8 and untouched" {
	echo precious >file
	mkdir dir
	ln -s nowhere dangling
	ln -s file link
	mkfifo fifo
	local path
	for path in file dir fifo link dangling; do
		try skt unix -l --accept-timeout 5s "./$path"
		assert_status 8
		assert_one_error "^skt: unix: .*\./$path"
	done
	[ "$(<file)" = precious ]
	[ -d dir ] && [ -p fifo ] && [ "$(readlink dangling)" = nowhere ] && [ "$(readlink link)" = file ]
	[ ! -e nowhere ] || complain 'a socket was bound behind the link'
	try skt unix -l --json ./file
	assert_status 8
	assert_error '"class":"bind"'
}

@test "unix: a missing folder, a file as folder, a folder that may not be written are 8" {
	try skt unix -l ./missing/sock
	assert_status 8
	assert_one_error '^skt: unix: .*missing/sock.*No such file or directory'
	: >file
	try skt unix -l ./file/sock
	assert_status 8
	[ ! -s file ]
	mkdir locked
	chmod 555 locked
	if ! touch locked/probe 2>/dev/null; then
		try skt unix -l ./locked/sock
		assert_status 8
	fi
}

@test "unix: a client meets nobody: 4" {
	: >file
	try skt unix ./missing
	assert_status 4
	assert_one_error '^skt: unix: connect to \./missing: No such file or directory$'
	try skt unix --json ./missing
	assert_error '"class":"refused","errno":"ENOENT"'
	local path
	for path in ./missing/sock ./file ./file/sock . "@$BATS_TEST_TMPDIR/nobody"; do
		client "$path"
		assert_status 4
	done
	need python3
	python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('dead')"
	client ./dead
	assert_status 4
	assert_one_error 'Connection refused'
	[ -S dead ]
}

@test "unix: 0600 by default whatever the umask, --mode sets another" {
	local mask mode
	for mask in 000 022 077 777; do
		umask "$mask"
		start_skt -n "mask$mask" unix -l "./mask$mask" || { umask 022; return 1; }
		umask 022
		[ "$(stat -c %a "mask$mask")" = 600 ] || complain "umask $mask: mode $(stat -c %a "mask$mask")"
	done
	for mode in 666 0660 777 0 600; do
		umask 077
		start_skt -n "mode$mode" unix -l --mode "$mode" "./mode$mode" || { umask 022; return 1; }
		umask 022
		[ "$(stat -c %a "mode$mode")" -eq "$mode" ] || complain "--mode $mode: $(stat -c %a "mode$mode")"
	done
	need strace
	strace -o /dev/null true 2>/dev/null || skip 'strace does not work here'
	# From its first moment: no chmod behind the bind, and the umask is there before.
	try under_strace trace unix -l --accept-timeout 10ms ./sock
	assert_status 6
	grep -E 'umask|fchmod|chmod|bind\(' trace | grep -B1 'bind(' | grep -qE 'umask\(0?177\)|fchmod' ||
		complain 'neither umask nor fchmod before the bind' trace
}

@test "unix: --mode words" {
	local bad words
	for bad in 8 999 1777 rw -1 '' 0x1; do
		try skt unix -l --mode "$bad" ./sock
		assert_status 2
		assert_one_error "--mode.*try 'skt unix --help'"
		[ ! -e sock ]
	done
	try skt unix --mode 600 ./sock
	assert_status 2
	assert_one_error "'--mode' needs '--listen'"
	for words in '-l @demo' '--type dgram --source @demo ./sock'; do # an abstract name has no permissions
		# shellcheck disable=SC2086 # several words
		try skt unix --mode 600 $words
		assert_status 2
		assert_one_error "'--mode' is for a path: the abstract name '@demo' .*try 'skt unix --help'"
	done
}

@test "unix: the path goes with its server, however that ends" {
	start_skt unix -l ./sock
	client ./sock
	assert_status 0
	wait_end skt
	assert_status 0
	[ ! -e sock ]
	local name
	for name in INT TERM HUP; do
		start "$name" env --default-signal=INT,HUP "$SKT" unix -l --ready-file "$name.ready" "./$name"
		wait_ready "$name"
		stop "$name" "$name"
		wait_end "$name" 5
		assert_status $((128 + $(kill -l "$name")))
		[ ! -e "$name" ] || complain "SIG$name leaves the path"
	done
	try skt unix -l --accept-timeout 10ms ./timeout
	assert_status 6
	[ ! -e timeout ]
	try skt unix -l --deadline 10ms ./deadline
	assert_status 6
	[ ! -e deadline ]
}

@test "unix: with -k the path stays between clients" {
	start_skt unix -l -k ./sock
	client ./sock
	assert_status 0
	client ./sock
	assert_status 0
	[ -S sock ]
	stop skt
	wait_end skt
	[ ! -e sock ]
}

@test "unix: a path that is no longer ours is left alone" {
	start_skt unix -l ./sock
	rm sock
	echo new >sock
	stop skt
	wait_end skt
	assert_status 143
	[ "$(<sock)" = new ] || complain 'the new file is gone'
	start_skt -n first unix -l ./taken
	mv taken away
	start_skt -n second unix -l ./taken
	stop first
	wait_end first
	[ -S taken ] || complain 'the path of the second one is gone'
	client ./taken
	assert_status 0
	start_skt -n removed unix -l ./removed
	rm removed
	stop removed
	wait_end removed
	assert_status 143
}

@test "unix: abstract names" {
	need socat
	local name=@skt-$$-$RANDOM
	start_skt unix -l -v "$name" <<<hello
	try socat -u "ABSTRACT-CONNECT:${name#@}" -
	assert_output hello
	wait_end skt
	assert_status 0
	assert_error "listening on $name "
	[ -z "$(find . -name '@*')" ] || complain 'a file came about'
	start_skt unix -l -k "$name"
	try skt unix -l "$name"
	assert_status 8
	assert_one_error "^skt: unix: bind to $name: Address already in use"
}

@test "unix: a path of 107 bytes, and not one more" {
	local most more
	most=$(printf 'x%.0s' {1..107})
	more=${most}y
	start_skt unix -l "$most" <<<whole
	client "$most"
	assert_status 0
	assert_output whole
	local role
	for role in '' -l; do
		# shellcheck disable=SC2086 # none or one
		try skt unix $role "$more"
		assert_status 2
		assert_one_error "107.*try 'skt unix --help'"
	done
	[ -z "$(find . -name 'xxx*')" ] || complain 'a cut path came about'
	start_skt unix -l "@${most}" <<<abstract
	client "@${most}"
	assert_status 0
	assert_output abstract
	try skt unix -l "@$more"
	assert_status 2
	for role in '' '@'; do
		try skt unix -l "$role"
		assert_status 2
		assert_one_error "empty.*try 'skt unix --help'"
	done
}

@test "unix: strange paths work and are shown escaped" {
	local path=$'./a b\n\x1b[31m\xff"\\'
	start_skt unix -l -v "$path" <<<hello
	client -v "$path"
	assert_status 0
	assert_output hello
	assert_error '^skt: unix: connected to \./a b\\n\\x1b\[31m\\xff"\\\\ from \(unnamed\) \(unix stream 0, pid [0-9]+, uid [0-9]+, gid [0-9]+\)$'
	[ "$(LC_ALL=C grep -c $'[\x80-\xff\x1b]' "$ERR" || true)" -eq 0 ] || complain_about_run 'raw bytes'
	start_skt unix -l ./-dash <<<dash
	client ./-dash
	assert_output dash
}
