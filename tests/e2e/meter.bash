# meter: what the meter*.bats files share (`load helper; load meter`).
#
#   told KEY...          the fields of the last "stats" object on stderr, on one line; - where there is none
#   ascending KEY...     whether these fields are in ascending order
#   on_terminal COMMAND  as `try`, with a terminal as stderr
#   open_idle TEXT       the FIFO `idle`, in which TEXT lies and which does not end: start ... <idle 9>&-
#   draws                how often the live line was drawn
#   within LOW HIGH X    whether LOW <= X <= HIGH (fractions allowed)

told() {
	python3 "$SKT_SOURCE/tests/e2e/meter.py" field "$ERR" "$@" | paste -sd' '
}

ascending() {
	python3 "$SKT_SOURCE/tests/e2e/meter.py" ascending "$ERR" "$@" || complain_about_run 'the order of times'
}

on_terminal() {
	OUT=$BATS_TEST_TMPDIR/out ERR=$BATS_TEST_TMPDIR/err tried="$*" status=0
	timeout -k 5 "$LIMIT" python3 "$SKT_SOURCE/tests/e2e/meter.py" terminal "$ERR" "$SKT" "$@" >"$OUT" 3>&- || status=$?
	read_results
}

open_idle() {
	mkfifo idle || return 1
	exec 9<>idle
	printf '%s' "$1" >&9
}

draws() {
	python3 "$SKT_SOURCE/tests/e2e/meter.py" draws "$ERR"
}

within() {
	awk -v low="$1" -v high="$2" -v x="$3" 'BEGIN { exit !(x + 0 >= low + 0 && x + 0 <= high + 0) }' ||
		complain_about_run "$3 is not within $1 and $2"
}
