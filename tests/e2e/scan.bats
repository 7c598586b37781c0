#!/usr/bin/env bats
# connect --scan: which ports are open, in order, and what the status says.

load helper
load netns

# A server that takes and drops whatever comes, on 127.0.0.1.
open_port() {
	start_skt -n "open$((++OPEN))" listen -k --recv-only 127.0.0.1 "${1:-0}"
}

# 18000/tcp closed ... for the ports of the list
lines() {
	local state=$1 port
	shift
	for port; do echo "$port/${PROTOCOL:-tcp} $state"; done
}

@test "scan: open, closed and filtered, ascending and each port once" {
	local open closed silent
	open_port && open=$PORT
	refused_port && closed=$PORT
	silent_port && silent=$PORT
	try skt connect -z --connect-timeout 500ms 127.0.0.1 "$silent,$open,$closed,$open-$open,$silent"
	assert_output "$({ lines open "$open" && lines closed "$closed" && lines filtered "$silent"; } | sort -n)"
	local first
	first=$(grep -v open "$OUT" | head -1)
	case $first in
	*closed) assert_status 4 ;;
	*) assert_status 6 ;;
	esac
	assert_one_error "^skt: connect: 2 of 3 ports are not open; ${first/ / is }: connect to 127\.0\.0\.1"
}

@test "scan: the status is 0 when every port is open, and nothing is said" {
	local one two
	open_port && one=$PORT
	open_port && two=$PORT
	try skt connect --scan 127.0.0.1 "$one,$two"
	assert_status 0
	assert_output "$(lines open "$one" "$two" | sort -n)"
	assert_silent
}

@test "scan: one port alone, and what each state is worth" {
	refused_port
	try skt connect -z "127.0.0.1:$PORT"
	assert_status 4
	assert_output "$PORT/tcp closed"
	assert_one_error "^skt: connect: connect to 127\.0\.0\.1:$PORT: Connection refused\$"
	silent_port
	try skt connect -z -w 300ms 127.0.0.1 "$PORT"
	assert_status 6
	assert_output "$PORT/tcp filtered"
	assert_one_error 'no answer within the connect limit of 0\.3 s$'
}

@test "scan: no way there is filtered, and 5; without an answer it is 6" {
	need_netns
	try skt connect -z 10.98.0.1 7,9
	assert_status 5
	assert_output $'7/tcp filtered\n9/tcp filtered'
	try skt connect -z --connect-timeout 200ms 10.99.0.1 7,9
	assert_status 6
	assert_output $'7/tcp filtered\n9/tcp filtered'
}

@test "scan: a name is looked up once, and a port is open when any of its addresses accepts" {
	need_ipv6
	need_netns '::1 name' '127.0.0.1 name'
	open_port
	try skt connect -z -v name "$PORT,9"
	assert_status 4
	assert_output "9/tcp closed
$PORT/tcp open"
	assert_error "^skt: connect: connected to 127\.0\.0\.1:$PORT from "
	try skt connect -z -6 name "$PORT"
	assert_status 4
	try skt connect -z --json name "$PORT"
	assert_status 0
	assert_error '"address":"127\.0\.0\.1"'
	try skt connect -z -s 127.0.0.1 name "$PORT,9"
	assert_status 4
	assert_output "9/tcp closed
$PORT/tcp open"
}

@test "scan: all ports of a host, none twice, none missing, what listens there found" {
	need_netns
	local one two three
	open_port && one=$PORT
	open_port && two=$PORT
	open_port 65535 && three=$PORT
	timed try skt connect -z 127.0.0.1 1-65535
	assert_status 4
	grep open "$OUT" >found || :
	assert_same found <(lines open "$one" "$two" "$three" | sort -n)
	assert_same <(cut -d/ -f1 "$OUT") <(seq 65535)
	assert_error '^skt: connect: 65532 of 65535 ports are not open; 1/tcp is closed: '
	[ "$took" -lt 20000 ] || complain "it took $took ms"
}

@test "scan: finds what nc -z finds" {
	need nc.openbsd
	need_netns
	local one two
	open_port && one=$PORT
	open_port && two=$PORT
	try skt connect -z 127.0.0.1 1-65535
	assert_status 4
	sed -n 's|/tcp open$||p' "$OUT" >ours
	# Few ports: nc -z takes a connection to itself for an open port.
	inside nc.openbsd -nzv 127.0.0.1 "$((one - 5))-$((one + 5))" 2>nc || :
	inside nc.openbsd -nzv 127.0.0.1 "$((two - 5))-$((two + 5))" 2>>nc || :
	assert_same ours <(sed -n 's/.* \([0-9]*\) port .* succeeded!$/\1/p' nc | sort -nu)
	[ "$(wc -l <ours)" -eq 2 ] || complain_about_run 'two ports are open'
}

@test "scan: few descriptors are enough, and never more than --parallel are used" {
	need_netns
	open_port
	try bash -c 'ulimit -n 24; exec timeout 30 "$@"' - "$SKT" connect -z 127.0.0.1 "1-600,$PORT" 3>&-
	assert_status 4
	[ "$(wc -l <"$OUT")" -eq 601 ] || complain_about_run "not 601 lines"
	assert_match "^$PORT/tcp open$"
	try skt connect -z --parallel 3 --trace 127.0.0.1 1-50
	assert_status 4
	awk '/ socket\(/ { if (++n > most) most = n } / close\(/ { n-- } END { exit !(most == 3 && n == 0) }' "$ERR" ||
		complain_about_run "not 3 sockets at a time, or some were not closed"
}

@test "scan: descriptors that others hold make it slower, not wrong" {
	need_netns
	# 40 of 64 are taken: more than the reserve.
	try bash -c 'ulimit -n 64; for n in {20..59}; do eval "exec $n</dev/null"; done; exec timeout 30 "$@"' - \
		"$SKT" connect -z --parallel 40 --connect-timeout 300ms 10.99.0.1 1-60 3>&-
	assert_status 6
	assert_same <(seq -f '%g/tcp filtered' 60) "$OUT"
}

@test "scan: results come as soon as they are final" {
	local first last
	refused_port && first=$PORT
	silent_port && last=$PORT
	until [ "$first" -lt "$last" ]; do silent_port && last=$PORT; done
	# bash lets those in the background ignore SIGINT
	start scan env --default-signal=INT "$SKT" connect -z --connect-timeout 60s 127.0.0.1 "$first,$last"
	wait_for has_said scan "$first/tcp closed"
	running scan || complain 'it ended'
	stop scan INT
	wait_end scan
	assert_status 130
	assert_output "$first/tcp closed"
	assert_one_error '^skt: connect: ended by signal 2 '
}

@test "scan: SIGTERM is 143, --deadline is 6" {
	silent_port
	start scan "$SKT" connect -z -v --connect-timeout 60s --trace 127.0.0.1 "$PORT"
	wait_for has_said scan 'socket(AF_INET'
	stop scan
	wait_end scan
	assert_status 143
	try skt connect -z --connect-timeout 60s --deadline 300ms 127.0.0.1 "$PORT"
	assert_status 6
	assert_output ''
	assert_one_error 'the deadline of 0\.3 s for the whole run is over$'
}

@test "scan: no byte is sent, and the connection is closed in order" {
	start_peer peer tcp4 expect-eof
	try skt connect -z 127.0.0.1 "$PORT" <<<'never sent'
	assert_status 0
	wait_end peer
	assert_status 0
}

@test "scan: a server that cuts at once, or talks first, is open" {
	start_peer peer tcp4 reset
	try skt connect -z 127.0.0.1 "$PORT"
	assert_status 0
	assert_output "$PORT/tcp open"
	start_peer talks tcp4 send hello stall
	try skt connect -z 127.0.0.1 "$PORT"
	assert_status 0
	assert_output "$PORT/tcp open"
}

@test "scan: a connection to ourselves is nobody" {
	refused_port
	local port=$PORT
	stop refused1
	wait_end refused1 || return 1
	try skt connect -z -s 127.0.0.1 -p "$port" 127.0.0.1 "$port"
	assert_status 4
	assert_output "$port/tcp closed"
	try skt connect -z -u -s 127.0.0.1 -p "$port" 127.0.0.1 "$port"
	assert_status 4
	assert_output "$port/udp closed"
}

@test "scan: --json is an object for each result, and the lines stay" {
	need python3
	local open closed
	open_port && open=$PORT
	refused_port && closed=$PORT
	try skt connect -z --json 127.0.0.1 "$open,$closed"
	assert_status 4
	assert_output "$({ lines open "$open" && lines closed "$closed"; } | sort -n)"
	python3 - "$open" "$closed" "$ERR" <<'PYTHON' || complain_about_run 'not these objects'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[3])]
states = {int(sys.argv[1]): "open", int(sys.argv[2]): "closed"}
for port, row in zip(sorted(states), rows):
    assert (row["event"], row["address"], row["port"], row["protocol"], row["state"]) == \
        ("scan", "127.0.0.1", port, "tcp", states[port]), row
assert len(rows) == 3 and rows[2]["event"] == "error" and rows[2]["class"] == "refused", rows
assert rows[2]["errno"] == "ECONNREFUSED", rows
PYTHON
}

@test "scan: --quiet leaves the lines and the status, -v tells why" {
	refused_port
	try skt connect -zqv 127.0.0.1 "$PORT"
	assert_status 4
	assert_output "$PORT/tcp closed"
	assert_silent
	open_port
	try skt connect -zv --no-sandbox 127.0.0.1 "$PORT"
	assert_status 0
	assert_one_error "^skt: connect: connected to 127\.0\.0\.1:$PORT from 127\.0\.0\.1:[0-9]+ \(inet stream tcp\)$"
}

@test "scan: the reader of stdout goes away" {
	need_netns
	skt connect -zq --connect-timeout 60s 10.99.0.1 1-3 2>"$ERR" | :
	status=${PIPESTATUS[0]}
	assert_status 141
	assert_silent
	skt connect -z 127.0.0.1 1-65535 2>"$ERR" | head -1 >"$OUT"
	status=${PIPESTATUS[0]}
	assert_status 141
	read_results
	assert_output '1/tcp closed'
	assert_silent
}

@test "scan: a stdout that is closed or full is 9" {
	refused_port
	try bash -c 'exec "$@" >&-' - "$SKT" connect -z 127.0.0.1 "$PORT"
	assert_status 9
	assert_one_error '^skt: connect: standard output: Bad file descriptor$'
	[ -w /dev/full ] || skip 'no /dev/full'
	skt connect -z 127.0.0.1 "$PORT" >/dev/full 2>"$ERR" || status=$?
	assert_status 9
	assert_one_error '^skt: connect: standard output: No space left on device$'
}

@test "scan: a slow reader gets every line" {
	need_netns
	ended() { [ -s said ]; } # by its last line
	skt connect -z 127.0.0.1 1-20000 2>said | {
		poll_until 1 ended && echo early >early
		cat >"$OUT"
	}
	[ ! -e early ] || complain 'it did not wait for its reader'
	assert_same <(seq -f '%.0f/tcp closed' 20000) "$OUT"
}

@test "scan: bad lists of ports are usage errors that name the word" {
	local list
	for list in 20- 25-20 0 0-5 70000 1-70000 22,,23 ,22 '22,' ',' 80x 1e3 0x16 20-25-30 ' 22' '22, 23' +22; do
		try skt connect -z 127.0.0.1 "$list"
		assert_status 2
		assert_output ''
		assert_one_error "^skt: connect: '.*' .*; try 'skt connect --help'$"
		grep -qF -- "'$list'" "$ERR" || grep -qF -- "'${list##*,}'" "$ERR" || complain_about_run "it does not name $list"
	done
	try skt connect -z 127.0.0.1 ''
	assert_status 2
	assert_one_error 'the port is empty'
	try skt connect 127.0.0.1 20-25
	assert_status 2
	assert_one_error "'20-25' is not a port"
}

@test "scan: what is unknown is 3, before anything is written" {
	try skt connect -z 127.0.0.1 9,no-such-service
	assert_status 3
	assert_output ''
	assert_one_error "service 'no-such-service' is not known$"
	need_netns
	try skt connect -z --connect-timeout 300ms nosuch.invalid 9
	[ "$status" -eq 3 ] || assert_status 6
	assert_output ''
	assert_one_error nosuch.invalid
}

@test "scan: a service may stand in the list" {
	grep -q '^http[[:space:]]*80/tcp' /etc/services || skip 'no /etc/services'
	need_netns
	try skt connect -z 127.0.0.1 '81-82,http'
	assert_status 4
	assert_output $'80/tcp closed\n81/tcp closed\n82/tcp closed'
}

@test "scan: what makes no sense beside it is refused" {
	local option
	for option in --recv-only --send-only --no-half-close --hold '--linger 1' '--max-bytes 1' '--rate 1' '--retry 1' \
		'--retry 1 --retry-interval 1' '--buffer-size 1' --stats --progress '-u --chomp' '-u --frame line' '--exec true'; do
		# shellcheck disable=SC2086 # words
		try skt connect -z $option 127.0.0.1 9
		assert_status 2
		assert_one_error "'--scan'.* exclude each other; try 'skt connect --help'$"
	done
	try skt connect -z 127.0.0.1 9 -- true
	assert_status 2
	assert_one_error "'-- COMMAND' exclude each other"
	for option in '--parallel 3' --payload; do
		# shellcheck disable=SC2086 # words
		try skt connect $option 127.0.0.1 9
		assert_status 2
		assert_one_error "'${option% *}' needs '--scan' beside it"
	done
	try skt connect -z --parallel 0 127.0.0.1 9
	assert_status 2
	assert_one_error "--parallel: '0' is not a number from 1 to 65535"
	try skt connect -z --payload 127.0.0.1 9
	assert_status 2
	assert_one_error '^skt: connect: --payload needs datagrams \(-u\)'
	try skt connect -z --family vsock 1 9
	assert_status 2
	assert_one_error vsock
}
