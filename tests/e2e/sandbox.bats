#!/usr/bin/env bats
# The sandbox: what is given up once all is open, by default, and that nothing breaks by it.

load helper

setup() {
	helper_setup
	! sanitized || skip 'builds with sanitizers have no sandbox'
}

# has_landlock [ABI]
has_landlock() {
	need python3
	python3 -c 'import ctypes, sys; sys.exit(ctypes.CDLL(None).syscall(444, 0, 0, 1) < int(sys.argv[1]))' "${1:-1}" ||
		skip "this kernel has no Landlock of ABI ${1:-1}"
}

can_strace() {
	need strace
	strace -o /dev/null true 2>/dev/null || skip 'strace does not work here'
}

# kept TCP RIGHT skt-arguments...: whether that run gives up TCP ("-") or may still connect ("tcp"); and gives up this right to
# files, or (with !) keeps it.
kept() {
	local tcp=$1 right=$2
	shift 2
	rm -f calls
	under_strace calls "$@" -v </dev/null >/dev/null 2>said || : # how it ends is not the question
	grep -m1 'landlock_create_ruleset({' calls >rules || complain "no rules in: $*" calls said || return 1
	if [ "$right" = "${right#!}" ]; then
		grep -q "FS_$right\b" rules || complain "$right is kept: $*" rules || return 1
	else
		! grep -q "FS_${right#!}\b" rules || complain "$right is given up: $*" rules || return 1
	fi
	if [ "$tcp" = - ]; then
		grep -q 'sandbox:.* no new TCP connections' said || complain "TCP is kept: $*" said
	else
		! grep -q 'sandbox:.*TCP' said || complain "TCP is given up: $*" said
	fi
}

# Nothing of the sandbox is called.
free() {
	under_strace calls "$@" </dev/null >/dev/null 2>&1 || :
	! grep -E 'landlock|NO_NEW_PRIVS|SET_DUMPABLE' calls || complain "in a sandbox: $*"
}

@test "a stream both ways, in both roles; -v tells what held, and nothing is told without" {
	has_landlock
	start_skt -n server listen -v 127.0.0.1 0 <<<'from server'
	try skt connect -v 127.0.0.1 "$PORT" <<<'from client'
	assert_status 0
	assert_output 'from server'
	assert_error '^skt: connect: sandbox: no files,.* no new privileges, no core dumps, by Landlock$'
	wait_end server
	assert_status 0
	assert_output 'from client'
	assert_error '^skt: listen: sandbox: no files,'
	start_skt -n echo listen --echo 127.0.0.1 0
	try skt connect --trace 127.0.0.1 "$PORT" <<<hello
	! grep sandbox "$ERR" || complain 'told under --trace, and nothing is lacking'
	try skt connect 127.0.0.1 "$PORT" <<<hello
	assert_silent
	try skt connect -v --no-sandbox 127.0.0.1 "$PORT" <<<hello
	assert_output hello
	! grep sandbox "$ERR" || complain "in a sandbox"
	try skt connect -v --no-sandbox --sandbox 127.0.0.1 "$PORT" <<<hello
	assert_error 'sandbox: no files' # the last one counts
	try skt connect -v --json 127.0.0.1 "$PORT" <<<hello
	assert_error '^\{"event":"sandbox",'
}

@test "one client after the other, many at a time, datagrams, unix paths that go" {
	start_skt -n keep listen -k --clients 2 127.0.0.1 0
	local i
	for i in 1 2; do
		printf 'client %s\n' "$i" | try skt connect 127.0.0.1 "$PORT"
		assert_status 0
	done
	wait_end keep
	assert_status 0
	assert_output $'client 1\nclient 2'
	start_skt -n recv udp-recv --count 2 127.0.0.1 0
	printf 'a\nb\n' | try skt udp-send 127.0.0.1 "$PORT"
	assert_status 0
	wait_end recv
	assert_status 0
	assert_bytes 'a\nb\n'
	start_skt -n local unix -l --type dgram --max-bytes 2 ./sock </dev/null
	try skt unix --type dgram --source ./me --send-only ./sock <<<x
	assert_status 0
	wait_end local
	assert_status 0
	[ ! -e sock ] && [ ! -e me ] || complain 'a path is still there'
	start_skt -n many unix -l --echo --clients 1 ./sock
	try skt unix ./sock <<<x
	wait_end many
	[ ! -e sock ] || complain 'the path is still there'
}

@test "what is kept for later, and nothing else" {
	can_strace
	has_landlock 4 # which knows TCP
	strace -e trace=landlock_create_ruleset true 2>/dev/null || skip 'this strace does not know Landlock'
	start_skt -n echo listen --echo 127.0.0.1 0
	local at=127.0.0.1:$PORT
	kept - READ_FILE connect "$at"
	kept - REMOVE_FILE connect --retry 2 "$at"
	kept - READ_FILE listen --accept-timeout 10ms --echo 127.0.0.1 0
	kept tcp WRITE_FILE connect -z "$at"
	kept tcp WRITE_FILE connect --fast-open "$at"
	kept tcp READ_FILE listen --accept-timeout 10ms --forward "$at" 127.0.0.1 0
	kept tcp '!READ_FILE' listen --accept-timeout 10ms --forward "localhost:$PORT" 127.0.0.1 0
	kept tcp WRITE_FILE listen --accept-timeout 10ms --forward "localhost:$PORT" 127.0.0.1 0
	kept - READ_FILE listen --accept-timeout 10ms --forward unix:./none 127.0.0.1 0
	kept - '!REMOVE_FILE' unix -l --accept-timeout 10ms --echo ./sock
	kept - READ_FILE udp-send "$at"
	kept - READ_FILE udp-recv --deadline 10ms 127.0.0.1 0
	kept - READ_FILE http-get --deadline 300ms --allow-http0.9 --http1.0 "http://$at/"
	kept tcp '!READ_FILE' http-get -L --deadline 300ms --allow-http0.9 "http://$at/"
	kept tcp '!READ_FILE' http-get --retry 1 --deadline 300ms --allow-http0.9 "http://$at/"
	free connect --no-sandbox "$at"
	free connect "$at" -- true
	free listen --accept-timeout 10ms --exec true 127.0.0.1 0
	free http-get --deadline 300ms --allow-http0.9 -o page "http://$at/"
}

@test "nothing is opened once the files are gone: the time zone is known, standard output too" {
	can_strace
	start_skt -n echo listen --echo 127.0.0.1 0
	try env TZ=Asia/Tokyo strace -f -o calls "$SKT" connect --hex-dump dump --stats 127.0.0.1 "$PORT" <<<hello
	assert_status 0
	assert_output hello
	sed -n '/NO_NEW_PRIVS/,$p' calls >after
	[ -s after ] || complain 'no sandbox' calls
	! grep -E 'open(at)?\(|connect\(|bind\(' after || complain 'opened too late'
	[ ! -e /usr/share/zoneinfo/Asia/Tokyo ] ||
		grep -q "$(TZ=Asia/Tokyo date +%H):[0-5][0-9]:" dump || grep -q "$(TZ=Asia/Tokyo date +%H):" dump ||
		complain 'another hour than that of Tokyo' dump
}

@test "-k opens FIFOs anew for the second client" {
	can_strace
	mkfifo said heard
	exec 8<>said 9<>heard
	start keep sh -c 'exec "$@" <said >heard' sh strace -f -o calls "$SKT" listen -k --clients 2 \
		--ready-file "$BATS_TEST_TMPDIR/keep.ready" 127.0.0.1 0
	wait_ready keep
	local i line
	for i in 1 2; do
		try skt connect 127.0.0.1 "$PORT" <<<"client $i"
		read -r -t 20 line <&9
		[ "$line" = "client $i" ]
	done
	wait_end keep
	assert_status 0
	# By the flags: strace of nobody special cannot read the path.
	[ "$(grep -c 'openat(.*O_WRONLY|O_NOCTTY|O_NONBLOCK.*) = [0-9]' calls)" -eq 2 ] || complain 'not opened twice' calls
	! grep 'openat(.*EACCES' calls || complain 'refused'
}

@test "it is entered once the socket is there, and refused calls are no error" {
	can_strace
	start_skt -n echo listen --echo 127.0.0.1 0
	try under_strace calls connect 127.0.0.1 "$PORT" <<<hello
	assert_status 0
	assert_output hello
	grep -qE 'PR_SET_NO_NEW_PRIVS, 1' calls && grep -qE 'PR_SET_DUMPABLE, (0|SUID_DUMP_DISABLE)' calls ||
		complain 'the calls are not there' calls
	[ "$(grep -nE 'connect\(' calls | tail -1 | cut -d: -f1)" -lt "$(grep -n NO_NEW_PRIVS calls | cut -d: -f1)" ]
	try env timeout 20 strace -f -o calls -e inject=landlock_create_ruleset:error=ENOSYS \
		"$SKT" connect -v --trace 127.0.0.1 "$PORT" <<<hello
	assert_status 0
	assert_output hello
	assert_error '^skt: connect: sandbox: this kernel has no Landlock, or it is off'
	assert_error '^skt: connect: sandbox: no new privileges, no core dumps, no Landlock$'
	try env timeout 20 strace -f -o calls -e inject=prctl:error=EPERM "$SKT" connect -v --trace 127.0.0.1 "$PORT" <<<hello
	assert_status 0
	assert_output hello
	assert_error '^skt: connect: sandbox: PR_SET_NO_NEW_PRIVS was refused, and Landlock needs it$'
	assert_error '^skt: connect: sandbox: PR_SET_DUMPABLE was refused$'
	! grep landlock_ calls || complain 'without what it needs'
	try env timeout 20 strace -f -o calls -e inject=prctl,landlock_create_ruleset:error=EPERM \
		"$SKT" connect 127.0.0.1 "$PORT" <<<hello
	assert_status 0
	assert_output hello
	assert_silent
}

@test "older kinds of Landlock, and one that refuses" {
	can_strace
	has_landlock
	start_skt -n echo listen --echo 127.0.0.1 0
	local abi
	for abi in 1 3; do
		try env timeout 20 strace -f -o calls -e inject=landlock_create_ruleset:retval=$abi:when=1 \
			"$SKT" connect -v --trace 127.0.0.1 "$PORT" <<<hello
		assert_status 0
		assert_output hello
		assert_error "^skt: connect: sandbox: Landlock of this kernel \(ABI $abi\) knows no TCP$"
		assert_error '^skt: connect: sandbox: no files, no new privileges, no core dumps, by Landlock$'
	done
	try env timeout 20 strace -f -o calls -e inject=landlock_restrict_self:error=E2BIG \
		"$SKT" connect -v --trace 127.0.0.1 "$PORT" <<<hello
	assert_status 0
	assert_output hello
	assert_error 'sandbox: Landlock \(ABI [0-9]+\) was refused: files stay open to us$'
}

@test "without being root: files are gone, and others of the same user see nothing" {
	[ "$(id -u)" -eq 0 ] || skip 'not root: the other tests were it'
	need setpriv
	start_skt -n echo listen --echo 127.0.0.1 0
	cp "$SKT" /tmp/skt-sandbox-$$ && chmod 755 /tmp/skt-sandbox-$$
	seq 100000 >numbers
	try timeout 20 setpriv --reuid=65534 --regid=65534 --clear-groups /tmp/skt-sandbox-$$ \
		connect 127.0.0.1 "$PORT" < <(cat numbers)
	assert_same numbers "$OUT"
	mkfifo never
	exec 8<>never
	start idle setpriv --reuid=65534 --regid=65534 --clear-groups /tmp/skt-sandbox-$$ connect -v 127.0.0.1 "$PORT" <&8
	wait_for has_said idle sandbox
	wait_for test "$(stat -c %u "/proc/${PIDS[idle]}/environ")" = 0
	rm -f /tmp/skt-sandbox-$$
}

@test "not beside what opens something later, nor with words" {
	local words
	for words in 'connect --exec true' 'connect --pass-fd' 'listen --exec true' 'http-get --output f'; do
		# shellcheck disable=SC2086
		try skt $words --sandbox http://127.0.0.1:9/
		assert_status 2
		assert_one_error "'--sandbox' and '--[a-z-]+' exclude each other; try"
	done
}
