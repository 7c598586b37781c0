#!/usr/bin/env bats
# --progress: a live line where somebody looks, and nowhere else.

load helper
load meter

HEAD='HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n'

setup() {
	helper_setup
	need python3
	head -c 50000 /dev/zero >file
}

# A page that takes its time: half of it, a pause, the other half. slow_page HEAD
slow_page() {
	start_peer peer tcp4 recv-until '\r\n\r\n' send "$1" send-zeros 20000 sleep 700 send-zeros 20000 sleep 300 close again
	URL=http://127.0.0.1:$PORT/page
}

# The line as a person sees it: the drawings, each on a line of its own.
drawn() {
	tr '\r' '\n' <"$ERR" | sed 's/\x1b\[K$//' | grep -a .
}

assert_drawn() {
	drawn | grep -aqE -- "$1" || complain_about_run "no drawing matches $1"
}

refute_drawn() {
	! drawn | grep -aqE -- "$1" || complain_about_run "a drawing matches $1"
}

# Whatever was on the line, it is taken away in the end.
assert_cleared() {
	[ "$(tail -c 4 "$ERR" | od -An -c | tr -d ' \n')" = '\r033[K' ] || complain_about_run 'the line stays'
}

@test "progress: drawn at most five times a second, and cleared" {
	start_skt listen --discard 127.0.0.1 0
	local begun=${EPOCHREALTIME/[.,]/} n
	on_terminal connect --progress --rate 25000 127.0.0.1 "$PORT" <file
	local span=$((${EPOCHREALTIME/[.,]/} - begun))
	assert_status 0
	n=$(draws)
	[ "$n" -ge 3 ] || complain_about_run "only $n drawings"
	[ "$n" -le $((span / 200000)) ] || complain_about_run "$n drawings in $span us"
	assert_cleared
}

@test "progress: bytes, rate, a sparkline, share and time left of a file" {
	start_skt listen --discard 127.0.0.1 0
	LC_ALL=C on_terminal connect --progress --rate 25000 127.0.0.1 "$PORT" <file
	assert_status 0
	assert_drawn '^sent [0-9.]+ KiB  [0-9.]+ (Ki)?B/s  [_.,=+*#-]+  [0-9]+%  0:00:0[0-9] left$'
	# shellcheck disable=SC2312
	[ "$(drawn | grep -aoE '[0-9]+%' | tr -d %)" = "$(drawn | grep -aoE '[0-9]+%' | tr -d % | sort -n)" ]
	LC_ALL=C.UTF-8 on_terminal connect --progress --rate 50000 127.0.0.1 "$PORT" <file
	assert_drawn '^sent .*/s  (▁|▂|▃|▄|▅|▆|▇|█)+  [0-9]+%'
}

@test "progress: no share where the size is not known" {
	start_skt listen --discard 127.0.0.1 0
	on_terminal connect --progress --rate 50000 127.0.0.1 "$PORT" < <(cat file)
	assert_status 0
	assert_drawn '^sent '
	refute_drawn '%|left'
}

@test "progress: into a plain file when it is asked for, and not when it is not" {
	start_skt listen --discard 127.0.0.1 0
	try skt connect --rate 80000 127.0.0.1 "$PORT" <file
	assert_status 0
	assert_silent
	try skt connect --progress --rate 80000 127.0.0.1 "$PORT" <file
	assert_status 0
	[ "$(draws)" -ge 1 ]
	assert_drawn '^sent .*%'
	assert_cleared
	on_terminal connect --rate 80000 127.0.0.1 "$PORT" <file
	assert_status 0
	assert_silent # connect shows none by itself, even there
}

@test "progress: --json, --quiet and --no-progress leave it out" {
	start_skt listen --discard 127.0.0.1 0
	local words
	for words in '--progress --json' '--progress --quiet' '--progress --no-progress' '-q --progress --json'; do
		# shellcheck disable=SC2086
		on_terminal connect $words --rate 100000 127.0.0.1 "$PORT" <file
		assert_status 0
		assert_silent
	done
	on_terminal connect --no-progress --progress --rate 80000 127.0.0.1 "$PORT" <file # the last one counts
	[ "$(draws)" -ge 1 ]
}

@test "progress: what is over at once is not worth a line" {
	start_peer peer tcp4 send hello close
	on_terminal connect --progress 127.0.0.1 "$PORT"
	assert_status 0
	assert_output hello
	assert_silent
}

@test "progress: http-get -o on a terminal shows it by itself, with the share of Content-Length" {
	slow_page "$HEAD"
	on_terminal http-get -o page "$URL"
	assert_status 0
	assert_drawn 'received 1[0-9.]+ KiB .*  50%  0:00:0[0-9] left$'
	assert_cleared
	[ "$(wc -c <page)" -eq 40000 ]
	on_terminal http-get -o page --no-progress "$URL"
	assert_silent
	on_terminal http-get -o page --json "$URL"
	assert_silent
	on_terminal http-get -o page -q "$URL"
	assert_silent
	on_terminal http-get "$URL"
	assert_status 0
	[ "$(wc -c <"$OUT")" -eq 40000 ]
	assert_silent
	try skt http-get -o page "$URL"
	assert_silent
	try skt http-get --progress "$URL"
	assert_status 0
	assert_drawn '  50%  '
	[ "$(wc -c <"$OUT")" -eq 40000 ]
}

@test "progress: a page whose length is not announced has no share" {
	slow_page 'HTTP/1.1 200 OK\r\n\r\n'
	on_terminal http-get -o page "$URL"
	assert_status 0
	assert_drawn 'received '
	refute_drawn '%|left'
	assert_cleared
}

@test "progress: messages stand on lines of their own" {
	start_skt listen --discard 127.0.0.1 0
	on_terminal connect --progress -v --stats --trace --rate 50000 127.0.0.1 "$PORT" <file
	assert_status 0
	# What a terminal shows: behind the last \r\033[K or drawing of each line.
	sed -e 's/\r$//' -e 's/.*\r\x1b\[K//' "$ERR" | grep -av '^$' >seen
	[ "$(grep -acv '^skt: connect: ' seen)" -eq 0 ] || complain "not all lines are messages" seen
	grep -aq '^skt: connect: closed .*50000 bytes sent' seen
	grep -aq '^skt: connect: sent 50000 bytes' seen
}

@test "progress: an error takes the line away first" {
	start_peer peer tcp4 recv 1 sleep 700 reset
	open_idle x
	on_terminal connect --progress 127.0.0.1 "$PORT" <idle 9>&-
	assert_status 7
	[ "$(draws)" -ge 1 ]
	tail -1 "$ERR" | grep -aqE $'\r\x1b\\[Kskt: connect: ' || complain_about_run 'the error stands behind a drawing'
}

@test "progress: a signal takes the line away, too" {
	start_peer peer tcp4 stall
	open_idle x
	start skt "$SKT" connect --progress 127.0.0.1 "$PORT" <idle 9>&-
	wait_for has_said skt sent
	stop skt
	wait_end skt
	assert_status 143
	tail -1 "$ERR" | grep -aqE $'\r\x1b\\[Kskt: connect: ended by signal 15' || complain_about_run 'the line stays'
}

@test "progress: every command that moves bytes has it" {
	start_skt listen --progress --rate 80000 127.0.0.1 0 <file
	try skt connect 127.0.0.1 "$PORT" </dev/null
	wait_end skt
	assert_status 0
	assert_drawn '^sent .*%'
	start_skt unix -lk --discard "$BATS_TEST_TMPDIR/s"
	try skt unix --progress --rate 80000 "$SOCKET" <file
	assert_drawn '^sent .*%'
	start_skt -n udp udp-recv --progress --count 2 127.0.0.1 0
	try skt udp-send --progress --frame size=25000 --rate 40000 127.0.0.1 "$PORT" <file
	assert_status 0
	assert_drawn '^sent .*%'
	wait_end udp
	assert_drawn '^received '
	refute_drawn '%'
	try skt listen --progress --echo 127.0.0.1 0
	assert_status 2
	assert_one_error "'--progress' and '--echo' exclude each other"
}
