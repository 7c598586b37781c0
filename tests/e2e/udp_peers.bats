# udp-send and udp-recv against nc, ncat, socat and Python, in both roles, in a network of the test's own: these tools
# cannot tell which port the kernel chose.
load helper
load netns
load udp

# start_tool PORT COMMAND...: a receiver at that port
start_tool() {
	local port=$1
	shift
	start tool "${NETNS[@]}" "$@" # not `inside`: it is the tool itself that is to be ended
	wait_for bound "$port"
}

@test "to socat: the text, on IPv4 and IPv6" {
	need socat
	need_netns
	start_tool 8001 socat -u UDP4-RECV:8001 STDOUT
	printf 'one\n\ntwo\nlast' | try skt udp-send 127.0.0.1 8001
	assert_status 0
	assert_silent
	wait_for has_said tool last
	stop tool
	wait_end tool
	assert_bytes 'one\n\ntwo\nlast'
	inside test -e /proc/net/if_inet6 || skip 'no IPv6 here'
	start_tool 8003 socat -u UDP6-RECV:8003 STDOUT
	printf 'six\n' | try skt udp-send ::1 8003
	assert_status 0
	wait_for has_said tool six
}

@test "to nc" {
	need nc.openbsd
	need_netns
	start_tool 8001 nc.openbsd -u -l 127.0.0.1 8001
	printf 'one\ntwo\nlast' | try skt udp-send --frame size=4 127.0.0.1 8001
	assert_status 0
	wait_for has_said tool last
	stop tool
	wait_end tool
	assert_bytes 'one\ntwo\nlast'
}

@test "to ncat" {
	need ncat
	need_netns
	start_tool 8001 ncat -u -l --recv-only 127.0.0.1 8001
	printf 'one\ntwo\nlast' | try skt udp-send 127.0.0.1 8001
	assert_status 0
	wait_for has_said tool last
	stop tool
	wait_end tool
	assert_bytes 'one\ntwo\nlast'
}

@test "to Python: every datagram by itself" {
	need python3
	need_netns
	start_tool 8001 python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 8001))
for i in range(5):
    data, (host, port) = s.recvfrom(65536)
    print(host, port == 8002, data)'
	printf 'one\n\n\0two\n' | try skt udp-send --chomp --source-port 8002 127.0.0.1 8001
	assert_status 0
	printf 'abc' | try skt udp-send --frame size=2 --source 127.0.0.9 --source-port 8002 127.0.0.1 8001
	assert_status 0
	wait_end tool
	assert_output "127.0.0.1 True b'one'
127.0.0.1 True b''
127.0.0.1 True b'\\x00two'
127.0.0.9 True b'ab'
127.0.0.9 True b'c'"
}

@test "from socat: its blocks are the datagrams" {
	need socat
	need_netns
	start_skt udp-recv --frame line --from --count 4 8001
	printf '1234567890' | inside socat -u -b 4 - UDP4-SENDTO:127.0.0.1:8001,sourceport=8002
	printf 'v6' | inside socat -u - 'UDP6-SENDTO:[::1]:8001,sourceport=8003'
	wait_end skt
	assert_status 0
	assert_output $'127.0.0.1 8002 1234\n127.0.0.1 8002 5678\n127.0.0.1 8002 90\n::1 8003 v6'
}

@test "from socat: a broadcast" {
	need socat
	need_netns
	start_skt udp-recv --frame line --from --count 1 8001
	printf hello | inside socat -u - UDP4-DATAGRAM:127.255.255.255:8001,broadcast
	wait_end skt
	assert_status 0
	[[ $output =~ ^127\.0\.0\.1\ [0-9]+\ hello$ ]]
}

@test "from nc and ncat, an empty datagram and a large one" {
	need nc.openbsd ncat socat
	need_netns
	start_skt udp-recv --frame line --count 4 127.0.0.1 8001
	printf 'nc\n' | inside nc.openbsd -u -N -w 1 127.0.0.1 8001
	printf 'ncat' | inside ncat -u --send-only 127.0.0.1 8001
	printf '' | inside socat -u -,shut-null UDP4-SENDTO:127.0.0.1:8001,shut-null
	head -c 65507 /dev/zero | tr '\0' x >large # from a pipe socat would read it in parts
	inside socat -u -b 65507 - UDP4-SENDTO:127.0.0.1:8001 <large
	wait_end skt
	assert_status 0
	[ "$(awk '{ print length }' "$OUT" | paste -sd' ')" = '2 4 0 65507' ]
}
