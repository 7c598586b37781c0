# System calls that fail, stdouts that are slow, sockets that overflow: nothing is lost silently, repeated or merged.
load helper
load udp

# 120 lines of different lengths, which leave in several calls
lines() {
	seq -f 'line %.0f' 95 214
}

# assert_lines_caught STATUS SPEC...: udp-send with each fault delivers all lines once, in order
assert_lines_caught() {
	local wanted=$1 spec expected
	shift
	mapfile -t expected < <(lines | awk '{ print length + 1 " " $0 "\\n" }')
	for spec; do
		catch 120
		lines | try faulty "$SENDING:$spec" udp-send "$ADDRESS" "$PORT"
		assert_status "$wanted" || complain "$spec"
		injected || complain "nothing was injected: $spec"
		assert_caught "${expected[@]}" || complain "$spec"
	done
}

@test "sending: EINTR, EAGAIN and ENOBUFS are tried again, nothing is lost or repeated" {
	need_injection
	assert_lines_caught 0 error=EINTR:when=1..3 error=EINTR:when=1+2 error=EAGAIN:when=1+2 error=ENOBUFS:when=1+2
}

@test "sending: a refusal in place of a call is told at the end, and all is sent" {
	need_injection
	assert_lines_caught 4 error=ECONNREFUSED:when=1+2
}

@test "sending: several refusals in a row lose nothing" {
	need_injection
	assert_lines_caught 4 error=ECONNREFUSED:when=1..4
}

@test "sending: --frame size=N with faults" {
	local expected
	need_injection
	mapfile -t expected < <(seq -f '4 %.0f' 1001 1120)
	for spec in error=EINTR:when=1+2 error=EAGAIN:when=1+2 error=ENOBUFS:when=1+2; do
		catch 120
		seq -f '%.0f' 1001 1120 | tr -d '\n' |
			try faulty "$SENDING:$spec" udp-send --frame size=4 "$ADDRESS" "$PORT"
		assert_status 0
		assert_silent
		assert_caught "${expected[@]}"
	done
}

@test "sending: what the kernel refuses for good is told with its class, and the status is not 0" {
	need_injection
	catch 0
	printf 'one\ntwo\n' | try faulty "$SENDING:error=ENETUNREACH" udp-send "$ADDRESS" "$PORT"
	assert_status 5
	assert_one_error '^skt: udp-send: .*Network is unreachable'
	printf 'one\ntwo\n' | try faulty "$SENDING:error=EMSGSIZE" udp-send "$ADDRESS" "$PORT"
	assert_status 9
	assert_one_error '^skt: udp-send: .*Message too long'
	assert_caught
}

# assert_received SPEC...: udp-recv with each fault writes 100 datagrams, once and in order
assert_received() {
	local spec
	seq -f 'datagram %.0f' 100 >expected
	for spec; do
		start recv faulty "$spec" udp-recv --frame line --count 100 --ready-file recv.ready 127.0.0.1 0
		wait_ready recv
		"$SKT" udp-send --chomp "$ADDRESS" "$PORT" <expected
		wait_end recv
		assert_status 0 || complain "$spec"
		injected || complain "nothing was injected: $spec"
		assert_same expected "$OUT"
		rm recv.ready
	done
}

@test "receiving: EINTR, EAGAIN and a refusal are survived, nothing is lost or repeated" {
	need_injection
	assert_received "$RECEIVING:error=EINTR:when=1+2" "$RECEIVING:error=EAGAIN:when=1+2" \
		"$RECEIVING:error=ECONNREFUSED:when=1+2"
}

@test "receiving: writes that are interrupted lose nothing" {
	need_injection
	# The first two tell where we listen, all datagrams may leave in the third.
	assert_received 'write,writev:error=EINTR:when=3+2'
}

# The FIFO `pipe`, which is full from the start, as stdout.
start_blocked() {
	mkfifo pipe
	exec 8<>pipe
	dd if=/dev/zero of=pipe bs=64K count=1 status=none
	start recv sh -c 'exec "$@" >pipe 8>&-' - "$SKT" udp-recv --ready-file recv.ready "$@" 127.0.0.1 0
	wait_ready recv
}

# From now on somebody reads, what the FIFO was filled with aside.
start_reading() {
	exec 8<pipe # the writing end is skt's alone
	start reader sh -c 'dd of=/dev/null bs=64K count=1 iflag=fullblock status=none; exec cat' <&8 8<&-
	exec 8<&-
}

@test "a slow stdout never merges, cuts or loses a datagram" {
	seq -f "%03.0f$(printf '%500s' x)" 60 >expected
	start_blocked --frame line --count 60
	try skt udp-send --chomp "$ADDRESS" "$PORT" <expected
	assert_status 0
	running recv
	start_reading
	wait_end recv
	assert_status 0
	wait_end reader
	assert_same expected "$OUT"
}

# kernel_says COLUMN: of the line that it has for skt's port; 0: the last
kernel_says() {
	awk -v at=":$(printf %04X "$PORT")" -v column="$1" '$2 ~ at "$" { print $(column ? column : NF) }' /proc/net/udp
}

nothing_waits() {
	[ "$(kernel_says 5)" = 00000000:00000000 ]
}

# what_came SENT: all that was sent is either written or dropped
what_came() {
	[ "$(($(wc -l <reader.out) + $(kernel_says 0)))" -eq "$1" ]
}

# numbered FIRST LAST: datagrams by a sender that the kernel takes one by one, so that they fill its buffers
numbered() {
	udp_sender "
for i in range($1, $2 + 1):
    s.send(b'%04d' % i + b' ' * 499 + b'x')" "$ADDRESS" "$PORT"
}

# assert_accounted SENT: each line that came is whole and later than the one before; those that are missing were told
assert_accounted() {
	local came told
	awk 'length != 504 || $1 <= last { print "bad line " NR; bad = 1 } { last = $1 } END { exit bad }' reader.out ||
		complain 'lines were cut, merged or repeated' || return 1
	came=$(wc -l <reader.out)
	told=$(sed -nE 's/.*[^0-9]([0-9]+)( or more)? dropped.*/\1/p' recv.err)
	[ "$((came + ${told:-0}))" -eq "$1" ] || complain "$came came, ${told:-0} were told as lost, of $1" recv.err
}

@test "loss before a datagram that came is told exactly (SO_RXQ_OVFL)" {
	need python3
	start_blocked --frame line --recv-buffer 16K
	numbered 1 600
	start_reading
	wait_for grep -q ^0001 reader.out
	wait_for nothing_waits
	numbered 601 601
	wait_for what_came 601
	grep -q ^0601 reader.out
	stop recv
	wait_end recv
	assert_status 143
	assert_error dropped
	wait_end reader
	assert_accounted 601
}

@test "loss after the last datagram that came is told exactly, too" {
	need python3
	start_blocked --frame line --recv-buffer 16K
	numbered 1 600
	start_reading
	wait_for what_came 600
	stop recv
	wait_end recv
	assert_status 143
	assert_error dropped
	wait_end reader
	assert_accounted 600
}

@test "a limit that comes while stdout is slow: what was accepted is delivered, or the status says that it was not" {
	local limit
	for limit in idle-timeout deadline; do
		rm -f pipe recv.ready
		start_blocked --frame line "--$limit" 0.3 --count 3
		seq -f "%03.0f$(printf '%500s' x)" 3 | try skt udp-send --chomp "$ADDRESS" "$PORT"
		poll_until 1 gone "${PIDS[recv]}" || true
		start_reading
		wait_end recv
		local ended=$status said
		said=$(wc -l <recv.err)
		wait_end reader
		if [ "$ended" -eq 0 ]; then
			[ "$(wc -l <reader.out)" -eq 3 ] || complain "--$limit: status 0, and $(wc -l <reader.out) of 3 came"
		else
			[ "$said" -gt 1 ] || complain "--$limit: status $ended without a word"
		fi
	done
}

@test "a signal while stdout is slow: what was accepted and not written is told" {
	start_blocked --frame line
	seq -f "%03.0f$(printf '%500s' x)" 1 | try skt udp-send --chomp "$ADDRESS" "$PORT"
	wait_for nothing_waits
	stop recv
	wait_end recv
	assert_status 143
	assert_error '\<504 bytes\>.*not (written|delivered)'
	exec 8>&-
}

@test "sending: where the kernel does not segment after all, datagrams leave one by one, none lost or repeated" {
	local spec
	need_injection
	head -c 400000 /dev/urandom >sent
	for spec in EINVAL:when=1 EIO:when=1 EMSGSIZE:when=1 EINVAL:when=2; do
		start_skt -n receiver udp-recv --recv-buffer 4M --count 400 --idle-timeout 20s 127.0.0.1 0
		try faulty "$SENDING:error=$spec" udp-send --frame size=1000 "$ADDRESS" "$PORT" <sent
		assert_status 0 || complain "$spec" || return 1
		injected || complain "nothing was injected: $spec" || return 1
		wait_end receiver
		assert_status 0 || complain "$spec" || return 1
		assert_same sent "$OUT" || complain "$spec" || return 1
	done
}
