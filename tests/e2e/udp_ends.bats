# How udp-send and udp-recv end: refused, unreachable, signals, outputs that fail. Ports that must not be taken by
# others are in a network of the test's own.
load helper
load netns
load udp

# Sent datagrams, and those that nobody took, of the namespace: "OUT NOPORT".
counters() {
	inside awk '$1 == "Udp:" && $2 != "InDatagrams" { print $5, $3 }' /proc/net/snmp
}

# growing N: lines of 1 to N bytes
growing() {
	local i line=
	for ((i = 0; i < $1; i++)); do
		echo "$line"
		line+=x
	done
}

@test "refused: 4 at the end, and every datagram was sent once all the same" {
	local n
	need_netns
	for n in 1 2 150; do
		local out noport before
		read -r out noport < <(counters)
		before=$out,$noport
		# Ever longer ones: the counters would count a run of equal ones, which can leave as one, once.
		growing "$n" | try skt udp-send 127.0.0.1 9999
		assert_status 4
		assert_one_error '^skt: udp-send: .*127\.0\.0\.1:9999.*Connection refused'
		read -r out noport < <(counters)
		[ "$out,$noport" = "$((${before%,*} + n)),$((${before#*,} + n))" ] || complain "$before then $out,$noport for $n"
	done
}

@test "refused: other frames, IPv6, JSON and quiet" {
	need_netns
	printf abc | try skt udp-send --frame size=1 127.0.0.1 9999
	assert_status 4
	try skt udp-send --json 127.0.0.1 9999 <<<x
	assert_status 4
	assert_one_error '"event":"error".*"class":"refused","errno":"ECONNREFUSED"'
	try skt udp-send -q 127.0.0.1 9999 <<<x
	assert_status 4
	assert_silent
	inside test -e /proc/net/if_inet6 || skip 'no IPv6 here'
	try skt udp-send ::1 9999 <<<x
	assert_status 4
	assert_one_error '\[::1\]:9999'
}

@test "refused: empty datagrams hear of it, too" {
	need_netns
	try skt udp-send --chomp 127.0.0.1 9999 <<<''
	assert_status 4
}

@test "a refusal in between is not forgotten, and what follows arrives" {
	need_netns
	fifo_open in
	start send "$SKT" udp-send 127.0.0.1 9999 <in 9>&-
	echo early >&9
	wait_for eval '[ "$(counters | cut -d" " -f2)" = 1 ]'
	start_skt -n recv udp-recv --frame line --count 2 127.0.0.1 9999 9>&-
	echo late >&9
	echo later >&9
	wait_end recv
	assert_status 0
	assert_output $'late\nlater'
	exec 9>&-
	wait_end send
	assert_status 4
}

@test "refusals that stop coming (a host limits them) are not forgotten" {
	need_netns
	# A second host behind a cable, whose kernel answers six times and then once a second.
	start host "${NETNS[@]}" unshare -n sh -c 'ip link set lo up; : >host.ready; exec sleep 600'
	wait_for test -e host.ready
	inside ip link add name cable type veth peer name far netns "${PIDS[host]}" || skip 'no veth here'
	inside ip address add 10.96.0.1/24 dev cable
	inside ip link set cable up
	nsenter -t "${PIDS[host]}" -n ip address add 10.96.0.2/24 dev far
	nsenter -t "${PIDS[host]}" -n ip link set far up
	# Sent one by one until the cable works; each uses up at most one answer.
	wait_for eval 'echo try | skt udp-send 10.96.0.2 9999 2>/dev/null; [ $? = 4 ]'
	seq 60 | try skt udp-send 10.96.0.2 9999
	assert_status 4
}

@test "no way there is 5" {
	need_netns
	try skt udp-send 10.98.0.1 9 <<<x
	assert_status 5
	assert_one_error '^skt: udp-send: .*10\.98\.0\.1:9'
	try skt udp-send 192.0.2.1 9 <<<x
	assert_status 5
	inside test -e /proc/net/if_inet6 || skip 'no IPv6 here'
	try skt udp-send 2001:db8::1 9 <<<x
	assert_status 5
}

@test "a way that goes while we send is 5" {
	need_netns
	fifo_open in
	inside ip link add name wire type veth peer name other || skip 'no veth here'
	inside ip address add 10.95.0.1/24 dev wire
	inside ip link set wire up
	inside ip link set other up
	start send "$SKT" udp-send 10.95.0.2 9 <in 9>&-
	echo one >&9
	wait_for eval '[ "$(counters | cut -d" " -f1)" = 1 ]'
	inside ip link delete wire
	echo two >&9
	exec 9>&-
	wait_end send
	assert_status 5
}

@test "a broadcast address without --broadcast is refused by the kernel, and nothing is sent" {
	need_netns
	inside ip address add 10.97.1.1/24 dev lo
	try skt udp-send 127.255.255.255 9 <<<x
	[ "$status" -ne 0 ]
	assert_one_error '^skt: udp-send: .*127\.255\.255\.255'
	[ "$(counters)" = '0 0' ]
}

@test "the receiver survives that its datagrams' senders are gone" {
	start_skt udp-recv --frame line --count 3 127.0.0.1 0
	for word in one two three; do
		"$PEER" connect udp4 "$ADDRESS" "$PORT" send "$word" 3>&-
	done
	wait_end skt
	assert_status 0
	assert_output $'one\ntwo\nthree'
}

@test "a full disk is 9" {
	[ -c /dev/full ] || skip 'no /dev/full here'
	start full sh -c 'exec "$@" >/dev/full' - "$SKT" udp-recv --ready-file full.ready 127.0.0.1 0
	wait_ready full
	"$PEER" connect udp4 "$ADDRESS" "$PORT" send x 3>&-
	wait_end full
	assert_status 9
	assert_error '^skt: udp-recv: standard output: No space left on device'
}

@test "a closed stdout is 9 once a byte had to be written" {
	start closed sh -c 'exec "$@" >&-' - "$SKT" udp-recv --ready-file closed.ready --count 1 127.0.0.1 0
	wait_ready closed
	"$PEER" connect udp4 "$ADDRESS" "$PORT" send x 3>&-
	wait_end closed
	assert_status 9
	# An empty datagram has no byte.
	start empty sh -c 'exec "$@" >&-' - "$SKT" udp-recv --ready-file empty.ready --count 1 127.0.0.1 0
	wait_ready empty
	"$PEER" connect udp4 "$ADDRESS" "$PORT" send '' 3>&-
	wait_end empty
	assert_status 0
}

@test "the reader of stdout goes: 141, quietly, even when nothing comes" {
	local i
	mkfifo pipe
	start reader timeout 20 head -c 1 pipe
	start recv sh -c 'exec "$@" >pipe' - "$SKT" udp-recv --ready-file recv.ready 127.0.0.1 0
	wait_ready recv
	printf x >"/dev/udp/$ADDRESS/$PORT"
	wait_end reader
	wait_end recv
	assert_status 141
	[ "$(grep -vc listening "$ERR")" -eq 0 ]
}

@test "signals: 143 and 130, of both, with what came written out" {
	local signal number
	for signal in TERM:143 INT:130; do
		start "recv$signal" env --default-signal=INT "$SKT" udp-recv --frame line --ready-file "recv$signal.ready" 127.0.0.1 0
		wait_ready "recv$signal"
		printf x >"/dev/udp/$ADDRESS/$PORT"
		wait_for has_said "recv$signal" x
		stop "recv$signal" "${signal%:*}"
		wait_end "recv$signal"
		assert_status "${signal#*:}"
		assert_output x
		catch 1
		rm -f in
		fifo_open in
		start "send$signal" env --default-signal=INT "$SKT" udp-send "$ADDRESS" "$PORT" <in 9>&-
		echo first >&9
		wait_for has_said catch '6 first\n'
		stop "send$signal" "${signal%:*}"
		wait_end "send$signal"
		assert_status "${signal#*:}"
		exec 9>&-
		stop catch
		wait_end catch
	done
}

@test "udp-send's limits are 6, and say which; what was complete has left" {
	catch 2
	fifo_open in
	printf 'one\npart' >&9
	try skt udp-send --idle-timeout 0.2 "$ADDRESS" "$PORT" <in 9>&-
	assert_status 6
	assert_one_error idle
	printf '\ntwo\n' >&9
	try skt udp-send --deadline 0.3 "$ADDRESS" "$PORT" <in 9>&-
	assert_status 6
	assert_one_error deadline
	[ "$(grep -c '4 ' catch.out)" -ge 1 ]
	refused_port udp4
	printf 'three\n' >&9
	try skt udp-send --deadline 0.3 "$ADDRESS" "$PORT" <in 9>&-
	exec 9>&-
	assert_status 4
	assert_one_error refused
}
