#!/usr/bin/env bats
# access: who may come: --allow, --deny and --allow-file of listen, in every kind of server, and what the refused meet.

load helper
load netns

# from ADDRESS: a client with that address of ours.
from() {
	try skt connect -s "$1" "$ADDRESS" "$PORT" <<<"from $1"
}

@test "one client: the refused do not count, are reset unread, and are told under -v" {
	start_skt listen -v --allow 127.0.0.5 --deny ::/0 127.0.0.1 0 <<<hello
	from 127.0.0.1
	assert_status 7
	assert_output ''
	from 127.0.0.4
	assert_status 7
	from 127.0.0.5
	assert_status 0
	assert_output hello
	wait_end skt
	assert_status 0
	assert_output 'from 127.0.0.5'
	assert_error "^skt: listen: refused 127\.0\.0\.1:[0-9]+ on 127\.0\.0\.1:$PORT \(inet stream tcp\): not allowed$"
	assert_error "^skt: listen: refused 127\.0\.0\.4:[0-9]+ on "
	[ "$(grep -c ': accepted ' "$ERR")" -eq 1 ]
}

@test "without -v nothing is said; --json has a 'refused' with its reason" {
	start_skt listen --deny 127.0.0.0/29 --accept-timeout 20s 127.0.0.1 0
	"$PEER" connect tcp4 "$ADDRESS" "$PORT" expect-reset
	from 127.0.0.9
	assert_status 0
	wait_end skt
	assert_one_error '^skt: listen: listening on '
	start_skt listen -v --json --deny 127.0.0.0/29 127.0.0.1 0
	"$PEER" connect tcp4 "$ADDRESS" "$PORT" expect-reset
	from 127.0.0.9
	wait_end skt
	assert_error '"event":"refused","command":"listen","address":"127\.0\.0\.1","port":[0-9]+,.*"reason":"denied"'
}

@test "deny wins over allow; host bits are masked off" {
	start_skt listen -k --recv-only --allow 127.0.9.9/8 --deny 127.0.0.7 --deny 127.0.3.3/24 127.0.0.1 0
	local row
	for row in '0 127.0.0.1' '0 127.9.9.9' '7 127.0.0.7' '7 127.0.3.200' '0 127.0.4.1'; do
		from "${row#* }"
		assert_status "${row% *}" || complain "$row"
	done
}

@test "every kind of server refuses" {
	start_skt -n upstream listen --echo 127.0.0.1 0
	local upstream=$PORT words n=0
	for words in '-k --recv-only' --echo --discard "--forward 127.0.0.1:$upstream" '--exec cat' '-k --clients 1'; do
		# shellcheck disable=SC2086 # words
		start_skt -n "server$((++n))" listen --allow 127.0.0.5 127.0.0.1 0 $words
		from 127.0.0.1
		assert_status 7 || complain "$words"
		from 127.0.0.5
		assert_status 0 || complain "$words"
	done
}

@test "a client that is refused does not slow or end a server of many" {
	start_skt listen --echo --clients 2 --allow 127.0.0.5 127.0.0.1 0
	mkfifo say
	exec 9<>say
	start first "$SKT" connect -s 127.0.0.5 "$ADDRESS" "$PORT" <say 9>&-
	echo one >&9
	wait_for has_said first one
	for _ in {1..30}; do
		"$PEER" connect tcp4 "$ADDRESS" "$PORT" expect-reset
	done
	echo two >&9
	wait_for has_said first two
	from 127.0.0.5
	assert_status 0
	assert_output 'from 127.0.0.5'
	running first
	exec 9>&-
	wait_end first
	assert_status 0
	wait_end skt
	assert_status 0
}

@test "IPv4 on a dual-stack socket, v4-mapped SPECs, and ::/0" {
	need_ipv6
	local row n=0
	for row in '0 7 127.0.0.0/8' '0 7 ::ffff:127.0.0.0/104' '7 0 ::/0' '0 7 0.0.0.0/0' '7 0 ::1' '0 7 ::ffff:7f00:1' \
		'0 7 0x7f000001'; do
		# shellcheck disable=SC2086 # words
		set -- $row
		start_skt -n "server$((++n))" listen -k --recv-only --allow "$3" 0
		try skt connect 127.0.0.1 "$PORT"
		assert_status "$1" || complain "IPv4 and $3"
		try skt connect ::1 "$PORT"
		assert_status "$2" || complain "IPv6 and $3"
	done
}

@test "--allow-file: comments and blanks; it counts as --allow; an empty one lets nobody in" {
	printf '%s\n' '# friends' '' '  127.0.0.5   # one' '127.0.1.0/24' '::1' >friends
	printf '127.0.0.9' >others # no newline
	: >empty
	start_skt listen -k --recv-only --allow-file friends --allow-file others --deny 127.0.1.1 127.0.0.1 0
	local row
	for row in '0 127.0.0.5' '0 127.0.0.9' '0 127.0.1.2' '7 127.0.1.1' '7 127.0.0.1'; do
		from "${row#* }"
		assert_status "${row% *}" || complain "$row"
	done
	start_skt listen -k --recv-only --allow-file empty 127.0.0.1 0
	from 127.0.0.1
	assert_status 7
	start_skt listen -k --recv-only --allow-file empty --allow 127.0.0.1 127.0.0.1 0
	from 127.0.0.1
	assert_status 0
}

@test "a name: all its addresses; one that does not resolve is 3, and binds nothing" {
	need_netns '127.0.0.5 friend' '127.0.0.6 friend' '::1 friend' '127.0.0.7 foe'
	start_skt listen -k --recv-only --allow friend --allow 127.0.0.0/29 --deny foe 0
	local row
	for row in '0 127.0.0.5' '0 127.0.0.6' '7 127.0.0.7' '0 127.0.0.1' '7 127.0.0.8'; do
		ADDRESS=127.0.0.1 from "${row#* }"
		assert_status "${row% *}" || complain "$row"
	done
	try skt connect ::1 "$PORT"
	assert_status 0
	inside sh -c 'echo "hosts: files" >/etc/nsswitch.conf'
	try skt listen --trace --allow friend --deny nobody.invalid 0
	assert_status 3
	assert_one_error "^skt: listen: --deny: name 'nobody\.invalid' does not resolve: "
	echo nobody.invalid >file
	try skt listen --trace --allow-file file 0
	assert_status 3
	assert_one_error "^skt: listen: --allow-file file line 1: name 'nobody\.invalid' does not resolve: "
}

@test "a name server that does not answer: the connect limit" {
	need_netns
	inside sh -c 'echo "hosts: dns" >/etc/nsswitch.conf'
	try skt listen --allow some.example --connect-timeout 300ms 0
	assert_status 6
	assert_one_error '^skt: listen: --allow: look up some\.example: no answer within the connect limit'
}

@test "what is no SPEC is 2, before any socket opens" {
	need strace
	local spec
	for spec in 10.0.0.0/33 300.1.1.1 10.0.0.0/-1 10.0.0.0/08 10.0.0.0/ ::/129 /8 10/8 10.1 127.0.0.1:80 a,b name/24; do
		try under_strace calls listen --allow 10.0.0.1 --deny "$spec" 0
		assert_status 2 || complain "$spec"
		assert_one_error "^skt: listen: --deny: '.*; try 'skt listen --help'$" || return 1
		! grep -qE '(socket|bind)\(' calls || complain "$spec: a socket was opened"
	done
	try skt listen --allow '' 0
	assert_status 2
	assert_one_error "--allow: '' is empty"
}

@test "a bad line of a file is 2 and named; a file that cannot be read is 9" {
	printf '10.0.0.0/8\n# ok\n10.0.0.0/99 # no\n' >bad
	try skt listen --allow-file bad 0
	assert_status 2
	assert_one_error "^skt: listen: --allow-file bad line 3: '10\.0\.0\.0/99' has no prefix length from 0 to 32"
	printf '10.0.0.0/8 10.0.0.1\n' >bad
	try skt listen --allow-file bad 0
	assert_status 2
	assert_one_error "line 1: '10\.0\.0\.0/8 10\.0\.0\.1'"
	printf '10.0.0.1\0\n' >bad
	try skt listen --allow-file bad 0
	assert_status 2
	assert_one_error 'bad line 1 is no line of text'
	try skt listen --allow-file missing 0
	assert_status 9
	assert_one_error '^skt: listen: --allow-file missing: No such file'
	try skt listen --allow-file . 0
	assert_status 9
}

@test "a command for the whole network needs --allow or --allow-file; --deny is not enough" {
	echo 127.0.0.1 >file
	try skt listen --deny 10.0.0.0/8 0 --exec cat
	assert_status 2
	assert_one_error "'--exec' needs a HOST or --allow"
	local words
	for words in '--allow 127.0.0.1' '--allow-file file'; do
		# shellcheck disable=SC2086 # words
		start_skt -n "${words%% *}" listen $words 0 --exec cat
		try skt connect 127.0.0.1 "$PORT" <<<hi
		assert_output hi
		try skt connect -s 127.0.0.2 127.0.0.1 "$PORT" <<<hi
		assert_status 7
	done
}

@test "listen -u: who is refused is not heard, not counted, and told once" {
	start_skt listen -v -u --allow 127.0.0.5 127.0.0.1 0 <<<answer
	try skt udp-send --frame size=1 127.0.0.1 "$PORT" <<<xxxxxxxxx
	assert_status 0
	wait_for has_said skt refused
	try skt connect -u -s 127.0.0.5 --max-bytes 7 127.0.0.1 "$PORT" <<<'ear 127'
	assert_status 0
	assert_output answer
	stop skt
	wait_end skt
	assert_status 143
	assert_output 'ear 127'
	[ "$(grep -c ': refused 127\.0\.0\.1:' "$ERR")" -eq 1 ] || complain_about_run 'told more than once'
	assert_error "refused 127\.0\.0\.1:[0-9]+ on 127\.0\.0\.1:$PORT \(inet dgram udp\): not allowed$"
}

@test "vsock has no such addresses; unix has its own words" {
	try skt listen --family vsock --allow 10.0.0.1 5
	assert_status 2
	assert_one_error 'vsock'
	try skt unix -l --allow 10.0.0.1 ./sock
	assert_status 2
	assert_one_error "'--allow-user'"
	[ ! -e sock ]
}
