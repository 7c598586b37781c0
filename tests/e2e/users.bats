#!/usr/bin/env bats
# users: who may come to a unix socket: --allow-user and --allow-group, by the kernel's word of who connects.

load helper

setup() {
	helper_setup
	FOLDER=
}

teardown() {
	helper_teardown || return 1
	[ -z "$FOLDER" ] || rm -rf "$FOLDER"
}

# as USER GROUP[,GROUP...] ARGUMENT...: skt with these numbers; the first group is its own.
as() {
	local user=$1 groups=$2
	shift 2
	try timeout "$LIMIT" setpriv --reuid "$user" --regid "${groups%%,*}" --groups "$groups" "$real" "$@"
}

# Others than us can only be played by root; and they must reach socket and program.
need_others() {
	need setpriv
	[ "$(id -u)" -eq 0 ] || skip 'not root: nobody else to be'
	FOLDER=$(mktemp -d) # bats' own is closed to others
	chmod 755 "$FOLDER"
	real=$FOLDER/skt
	cp "$SKT" "$real"
	chmod 755 "$real"
	setpriv --reuid 12345 --regid 12346 --clear-groups "$real" --version >"$OUT" 2>&1 ||
		skip "others cannot run skt here: $(<"$OUT")"
	AT=$FOLDER/sock
}

@test "--allow-user: by name and by number; all others are refused unread and told under -v" {
	need_others
	start_skt unix -l -v --mode 666 --allow-user 12345 --allow-user nobody "$AT" <<<hello
	as 0 0 unix "$AT" <<<root
	[ "$status" -eq 7 ] || [ "$status" -eq 0 ] || complain_about_run 'neither end nor reset'
	assert_output ''
	as 12347 12345 unix "$AT" <<<other
	assert_output ''
	as "$(id -u nobody)" 12345 unix "$AT" <<<nobody
	assert_status 0
	assert_output hello
	wait_end skt
	assert_status 0
	assert_output nobody
	assert_error "^skt: unix: refused \(unnamed\) on $AT \(unix stream 0, pid [0-9]+, uid 0, gid 0\): not allowed$"
	assert_error "refused .* uid 12347, gid 12345\): not allowed$"
	[ "$(grep -c ': accepted ' "$ERR")" -eq 1 ]
}

@test "--allow-group: the peer's own group and its supplementary ones" {
	need_others
	start_skt unix -l --mode 666 --allow-group 23456 --echo "$AT"
	as 12345 23456 unix "$AT" <<<own
	assert_status 0
	assert_output own
	as 12345 "12345,3,4,5,6,7,8,9,23456,23457" unix "$AT" <<<supplementary
	assert_output supplementary
	as 12345 12345,23457 unix "$AT" <<<none
	assert_output ''
	as 23456 12345 unix "$AT" <<<'a user of that number'
	assert_output ''
}

@test "user or group is enough; every kind of server" {
	need_others
	local words n=0
	for words in --echo '--exec cat' '-k --recv-only'; do
		# shellcheck disable=SC2086 # words
		start_skt -n "server$((++n))" unix -l --mode 666 --allow-user 12345 --allow-group 23456 "$AT$n" $words
		for who in '12345 1' '1 23456'; do
			# shellcheck disable=SC2086
			as $who unix "$AT$n" <<<hello
			assert_status 0 || complain "$words: $who"
			[ "$words" = '-k --recv-only' ] || assert_output hello
		done
		as 1 1 unix "$AT$n" <<<hello
		assert_output ''
	done
	wait_for has_said server3 hello
}

@test "one's own user, by name" {
	start_skt unix -l --allow-user "$(id -un)" ./sock <<<hello
	try skt unix ./sock
	assert_status 0
	assert_output hello
	start_skt unix -lv --json --allow-group "$(($(id -g) + 12345))" ./sock --accept-timeout 20s
	try skt unix ./sock
	assert_output ''
	wait_for has_said skt2 '"event":"refused"'
	grep -q "\"uid\":$(id -u),\"gid\":$(id -g),\"reason\":\"not allowed\"" skt2.err
}

@test "an unknown user or group is 2 and nothing is bound; the client's role has no such options" {
	local words
	for words in '--allow-user no-such-user' '--allow-group no-such-group' '--allow-user -1' '--allow-user 4294967295' \
		'--allow-group 1x' '--allow-user 99999999999999999999'; do
		# shellcheck disable=SC2086 # words
		try skt unix -l $words ./sock
		assert_status 2 || complain "$words"
		assert_one_error "^skt: unix: .*${words#* }.*try 'skt unix --help'$" || return 1
		[ ! -e sock ]
	done
	try skt unix --allow-user root ./sock
	assert_status 2
	assert_one_error "'--allow-user' needs '--listen'"
	try skt listen --allow-user root 0
	assert_status 2
}
