#!/usr/bin/env bats
# --sandbox: what is given up once all is open, and that nothing breaks by it.

load helper

has_landlock() {
	need python3
	python3 -c 'import ctypes, sys; sys.exit(ctypes.CDLL(None).syscall(444, 0, 0, 1) < 1)' ||
		skip 'this kernel has no Landlock'
	! sanitized || skip 'builds with sanitizers have no sandbox'
}

@test "sandbox: a stream both ways, in both roles, and -v tells what held" {
	has_landlock
	start_skt -n server listen -v --sandbox 127.0.0.1 0 <<<'from server'
	try skt connect -v --sandbox 127.0.0.1 "$PORT" <<<'from client'
	assert_status 0
	assert_output 'from server'
	assert_error '^skt: connect: sandbox: no files,.* no new privileges,.* by Landlock$'
	wait_end server
	assert_status 0
	assert_output 'from client'
	assert_error '^skt: listen: sandbox: no files,'
}

@test "sandbox: one client after the other, many at a time, datagrams, unix paths that go" {
	start_skt -n keep listen -k --clients 2 --sandbox 127.0.0.1 0
	local i
	for i in 1 2; do
		printf 'client %s\n' "$i" | try skt connect --sandbox 127.0.0.1 "$PORT"
		assert_status 0
	done
	wait_end keep
	assert_status 0
	assert_output $'client 1\nclient 2'
	start_skt -n echo listen --echo --sandbox 127.0.0.1 0
	try skt connect --sandbox 127.0.0.1 "$PORT" <<<hello
	assert_output hello
	start_skt -n recv udp-recv --sandbox --count 2 127.0.0.1 0
	printf 'a\nb\n' | try skt udp-send --sandbox 127.0.0.1 "$PORT"
	assert_status 0
	wait_end recv
	assert_status 0
	assert_bytes 'a\nb\n'
	start_skt -n local unix -l --sandbox --type dgram --max-bytes 2 ./sock </dev/null
	try skt unix --sandbox --type dgram --source ./me --send-only ./sock <<<x
	assert_status 0
	wait_end local
	assert_status 0
	[ ! -e sock ] && [ ! -e me ] || complain 'a path is still there'
}

@test "sandbox: the calls are made once the socket is there, and refused ones are no error" {
	need strace
	strace -o /dev/null true 2>/dev/null || skip 'strace does not work here'
	! sanitized || skip 'builds with sanitizers have no sandbox'
	start_skt -n echo listen --echo 127.0.0.1 0
	try under_strace calls connect --sandbox 127.0.0.1 "$PORT" <<<hello
	assert_status 0
	assert_output hello
	grep -qE 'PR_SET_NO_NEW_PRIVS, 1' calls && grep -qE 'PR_SET_DUMPABLE, (0|SUID_DUMP_DISABLE)' calls ||
		complain 'the calls are not there' calls
	[ "$(grep -nE 'connect\(' calls | tail -1 | cut -d: -f1)" -lt "$(grep -n NO_NEW_PRIVS calls | cut -d: -f1)" ]
	try env timeout 20 strace -f -o calls -e inject=landlock_create_ruleset:error=ENOSYS \
		"$SKT" connect -v --trace --sandbox 127.0.0.1 "$PORT" <<<hello
	assert_status 0
	assert_output hello
	assert_error '^skt: connect: sandbox: this kernel has no Landlock, or it is off'
	assert_error '^skt: connect: sandbox: no new privileges, no core dumps, no Landlock$'
}

@test "sandbox: without being root" {
	[ "$(id -u)" -eq 0 ] || skip 'not root: the other tests were it'
	need setpriv
	start_skt -n echo listen --echo 127.0.0.1 0
	cp "$SKT" /tmp/skt-sandbox-$$ && chmod 755 /tmp/skt-sandbox-$$
	seq 100000 >numbers
	try timeout 20 setpriv --reuid=65534 --regid=65534 --clear-groups /tmp/skt-sandbox-$$ \
		connect --sandbox 127.0.0.1 "$PORT" < <(cat numbers)
	rm -f /tmp/skt-sandbox-$$
	assert_status 0
	assert_same numbers "$OUT"
}

@test "sandbox: not beside what opens something later" {
	local words
	for words in 'connect --exec true' 'connect -z' 'connect --pass-fd' 'listen --exec true' 'listen --forward h:1'; do
		# shellcheck disable=SC2086
		try skt $words --sandbox 127.0.0.1 9
		assert_status 2
		assert_one_error "'--sandbox' and '--[a-z-]+' exclude each other; try"
	done
}
