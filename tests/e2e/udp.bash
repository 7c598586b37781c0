# udp: what the udp_*.bats files share (`load udp` behind `load helper`).
#
#   catch N [FAMILY]         a peer that takes N datagrams, and one more: the mark of assert_caught; $ADDRESS $PORT
#   assert_caught LINE...    exactly these came, each "SIZE TEXT" with \n \r \\ \xNN; then $status and so on are the peer's
#   fifo_open NAME           makes the FIFO NAME and holds it open for writing as 9 (start ... <NAME 9>&-)
#   faulty SPEC COMMAND...   skt under strace, which makes system calls fail: faulty sendto,sendmmsg:error=EINTR udp-send ...
#   udp_sender PROGRAM       python3 with a socket `s` connected to argv[1] argv[2]
#   bound PORT               whether anybody holds this UDP port (in the namespace of need_netns, if there is one)

catch() {
	local steps=() i
	for ((i = 0; i <= $1; i++)); do
		steps+=(recv-datagram)
	done
	start_peer catch "${2:-udp4}" "${steps[@]}"
}

# Loopback keeps the order: what comes before the mark was sent before it.
assert_caught() {
	printf MARK >"/dev/udp/$ADDRESS/$PORT" || return 1
	wait_end catch || complain "fewer came than the $# expected" "$BATS_TEST_TMPDIR/catch.out" || return 1
	assert_output "$(printf '%s\n' "$@" '4 MARK')"
}

fifo_open() {
	mkfifo "$1" || return 1
	exec 9<>"$1"
}

# All calls that send, and all that receive: which of them skt takes is its own affair.
SENDING=sendto,sendmsg,sendmmsg
RECEIVING=recvfrom,recvmsg,recvmmsg

faulty() {
	local spec=$1
	shift
	ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" timeout -k 5 "$LIMIT" strace -f -o "$BATS_TEST_TMPDIR/strace" \
		-e trace="${spec%%:*}" -e inject="$spec" "$SKT" "$@" 3>&-
}

need_injection() {
	need strace
	strace -o /dev/null -e trace=getppid -e inject=getppid:error=EINTR true 2>/dev/null ||
		skip 'strace cannot inject faults here'
}

injected() {
	grep -q INJECTED "$BATS_TEST_TMPDIR/strace"
}

udp_sender() {
	local program=$1
	shift
	python3 -c "
import socket, sys, time
s = socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
s.connect((sys.argv[1], int(sys.argv[2])))
$program" "$@"
}

bound() {
	local hex near=()
	printf -v hex '%04X' "$1"
	[ -z "${NETNS:-}" ] || near=(inside)
	"${near[@]}" grep -qE "^ *[0-9]+: [0-9A-F]+:$hex " /proc/net/udp /proc/net/udp6
}
