# udp-send --wait and --replies: what comes back.
load helper
load netns
load udp

# answering N REPLY...: a peer that takes N datagrams and then sends these replies to the sender of the last one
answering() {
	local steps=() i
	for ((i = 0; i < $1; i++)); do steps+=(recv-datagram); done
	shift
	for i; do steps+=(send "$i"); done
	start_peer answer udp4 "${steps[@]}" recv-datagrams 3000
}

@test "--replies N: N replies are written as they came, then it ends at once" {
	answering 1 'one' '' 'two\0\n' 'not this'
	timed try skt udp-send --wait 20s --replies 3 "$ADDRESS" "$PORT" <<<ask
	assert_status 0
	assert_silent
	assert_bytes 'onetwo\0\n'
	[ "$took" -lt 10000 ] || complain "took $took ms"
}

@test "--replies alone waits as long as it takes, and needs no end of the peer" {
	start_peer answer udp4 recv-datagram sleep 700 send late
	try skt udp-send --replies 1 "$ADDRESS" "$PORT" <<<ask
	assert_status 0
	assert_bytes late
}

@test "--wait: whatever comes until the time is over, counted from the last datagram; nothing is fine, too" {
	answering 2 'a\n' 'b\n'
	printf '1\n2\n' | timed try skt udp-send --interval 0.4 --wait 0.6 "$ADDRESS" "$PORT"
	assert_status 0
	assert_silent
	assert_bytes 'a\nb\n'
	[ "$took" -ge 1000 ] || complain "took $took ms"
	catch 1
	try skt udp-send --wait 0.1 "$ADDRESS" "$PORT" <<<x
	assert_status 0
	assert_bytes ''
}

@test "fewer replies than asked for: 12, and what came is written" {
	answering 1 only
	try skt udp-send --wait 0.5 --replies 2 "$ADDRESS" "$PORT" <<<ask
	assert_status 12
	assert_one_error '^skt: udp-send: 1 of 2 replies came'
	assert_bytes only
}

@test "replies that came before all was sent do not keep the rest from being sent" {
	need python3
	start echo python3 -c '
import os, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
open("new", "w").write("127.0.0.1 %d" % s.getsockname()[1])
os.rename("new", "echo.ready")
for i in range(5):
    data, sender = s.recvfrom(9)
    s.sendto(data, sender)
print("all 5")'
	wait_ready echo
	seq 5 | try skt udp-send --pps 20 --replies 2 "$ADDRESS" "$PORT"
	assert_status 0
	assert_output $'1\n2'
	wait_end echo
	assert_output 'all 5'
}

@test "a dialogue: replies are written while standard input is open" {
	mkfifo in
	exec 9<>in
	start_peer answer udp4 recv-datagram send 'to first\n' recv-datagram send 'to second\n'
	start send "$SKT" udp-send --wait 0.2 "$ADDRESS" "$PORT" <in 9>&-
	echo first >&9
	wait_for has_said send 'to first'
	echo second >&9
	wait_for has_said send 'to second'
	exec 9>&-
	wait_end send
	assert_status 0
	assert_output $'to first\nto second'
}

@test "limits still hold: 6, with the reply that came" {
	local limit
	for limit in idle-timeout deadline; do
		start_peer "answer-$limit" udp4 recv-datagram send one recv-datagram
		try skt udp-send --replies 2 "--$limit" 0.5 "$ADDRESS" "$PORT" <<<ask
		assert_status 6
		assert_one_error "${limit%-*}"
		assert_bytes one
	done
}

@test "nobody listens there: 4, at once as no reply can come, whatever else was asked for" {
	local options
	need_netns
	for options in '--wait 20s' '--replies 1' '--wait 20s --replies 1'; do
		# shellcheck disable=SC2086 # words
		timed try skt udp-send $options 127.0.0.1 9999 <<<ask
		assert_status 4
		assert_one_error '^skt: udp-send: 127\.0\.0\.1:9999: Connection refused'
		assert_bytes ''
		[ "$took" -lt 10000 ] || complain "$options took $took ms"
	done
	timed try skt udp-send --replies 1 --deadline 20s 127.0.0.1 9999 <<<$'several\nlines\nof them'
	assert_status 4
	[ "$took" -lt 10000 ] || complain "several took $took ms"
	timed try skt udp-send --broadcast --wait 20s 127.0.0.1 9999 <<<unconnected
	assert_status 4
	[ "$took" -lt 10000 ] || complain "unconnected took $took ms"
}

@test "a refusal of one of several does not end the waiting, and is told" {
	need_netns
	fifo_open in
	start send "$SKT" udp-send --replies 1 127.0.0.1 9999 <in 9>&-
	echo early >&9
	wait_for eval '[ "$(inside awk "\$1 == \"Udp:\" && \$2 != \"InDatagrams\" { print \$3 }" /proc/net/snmp)" = 1 ]'
	start echo "${NETNS[@]}" socat -u UDP4-RECV:9999 STDOUT 9>&-
	wait_for bound 9999
	echo late >&9
	exec 9>&-
	wait_for has_said echo late
	running send || complain 'it did not wait'
	stop send
	wait_end send
	assert_status 143
}

@test "stdout that fails is 9, its reader gone 141" {
	[ -c /dev/full ] || skip 'no /dev/full here'
	answering 1 x
	start send sh -c 'exec "$@" >/dev/full' - "$SKT" udp-send --wait 20s "$ADDRESS" "$PORT" <<<ask
	wait_end send
	assert_status 9
	assert_one_error 'standard output: No space left'
}

@test "without --wait and --replies nothing is waited for, and nothing written" {
	answering 1 x
	try skt udp-send "$ADDRESS" "$PORT" <<<ask
	assert_status 0
	assert_bytes ''
}

@test "--frame size, --repeat and empty input go with it" {
	answering 4 over
	printf abcd | try skt udp-send --frame size=2 --repeat 2 --replies 1 "$ADDRESS" "$PORT"
	assert_status 0
	assert_bytes over
	catch 0
	timed try skt udp-send --wait 0.3 "$ADDRESS" "$PORT" </dev/null
	assert_status 0
	[ "$took" -ge 300 ]
	try skt udp-send --wait 0.1 --replies 1 "$ADDRESS" "$PORT" </dev/null
	assert_status 12
}

@test "-w is the connect limit and the idle limit, as everywhere" {
	catch 1
	try skt udp-send -w 0.3 --wait 20s "$ADDRESS" "$PORT" <<<ask
	assert_status 6
	assert_one_error idle
	try skt udp-send --replies 0 "$ADDRESS" "$PORT"
	assert_status 2
	try skt udp-send --wait x "$ADDRESS" "$PORT"
	assert_status 2
}
