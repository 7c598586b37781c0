#!/usr/bin/env bats
# How options are written, --help, --version, and completion.

load helper

COMMANDS='connect listen udp-send udp-recv unix http-get'

assert_usage() {
	assert_status 2 || return 1
	[ ! -s "$OUT" ] || complain_about_run 'something is on stdout' || return 1
	assert_one_error "^skt: .*; try 'skt( [a-z-]+)? --help'$" || return 1
	grep -qF -- "$1" "$ERR" || complain_about_run "the line does not say $1"
}

@test "options: anywhere before --, as two words or one, as a prefix, in bundles" {
	start_peer peer tcp4 send-zeros 5 close again
	local words
	for words in "--max-bytes 3 127.0.0.1 $PORT" "127.0.0.1 --max-bytes 3 $PORT" "127.0.0.1 $PORT --max-bytes 3" \
		"--max-bytes=3 127.0.0.1 $PORT" "--max-b=3 127.0.0.1 $PORT" "--max-by 3 127.0.0.1 $PORT" \
		"127.0.0.1 --max-bytes 3 $PORT" "-w5 --max-bytes 3 127.0.0.1 $PORT" "-vw5 --max-bytes 3 127.0.0.1 $PORT" \
		"-v4w 5s --max-bytes=3 127.0.0.1:$PORT" "-4vp0 --max-bytes=3 127.0.0.1:$PORT" \
		"--max-bytes 5 --max-bytes 3 127.0.0.1 $PORT"; do
		# shellcheck disable=SC2086
		try skt connect $words
		assert_status 0
		[ "$(stat -c %s "$OUT")" -eq 3 ] || complain_about_run "$(stat -c %s "$OUT") bytes"
	done
}

@test "options: unknown ones are named, with the nearest valid one" {
	try skt connect --connect-timout 5 127.0.0.1 9
	assert_usage "'--connect-timout' (did you mean '--connect-timeout'?)"
	try skt connect --max-byte=3 --verbos --recv-olny 127.0.0.1 9
	assert_usage "'--recv-olny' (did you mean '--recv-only'?)"
	try skt connect -verbose 127.0.0.1 9
	assert_usage "(did you mean '--verbose'?)"
	try skt connect -V 127.0.0.1 9
	assert_usage "'-V' (did you mean '-v'?)"
	try skt connect -x 127.0.0.1 9
	assert_usage "'-x'"
	try skt connect -v4x 127.0.0.1 9
	assert_usage "'-x' in '-v4x'"
	try skt listen --ready_file r 0
	assert_usage "'--ready_file' (did you mean '--ready-file'?)"
	try skt connect --family inet5 127.0.0.1 9
	assert_usage "'inet5' is none of any, inet, inet6, unix, vsock (did you mean 'inet"
	try skt connect --type strem 127.0.0.1 9
	assert_usage "(did you mean 'stream'?)"
	try skt connect --http0.9 127.0.0.1 9
	assert_usage "'--http0.9'"
}

@test "options: those of nc, ncat and curl are told what they are here" {
	local command letter word
	try skt connect -lp 127.0.0.1 9
	assert_usage "'-l' in '-lp': to be the server is 'skt listen [HOST] PORT'"
	try skt connect -N 127.0.0.1 9
	assert_usage "'-N': the end of input is told to the peer in any case"
	try skt listen -p 9
	assert_usage "'-p': the port is a word of its own"
	try skt unix -U x
	assert_usage "'-U': it is a unix socket in any case"
	try skt http-get -fsSL http://127.0.0.1/
	assert_usage "'-f' in '-fsSL': a status of 400 or more ends with 11 in any case"
	try skt udp-recv -l 9
	assert_usage "'-l': to receive is 'skt udp-recv"
	try skt udp-recv -b 9
	assert_usage "'-b': what is broadcast to the port is heard in any case"
	try skt udp-send -b 127.0.0.1 9
	assert_usage "'-b': broadcast is --broadcast"
	for command in connect listen unix; do
		try skt "$command" --ssl-verify x 9
		assert_usage "'--ssl-verify': there is no TLS here: socat and openssl s_client have it"
	done
	try skt listen --sh-exec=cat 127.0.0.1 9
	assert_usage "'--sh-exec': a shell command is --exec"
	try skt http-get --insecure http://127.0.0.1/
	assert_usage "'--insecure': there is no TLS here"
	try skt http-get --data-binary x http://127.0.0.1/
	assert_usage "'--data-binary': skt only gets: curl can send"
	try skt connect --outp x 127.0.0.1 9 # only the whole word is one of theirs
	[[ $error != *hex-dump* ]]
	# Whatever a line names is there.
	for command in $COMMANDS; do
		for letter in {a..z} {A..Z}; do
			"$SKT" "$command" "-$letter" >/dev/null 2>>said || true
		done
		for word in ssl tls sh-exec no-shutdown delay output nodns proxy-type max-conns chat insecure silent fail data \
			request cookie referer max-time; do
			"$SKT" "$command" "--$word" >/dev/null 2>>theirs || true
		done
		sed "s/^[^;]*option '[^']*'//" theirs >>said
		"$SKT" "$command" --help >>help
	done
	sed "s/; try '.*//" said | grep -oE -e '--[a-z0-9][a-z0-9.-]*' | sort -u >named
	[ -s named ]
	grep -oE -e '--[a-z0-9][a-z0-9.-]*' help | sort -u | comm -23 named - >missing
	[ ! -s missing ] || complain 'named, but not there:' missing
}

@test "options: ambiguous prefixes, missing and superfluous values" {
	try skt connect --ret 1 127.0.0.1 9 # --retry is also the start of --retry-interval
	assert_usage "'--retry'"
	assert_error "'--retry-interval'"
	try skt connect --retry 0 127.0.0.1 no-such-service # the whole name is not ambiguous
	assert_status 3
	try skt connect --re 127.0.0.1 9
	assert_usage "'--re' is ambiguous: '--recv-only'"
	try skt connect 127.0.0.1 9 --max-bytes
	assert_usage "'--max-bytes' needs a value (SIZE)"
	try skt connect 127.0.0.1 9 -w
	assert_usage "'-w' needs a value (DURATION)"
	try skt connect --verbose=yes 127.0.0.1 9
	assert_usage "'--verbose' takes no value"
	try skt connect --verbose= 127.0.0.1 9
	assert_usage "'--verbose' takes no value"
	try skt listen --ready-file= 0
	assert_usage "'' is empty"
}

@test "options: what excludes each other, and what needs another" {
	local option
	try skt connect --recv-only --send-only 127.0.0.1 9
	assert_usage "'--recv-only' and '--send-only' exclude each other"
	for option in --hold '--linger 1s'; do
		# shellcheck disable=SC2086 # two words
		try skt connect --recv-only $option 127.0.0.1 9
		assert_usage "'--recv-only' and '${option%% *}' exclude each other"
	done
	try skt connect --no-half-close --linger 1s 127.0.0.1 9
	assert_usage "'--no-half-close' and '--linger' exclude each other"
	try skt unix -k ./sock
	assert_usage "'--keep-open' needs '--listen'"
	try skt unix -l --retry 3 ./sock
	assert_usage "'--listen' and '--retry' exclude each other"
	try skt http-get --extra-crlf http://127.0.0.1/
	assert_usage "'--extra-crlf' needs '--http0.9'"
}

@test "options: only the first error is told, in one line, whatever the bytes" {
	try skt connect $'--a\nb\x1b[2J\xff' --also 127.0.0.1 70000
	assert_usage '--a\nb\x1b[2J\xff'
	try skt $'foo\nbar'
	assert_usage 'foo\nbar'
	try skt connect --family $'a\nb' x 1
	assert_usage "'a\\nb'"
	try skt connect "--$(printf 'x%.0s' {1..5000})" 127.0.0.1 9
	assert_usage 'xxx...'
	try skt connect "$(printf 'x%.0s' {1..5000}):70000"
	assert_status 2
	assert_one_error "try 'skt connect --help'"
}

@test "options: no command, an unknown one, its nearest" {
	try skt
	assert_usage 'connect, listen, udp-send, udp-recv, unix'
	try skt bogus
	assert_usage "'bogus'"
	try skt conect 127.0.0.1 9
	assert_usage "'conect' (did you mean 'connect'?)"
	try skt udp-snd
	assert_usage "(did you mean 'udp-send'?)"
	try skt help conect
	assert_usage "(did you mean 'connect'?)"
	try skt ''
	assert_usage "''"
	try skt --verbose connect 127.0.0.1 9
	assert_usage "'--verbose'"
	try skt help connect listen
	assert_usage "'listen'"
	try skt --version extra
	assert_usage "'extra'"
}

@test "help: the overview names every command, on stdout, with 0" {
	local way command
	for way in --help -h help 'help help'; do
		# shellcheck disable=SC2086
		try skt $way
		assert_status 0
		assert_silent
		assert_match '^usage: skt '
		for command in $COMMANDS help completion; do assert_match "^ *skt $command "; done
		assert_match 'skt --version'
	done
}

@test "help: a command's options, the same three ways, with 0" {
	local command
	for command in $COMMANDS; do
		try skt "$command" --help
		assert_status 0
		assert_silent
		assert_match "^usage: skt $command \[OPTION\]\.\.\. "
		assert_match '^  -v, --verbose '
		assert_match '^      --json '
		[ "$(awk '{ if (length > most) most = length } END { print most }' "$OUT")" -le 100 ] || complain 'a line is too long'
		cp "$OUT" first
		try skt help "$command"
		assert_status 0
		assert_same first "$OUT"
		try skt "$command" -h
		assert_status 0
		assert_same first "$OUT"
		try skt "$command" --hel
		assert_same first "$OUT"
	done
}

@test "help: --help wins over what is wrong or missing on the line" {
	local words
	for words in 'unix -k ./sock --help' 'connect --help' 'connect 127.0.0.1 70000 --help' 'connect a b c --help' \
		'connect --bogus --help' 'listen --help --backlog x 0' 'http-get --help https://x/'; do
		# shellcheck disable=SC2086
		try skt $words
		assert_status 0
		assert_silent
		assert_match '^usage: skt '
	done
	# Behind -- and as a value it is a word like others.
	try skt udp-send -- --help 70000
	assert_usage 70000
	try skt connect --family --help 127.0.0.1 9
	assert_usage "'--help'"
}

@test "help: a stdout that is full, closed or gone is no success" {
	[ -e /dev/full ] || skip 'no /dev/full here'
	local status=0
	timeout 10 "$SKT" --help >/dev/full 2>err.txt || status=$?
	[ "$status" -eq 9 ] || complain "status $status"
	grep -q 'No space left on device' err.txt
	status=0
	timeout 10 "$SKT" connect --help >&- 2>err.txt || status=$?
	[ "$status" -eq 9 ] || complain "closed: status $status"
	mkfifo gone
	# shellcheck disable=SC2094 # a reader is needed to open the writing end, and then goes
	exec 9<>gone 8>gone 9>&-
	status=0
	timeout 10 "$SKT" connect --help >&8 2>err.txt || status=$?
	exec 8>&-
	[ "$status" -eq 141 ] || complain "gone: status $status" err.txt
	[ ! -s err.txt ]
}

@test "version: a name and a number" {
	try skt --version
	assert_status 0
	assert_silent
	assert_match '^skt [0-9]+\.[0-9]+'
	[ "$(wc -l <"$OUT")" -eq 1 ]
}

@test "completion: bash completes commands, options and words" {
	try skt completion bash
	assert_status 0
	assert_silent
	cp "$OUT" completion.bash
	complete_in_bash() {
		bash --norc -c '
			. ./completion.bash
			COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
			function=$(complete -p skt | sed "s/.*-F \([^ ]*\).*/\1/")
			"$function" skt "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
			printf "%s\n" "${COMPREPLY[@]}"' bash "$@" | sed 's/ *$//'
	}
	[ "$(complete_in_bash skt con)" = connect ]
	[ "$(complete_in_bash skt udp- | sort | paste -sd' ')" = 'udp-recv udp-send' ]
	complete_in_bash skt listen --ready | sort | paste -sd' ' | grep -q -- '--ready-fd.*--ready-file'
	[ "$(complete_in_bash skt connect --family une)" = '' ]
	[ "$(complete_in_bash skt connect --family uni)" = unix ]
}

@test "completion: zsh and fish scripts parse" {
	local shell
	for shell in zsh fish; do
		try skt completion "$shell"
		assert_status 0
		assert_silent
		assert_match connect
		assert_match ready-file
		cp "$OUT" "completion.$shell"
	done
	need zsh
	zsh -n completion.zsh
	need fish
	fish -n completion.fish
}

@test "completion: another shell is a usage error" {
	try skt completion
	assert_status 2
	assert_one_error 'bash, zsh or fish'
	try skt completion tcsh
	assert_status 2
	assert_one_error "'tcsh' is not bash, zsh or fish"
	try skt completion bash extra
	assert_usage "'extra'"
}
