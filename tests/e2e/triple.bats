#!/usr/bin/env bats
# --family, --type, --protocol: what goes together, what cannot, and what this kernel lacks.

load helper

assert_conflict() {
	assert_status 2 || return 1
	assert_one_error "^skt: [a-z-]+: .*'$1'.*; try 'skt [a-z-]+ --help'$"
}

# Whether this kernel has sockets of family, type, protocol.
kernel_has() {
	need python3
	python3 -c "import socket; socket.socket($1, $2, $3)" 2>/dev/null
}

@test "triple: tcp by every name it has" {
	start_peer peer tcp4 send hello close again
	local words
	for words in '' '--type stream' '--protocol tcp' '--protocol 6' '--protocol 0' '--family inet' '--family any' -4 \
		'--family inet --type stream --protocol tcp' '--family=inet --type=stream --protocol=0'; do
		# shellcheck disable=SC2086
		try skt connect --trace $words 127.0.0.1 "$PORT"
		assert_status 0
		assert_output hello
		case $words in
		*0) assert_error '^skt: connect: socket\(AF_INET, SOCK_STREAM, 0\) = 3$' ;;
		*) assert_error '^skt: connect: socket\(AF_INET, SOCK_STREAM, IPPROTO_TCP\) = 3$' ;;
		esac
	done
}

@test "triple: the family that is asked for is the one that is used" {
	need_ipv6
	start_peer peer tcp6 send hello close again
	local words
	for words in -6 '--family inet6' '--family any' '-4 --family any' '-4 -6'; do
		# shellcheck disable=SC2086
		try skt connect -v --trace $words ::1 "$PORT"
		assert_status 0
		assert_error '^skt: connect: socket\(AF_INET6, SOCK_STREAM, IPPROTO_TCP\) = 3$'
		assert_error 'connected to .* \(inet6 stream tcp\)$'
	done
}

@test "triple: MPTCP, which a plain TCP server does not notice" {
	kernel_has 2 1 262 ||
		skip 'this kernel has no MPTCP'
	start_peer peer tcp4 send hello close
	try skt connect --trace --protocol mptcp 127.0.0.1 "$PORT"
	assert_status 0
	assert_output hello
	assert_error '^skt: connect: socket\(AF_INET, SOCK_STREAM, IPPROTO_MPTCP\) = 3$'
	start_skt listen --trace --protocol mptcp 127.0.0.1 0 <<<both
	try skt connect --protocol 262 127.0.0.1 "$PORT"
	assert_status 0
	assert_output both
	wait_end skt
	assert_status 0
	assert_error 'IPPROTO_MPTCP'
}

@test "triple: MPTCP that fell back to TCP says so under -v, in both roles" {
	kernel_has 2 1 262 || skip 'this kernel has no MPTCP'
	local server client
	for server in tcp mptcp; do
		for client in tcp mptcp; do
			start_skt -n server listen -v --protocol "$server" 127.0.0.1 0
			try skt connect -v --protocol "$client" 127.0.0.1 "$PORT"
			assert_status 0
			case $server-$client in
			tcp-mptcp) assert_error 'connected to .* \(inet stream mptcp, fell back to TCP\)$' ;;
			*) assert_error "connected to .* \\(inet stream $client\\)$" ;;
			esac
			wait_end server
			assert_status 0
			case $server-$client in
			mptcp-tcp) assert_error 'accepted .* \(inet stream mptcp, fell back to TCP\)$' ;;
			*) assert_error "accepted .* \\(inet stream $server\\)$" ;;
			esac
		done
	done
	start_peer peer tcp4 close
	try skt connect -v --json --protocol mptcp 127.0.0.1 "$PORT"
	assert_error '"event":"connected".*"fallback":"tcp"'
}

@test "triple: MPTCP that is refused is refused, not broken" {
	kernel_has 2 1 262 || skip 'this kernel has no MPTCP'
	refused_port
	try skt connect --protocol mptcp 127.0.0.1 "$PORT"
	assert_status 4
	assert_one_error "^skt: connect: connect to 127.0.0.1:$PORT: Connection refused$"
}

@test "triple: MPTCP that is turned off says how" {
	need strace
	strace -o /dev/null true 2>/dev/null || skip 'strace does not work here'
	try env ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" timeout 10 strace -f -o trace \
		-e trace=socket -e inject=socket:error=ENOPROTOOPT "$SKT" connect --protocol mptcp 127.0.0.1 9
	assert_status 1
	assert_one_error "no sockets of 'inet stream mptcp' \(sysctl net.mptcp.enabled is 0\): Protocol not available$"
}

@test "triple: impossible combinations are usage errors that name the conflict" {
	local row
	while IFS='|' read -r words named; do
		for row in connect listen; do
			# shellcheck disable=SC2086
			try skt "$row" $words 127.0.0.1 9
			assert_conflict "$named"
		done
	done <<-'E'
		--type stream --protocol udp|[a-z0-9]+ stream udp
		--type dgram --protocol tcp|[a-z0-9]+ dgram tcp
		--type seqpacket --protocol tcp|[a-z0-9]+ seqpacket tcp
		--type dgram --protocol mptcp|[a-z0-9]+ dgram mptcp
		--type seqpacket --protocol mptcp|[a-z0-9]+ seqpacket mptcp
		--type dgram --protocol sctp|[a-z0-9]+ dgram sctp
		--type stream --protocol udplite|[a-z0-9]+ stream udplite
		--type stream --protocol 17|[a-z0-9]+ stream udp
		--family inet6 --type dgram --protocol 6|inet6 dgram tcp
		--family vsock --protocol tcp|vsock [a-z]+ tcp
		--family vsock --type dgram --protocol udp|vsock dgram udp
	E
	try skt unix --type stream --protocol tcp ./sock
	assert_status 2
}

@test "triple: words that are none" {
	local option
	for option in family type protocol; do
		for word in bogus '' -1 TCP; do
			try skt connect "--$option" "$word" 127.0.0.1 9
			assert_status 2
			assert_one_error "--$option: '$word' is .*; try 'skt connect --help'"
		done
	done
	for word in 65536 99999999999 0x 6x; do
		try skt connect --protocol "$word" 127.0.0.1 9
		assert_status 2
		assert_one_error "--protocol: '$word' is not"
	done
}

@test "triple: what this kernel lacks is status 1 and says so" {
	local words
	while IFS='|' read -r words call; do
		# shellcheck disable=SC2086
		! kernel_has $call || continue
		# shellcheck disable=SC2086
		try skt connect $words 127.0.0.1 9
		assert_status 1
		assert_one_error "^skt: connect: this kernel has no sockets of '"
		# shellcheck disable=SC2086
		try skt connect --json $words 127.0.0.1 9
		assert_status 1
		assert_error '"class":"unexpected","errno":"E[A-Z]+"'
	done <<-'E'
		--protocol sctp|2 1 132
		--protocol 253 --type stream|2 1 253
		--protocol 300 --type stream|2 1 300
	E
}

@test "triple: -6 where the kernel has no IPv6 says so" {
	need strace
	strace -o /dev/null true 2>/dev/null || skip 'strace does not work here'
	try env ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" timeout 10 strace -f -o trace \
		-e trace=socket -e inject=socket:error=EAFNOSUPPORT "$SKT" connect -6 ::1 9
	assert_status 1
	assert_one_error "^skt: connect: this kernel has no sockets of 'inet6 stream tcp': Address family not supported"
}

@test "triple: unix sockets are not connect's" {
	try skt connect --family unix ./sock 9
	assert_status 2
	assert_one_error "skt unix PATH"
	try skt listen --family unix ./sock
	assert_status 2
	assert_one_error "skt unix PATH"
}

@test "triple: one given part lets the others follow" {
	try skt connect --trace --protocol udp --count 0 127.0.0.1 9
	if [ "$status" -eq 2 ]; then
		try skt connect --trace --protocol udp --deadline 100ms 127.0.0.1 9
	fi
	assert_error '^skt: connect: socket\(AF_INET, SOCK_DGRAM, IPPROTO_UDP\) = 3$'
	try skt connect --trace --type dgram --deadline 100ms 127.0.0.1 9
	assert_error '^skt: connect: socket\(AF_INET, SOCK_DGRAM, (IPPROTO_UDP|0)\) = 3$'
	[ "$status" -ne 139 ]
}

@test "triple: vsock takes a CID and a port of 32 bits" {
	try skt connect --family vsock --type stream --protocol 0 1 4294967296
	assert_status 2
	assert_one_error "'4294967296'"
	try skt connect --family vsock --protocol 0 --connect-timeout 200ms 4294967296 9
	assert_status 2
	assert_one_error "'4294967296'"
	try skt connect --family vsock --protocol 0 localhost 9
	assert_status 2
	assert_one_error "'localhost' is not a vsock CID: .*; try 'skt connect --help'"
	try skt http-get --trace --family vsock http://localhost/
	assert_status 2
	assert_one_error "'localhost' is not a vsock CID: .*; try 'skt http-get --help'"
	for words in 'any 9' 'host:0' '2 x' '2' '-s x 2 9' '-p 4294967296 2 9'; do
		# shellcheck disable=SC2086
		try skt connect --family vsock $words
		assert_status 2
		assert_one_error "try 'skt connect --help'"
	done
	need python3
	python3 -c 'import socket; socket.socket(socket.AF_VSOCK)' 2>/dev/null || skip 'this kernel has no vsock'
	try skt connect --trace --family vsock --connect-timeout 200ms 1 4294967294
	assert_error '^skt: connect: socket\(AF_VSOCK, SOCK_STREAM, 0\) = 3$'
	[ "$status" -ne 2 ] || complain_about_run 'a port of 32 bits is legal'
}

@test "triple: a vsock server has a port of 32 bits, which it tells" {
	need python3
	python3 -c 'import socket; socket.socket(socket.AF_VSOCK)' 2>/dev/null || skip 'this kernel has no vsock'
	try skt listen --family vsock --accept-timeout 10ms 0
	assert_status 6
	assert_error '^skt: listen: listening on 4294967295:[1-9][0-9]* \(vsock stream 0\)$'
	try skt listen --family vsock --accept-timeout 10ms -v any 4000000001
	assert_status 6
	assert_error '^skt: listen: listening on 4294967295:4000000001 \(vsock stream 0\)$'
}

@test "triple: vsock through the loopback, both ways" {
	need python3
	python3 -c 'import socket; socket.socket(socket.AF_VSOCK).bind((1, 4000000002))' 2>/dev/null ||
		skip 'this kernel has no vsock loopback'
	start_skt listen --family vsock local 0 <<<hello
	try skt connect --family vsock local "$PORT"
	assert_status 0
	assert_output hello
	wait_end skt
	try skt connect --family vsock local "$PORT"
	assert_status 4
}

@test "triple: a loopback of vsock that is not there is 1, at once, whoever else could be asked" {
	need python3
	python3 -c 'import socket; socket.socket(socket.AF_VSOCK)' 2>/dev/null || skip 'this kernel has no vsock'
	! python3 -c 'import socket; socket.socket(socket.AF_VSOCK).bind((1, 4000000002))' 2>/dev/null ||
		skip 'this kernel has a vsock loopback'
	try skt connect --family vsock 1 5 <<<x
	assert_status 1
	assert_one_error '^skt: connect: connect to 1:5: this kernel has no vsock transport for that: vsock_loopback is not loaded$'
	try skt connect --family vsock --json local 5
	assert_status 1
	assert_error '"class":"unexpected","errno":"EADDRNOTAVAIL"'
}

@test "triple: udplite has all that UDP has, both ways" {
	kernel_has 2 2 136 || skip 'this kernel has no UDP-Lite'
	start_skt -n recv udp-recv --protocol udplite --frame line --count 3 127.0.0.1 0
	printf 'a\n\nc' | try skt udp-send --protocol udplite --chomp 127.0.0.1 "$PORT"
	assert_status 0
	wait_end recv
	assert_status 0
	assert_bytes 'a\n\nc\n'
	start_skt -n server listen --protocol udplite --linger 1s 127.0.0.1 0 <<<answer
	try skt connect --protocol udplite --max-bytes 7 127.0.0.1 "$PORT" <<<question
	assert_status 0
	assert_output answer
	try skt connect --protocol udplite --linger 200ms 127.0.0.1 1 <<<x
	assert_status 4
}

@test "triple: seqpacket is SCTP's and vsock's here; what the kernel lacks of it is 1" {
	need python3
	local command
	! python3 -c 'import socket; socket.socket(2, 5, 132)' 2>/dev/null || skip 'this kernel has SCTP'
	for command in connect listen; do
		try skt "$command" --type seqpacket 127.0.0.1 9
		assert_status 1
		assert_one_error "^skt: $command: this kernel has no sockets of 'inet seqpacket sctp': "
	done
}
