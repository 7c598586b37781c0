# helper: what every .bats file loads (`load helper`). Nothing here waits without a limit, no port is fixed, and no
# sleep stands in for an event.
#
# In a test                          what it gives
#   try COMMAND...                   runs it: $status, $output, $error; the bytes in the files $OUT, $ERR
#   try skt connect ... <<<text      skt may take $LIMIT s; `printf x | try skt ...` works too (lastpipe)
#   start_peer NAME FAMILY STEP...   a scripted server (tests/peer.c): $ADDRESS $PORT, or $SOCKET
#   start_skt [-n NAME] COMMAND ...  skt in the background, ready to be talked to: $ADDRESS $PORT, or $SOCKET
#   start NAME COMMAND...            anything else in the background; stdin is that of the call, /dev/null without one
#   wait_end NAME [SECONDS]          waits for its end: $status, $output, $error, $OUT, $ERR as after `try`
#   wait_for CONDITION...            repeats a command until it succeeds: wait_for test -s file
#   stop NAME [SIGNAL]               signals it (TERM)
#   refused_port, silent_port        $PORT of 127.0.0.1 that refuses, or that never answers
#   assert_status N                  and assert_output TEXT, assert_error REGEX, ... below
#   need TOOL..., need_ipv6          skip, with a reason
#
# helper_setup and helper_teardown are for files that need a setup or teardown of their own and call them there.
#
# What is started as NAME writes to $BATS_TEST_TMPDIR/NAME.out and NAME.err; its pid is ${PIDS[NAME]}. All of it is
# ended after the test. In a build with sanitizers any report, of background processes too, fails the test.

bats_require_minimum_version 1.5.0
: "${SKT:?the skt to be tested}" "${PEER:?the test peer}" "${SKT_SOURCE:?the source folder}"

LIMIT=30            # seconds that a command under `try` or `wait_end` may take
shopt -s lastpipe   # `producer | try ...` sets $status here, not in a subshell

setup() {
	helper_setup
}

teardown() {
	helper_teardown
}

helper_setup() {
	declare -gA PIDS=()
	cd "$BATS_TEST_TMPDIR" || return 1
	OUT=$BATS_TEST_TMPDIR/out ERR=$BATS_TEST_TMPDIR/err
	status=0 output='' error='' tried='' PORTS=0
	: >"$OUT"
	: >"$ERR"
	exec </dev/null # the same under ctest, in a terminal and in CI
	export LC_ALL=C TZ=UTC
	export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}log_path=$BATS_TEST_TMPDIR/sanitizer"
	export UBSAN_OPTIONS="${UBSAN_OPTIONS:+$UBSAN_OPTIONS:}log_path=$BATS_TEST_TMPDIR/sanitizer"
}

# TERM first: what ends in order is checked for leaks, too.
helper_teardown() {
	local pid name file failed=0
	for name in "${!PIDS[@]}"; do
		kill -TERM "${PIDS[$name]}" 2>/dev/null && kill -CONT "${PIDS[$name]}" 2>/dev/null
	done
	for pid in "${PIDS[@]}"; do
		poll_until 3 gone "$pid" || kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	for file in "$BATS_TEST_TMPDIR"/sanitizer.*; do
		[ -e "$file" ] || continue
		echo "# a sanitizer reports:"
		cat "$file"
		failed=1
	done
	return "$failed"
}

### Running

# skt with a limit. 124: it hung.
skt() {
	timeout -k 5 "$LIMIT" "$SKT" "$@" 3>&-
}

try() {
	OUT=$BATS_TEST_TMPDIR/out ERR=$BATS_TEST_TMPDIR/err tried="$*" status=0
	"$@" >"$OUT" 2>"$ERR" || status=$?
	read_results
}

# $output and $error for comparing text: no NULs, no newlines at the end. For bytes there are the files.
# shellcheck disable=SC2034 # error is for the tests
read_results() {
	output='' error=''
	{ # bash warns about NULs
		[ ! -s "$OUT" ] || output=$(<"$OUT")
		[ ! -s "$ERR" ] || error=$(<"$ERR")
	} 2>/dev/null
}

# Descriptor 3 belongs to bats, which waits until all have closed it.
start() {
	local name=$1
	shift
	[ -z "${PIDS[$name]:-}" ] || complain "there is a '$name' already" || return 1
	"$@" <&0 >"$BATS_TEST_TMPDIR/$name.out" 2>"$BATS_TEST_TMPDIR/$name.err" 3>&- &
	PIDS[$name]=$!
}

start_peer() {
	local name=$1 family=$2
	shift 2
	forget_ready "$name"
	start "$name" "$PEER" listen "$family" "$BATS_TEST_TMPDIR/$name.ready" "$@" || return 1
	wait_ready "$name"
}

# start_skt listen 127.0.0.1 0 <page
start_skt() {
	local name=skt command i=2
	if [ "$1" = -n ]; then
		name=$2
		shift 2
	else
		while [ -n "${PIDS[$name]:-}" ]; do name=skt$((i++)); done
	fi
	command=$1
	shift
	forget_ready "$name"
	start "$name" "$SKT" "$command" --ready-file "$BATS_TEST_TMPDIR/$name.ready" "$@" || return 1
	wait_ready "$name"
}

# Of one of that name that has ended.
forget_ready() {
	[ ! -e "$BATS_TEST_TMPDIR/$1.ready" ] || rm "$BATS_TEST_TMPDIR/$1.ready"
}

# The ready file of NAME, which must still run: "ADDRESS PORT", or the path of a unix socket.
wait_ready() {
	local name=$1 file=$BATS_TEST_TMPDIR/$1.ready line
	if ! poll_until 30 ready_or_gone "$name" || ! [ -e "$file" ]; then
		complain "'$name' did not get ready" "$BATS_TEST_TMPDIR/$name.err"
		return 1
	fi
	line=$(<"$file")
	# shellcheck disable=SC2034 # for the tests
	case $line in
	/* | @* | ./*) SOCKET=$line ADDRESS='' PORT='' ;;
	*' '*) ADDRESS=${line% *} PORT=${line##* } SOCKET='' ;;
	*) SOCKET=$line ADDRESS='' PORT='' ;;
	esac
}

ready_or_gone() {
	[ -e "$BATS_TEST_TMPDIR/$1.ready" ] || gone "${PIDS[$1]}"
}

stop() {
	kill -s "${2:-TERM}" "${PIDS[$1]}"
}

wait_end() {
	local name=$1 pid=${PIDS[$1]}
	if ! poll_until "${2:-$LIMIT}" gone "$pid"; then
		complain "'$name' still runs after ${2:-$LIMIT} s" "$BATS_TEST_TMPDIR/$name.err"
		return 1
	fi
	status=0
	wait "$pid" || status=$?
	unset "PIDS[$name]"
	OUT=$BATS_TEST_TMPDIR/$name.out ERR=$BATS_TEST_TMPDIR/$name.err tried=$name
	read_results
}

# bash reaps its children by itself, but a SIGCHLD that comes while it handles another is lost now and then: an ended
# one may be seen as a zombie, too, which `kill -0` would take for running.
gone() {
	local stat
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	[[ $stat == *') Z '* ]]
}

running() {
	! gone "${PIDS[$1]}"
}

# poll_until SECONDS CONDITION...
poll_until() {
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
	shift
	until "$@"; do
		[ "${EPOCHREALTIME/[.,]/}" -lt "$end" ] || return 1
		nap
	done
}

# 10 ms without a process: what is read never has a writer.
nap() {
	[ -p "$BATS_FILE_TMPDIR/never" ] || mkfifo "$BATS_FILE_TMPDIR/never"
	read -r -t 0.01 _ <>"$BATS_FILE_TMPDIR/never" || :
}

wait_for() {
	poll_until 30 "$@" || complain "not within 30 s: $*"
}

# Whether anything arrived in the output of NAME: wait_for has_said NAME TEXT
has_said() {
	grep -aqF -- "$2" "$BATS_TEST_TMPDIR/$1.out" "$BATS_TEST_TMPDIR/$1.err"
}

refused_port() {
	start "refused$((++PORTS))" "$PEER" bind "${1:-tcp4}" "$BATS_TEST_TMPDIR/refused$PORTS.ready" || return 1
	wait_ready "refused$PORTS"
}

silent_port() {
	start "silent$((++PORTS))" "$PEER" full "${1:-tcp4}" "$BATS_TEST_TMPDIR/silent$PORTS.ready" || return 1
	wait_ready "silent$PORTS"
}

# strace, whose ptrace the leak checker does not bear: under_strace FILE skt-arguments...
under_strace() {
	local file=$1
	shift
	ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" timeout -k 5 "$LIMIT" strace -f -o "$file" "$SKT" "$@" 3>&-
}

### What is here

need() {
	local tool
	for tool; do
		command -v "$tool" >/dev/null || skip "$tool is not installed"
	done
}

has_ipv6() {
	grep -q '^0\{31\}1 ' /proc/net/if_inet6 2>/dev/null
}

need_ipv6() {
	has_ipv6 || skip "no IPv6 here"
}

sanitized() {
	[ -n "${SKT_SANITIZE:-}" ]
}

### Judging

# complain TEXT [FILE...]: says it, and shows the files' ends; 1.
complain() {
	local file
	echo "# $1"
	shift
	for file; do
		echo "# ${file##*/}:"
		[ -e "$file" ] && tail -c 2000 "$file" | cat -v | awk '{ print "#   " $0 }'
	done
	return 1
}

complain_about_run() {
	complain "$1
# after: $tried (status $status)" "$OUT" "$ERR"
}

assert_status() {
	[ "$status" -eq "$1" ] || complain_about_run "status $status, expected $1"
}

# The whole of stdout as text, newlines at its end aside.
assert_output() {
	[ "$output" = "$1" ] && return
	complain_about_run "stdout is not what was expected:" || diff <(printf '%s\n' "$1") <(printf '%s\n' "$output") | cat -v
	return 1
}

# The bytes of stdout, as printf '%b' writes them: assert_bytes 'one\r\n\0'
assert_bytes() {
	printf '%b' "$1" | cmp -s - "$OUT" && return
	complain_about_run "stdout is not, byte for byte, $1" || od -c "$OUT" | head -20
	return 1
}

assert_same() {
	cmp -- "$1" "$2" || complain "$1 and $2 differ ($(stat -c %s -- "$1" "$2" | paste -sd' ') bytes)"
}

# Regular expressions (ERE) over the lines.
assert_match() {
	grep -aqE -- "$1" "$OUT" || complain_about_run "no line of stdout matches $1"
}

# Without a process, which is what costs time here: messages are few.
assert_error() {
	local line lines
	mapfile -t lines <"$ERR"
	for line in "${lines[@]}"; do
		[[ ! $line =~ $1 ]] || return 0
	done
	complain_about_run "no line of stderr matches $1"
}

# Nothing on stderr; with a build that is checked, reports have their own file.
assert_silent() {
	[ ! -s "$ERR" ] || complain_about_run "stderr should be empty"
}

# One line on stderr, by skt itself: "skt: COMMAND: ..."
assert_one_error() {
	local lines
	mapfile lines <"$ERR"
	[[ ${#lines[@]} -eq 1 && ${lines[0]} == *$'\n' ]] || complain_about_run "stderr should be one line" || return 1
	assert_error "$1"
}
