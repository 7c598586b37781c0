# Broadcast and multicast, in a network of the test's own.
load helper
load netns
load udp

# Two interfaces, each a network of its own that hears what it sends: one 10.96.1.1/24 and two 10.96.2.1/24.
need_networks() {
	need_netns
	local i=0 dev
	for dev in one two; do
		i=$((i + 1))
		inside ip link add name $dev type veth peer name far-$dev || skip 'no veth here'
		inside ip link set far-$dev up
		inside ip link set $dev addrgenmode none
		inside ip link set $dev up
		inside ip address add 10.96.$i.1/24 brd + dev $dev
		[ ! -e /proc/net/if_inet6 ] || inside ip address add fe80::$i/64 dev $dev nodad
	done
}

need_networks6() {
	need_networks
	inside test -e /proc/net/if_inet6 || skip 'no IPv6 here'
}

# Somebody has joined 239.1.1.1: a tool does so after it is bound.
joined() {
	inside grep -q 010101EF /proc/net/igmp
}

@test "--broadcast: sent to all of a network; without it the error asks for it" {
	need_networks
	start_skt -n all udp-recv --frame line --from --count 2 9000
	try skt udp-send --broadcast 10.96.1.255 9000 <<<hello
	assert_status 0
	assert_silent
	try skt udp-send --broadcast --interface one 255.255.255.255 9000 <<<everybody
	assert_status 0
	wait_end all
	assert_status 0
	[[ $output =~ ^10\.96\.1\.1\ [0-9]+\ hello$'\n'10\.96\.1\.1\ [0-9]+\ everybody$ ]] || complain "$output"
	try skt udp-send 10.96.1.255 9000 <<<hello
	assert_status 5
	assert_one_error '^skt: udp-send: .*10\.96\.1\.255.*--broadcast'
}

@test "--broadcast: replies of all who heard it are written" {
	need_networks
	need socat
	start tool "${NETNS[@]}" socat UDP4-RECVFROM:9000,fork EXEC:'echo here'
	wait_for bound 9000
	try skt udp-send --broadcast --wait 5s --replies 1 10.96.1.255 9000 <<<who
	assert_status 0
	assert_output here
}

@test "--join: a group is heard, by the interface that was named, and another is not" {
	need_networks
	start_skt -n one udp-recv --frame line --join 239.1.2.3%one --count 1 9000
	start_skt -n two udp-recv --frame line --join 239.1.2.3%two --count 1 9000
	start_skt -n other udp-recv --frame line --join 239.9.9.9%one --count 1 9000
	try skt udp-send --multicast-interface one 239.1.2.3 9000 <<<'by one'
	assert_status 0
	assert_silent
	wait_end one
	assert_status 0
	assert_output 'by one'
	try skt udp-send --multicast-interface two 239.1.2.3 9000 <<<'by two'
	try skt udp-send --multicast-interface one 239.9.9.9 9000 <<<'to the other'
	wait_end two
	assert_output 'by two'
	wait_end other
	assert_output 'to the other'
}

@test "--join twice hears two groups; several receivers share a group and a port" {
	need_networks
	for name in a b; do
		start_skt -n $name udp-recv --frame line --count 2 --join 239.1.1.1%one --join 239.1.1.2%one --join 239.1.1.1%one 9000
	done
	try skt udp-send --multicast-interface one 239.1.1.1 9000 <<<1
	try skt udp-send --multicast-interface one 239.1.1.2 9000 <<<2
	for name in a b; do
		wait_end $name
		assert_status 0
		assert_output $'1\n2'
	done
}

@test "--join on IPv6, the interface by %DEV or --multicast-interface" {
	need_networks6
	start_skt -n six udp-recv --frame line --join ff02::1234%one --count 3 9000
	try skt udp-send ff02::1234%one 9000 <<<1
	assert_status 0
	try skt udp-send --multicast-interface one ff02::1234 9000 <<<2
	assert_status 0
	try skt udp-send '[ff02::1234%one]:9000' <<<3
	assert_status 0
	wait_end six
	assert_status 0
	assert_output $'1\n2\n3'
	try skt udp-send ff02::1234 9000 <<<x
	assert_status 5
	assert_one_error '%DEV'
}

@test "--join: IPv4 and IPv6 groups by one socket; PORT 0, -4 and -6" {
	need_networks6
	start_skt -n both udp-recv --frame line --count 2 --join 239.1.1.1%one --join ff15::7%one 0
	try skt udp-send --multicast-interface one 239.1.1.1 "$PORT" <<<four
	try skt udp-send --multicast-interface one ff15::7 "$PORT" <<<six
	assert_status 0
	wait_end both
	assert_status 0
	assert_output $'four\nsix'
	start_skt -n four udp-recv -4 --count 1 --join 239.1.1.1%one 0
	try skt udp-send --multicast-interface one 239.1.1.1 "$PORT" <<<four
	wait_end four
	assert_output four
	start_skt -n six udp-recv -6 --count 1 --join ff15::7%one 0
	try skt udp-send --multicast-interface one ff15::7 "$PORT" <<<six
	wait_end six
	assert_output six
}

@test "HOST may be the group: then nothing else is heard" {
	need_networks
	start_skt -n group udp-recv --frame line --count 2 --join 239.1.1.1%one 239.1.1.1 9000
	[ "$ADDRESS" = 239.1.1.1 ]
	try skt udp-send --multicast-interface one 239.1.1.1 9000 <<<1
	try skt udp-send 10.96.1.1 9000 <<<'not for a group'
	assert_status 4
	try skt udp-send --multicast-interface one 239.1.1.1 9000 <<<2
	wait_end group
	assert_output $'1\n2'
}

@test "--join-source: only what that sender says" {
	need_networks
	inside ip address add 10.96.1.9/24 dev one
	start_skt -n source udp-recv --frame line --count 2 --join 232.1.1.1%one --join-source 10.96.1.9 9000
	for i in 1 2; do
		try skt udp-send --multicast-interface one --source 10.96.1.1 232.1.1.1 9000 <<<"wrong $i"
		assert_status 0
		try skt udp-send --multicast-interface one --source 10.96.1.9 232.1.1.1 9000 <<<"right $i"
		assert_status 0
	done
	wait_end source
	assert_status 0
	assert_output $'right 1\nright 2'
	inside test -e /proc/net/if_inet6 || skip 'no IPv6 here'
	inside ip address add fd96::1/64 dev one nodad
	inside ip address add fd96::9/64 dev one nodad
	start_skt -n six udp-recv --frame line --count 1 --join ff35::1%one --join-source fd96::9 9000
	try skt udp-send --multicast-interface one --source fd96::1 ff35::1 9000 <<<wrong
	try skt udp-send --multicast-interface one --source fd96::9 ff35::1 9000 <<<right
	assert_status 0
	wait_end six
	assert_output right
}

@test "--ttl and --no-loop of a group, in the words of --trace" {
	need_networks
	try skt udp-send --trace --ttl 7 --no-loop --multicast-interface one 239.1.1.1 9000 <<<x
	assert_status 0
	assert_error 'setsockopt\(3, IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS, 7\) = 0'
	assert_error 'setsockopt\(3, IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP, 0\) = 0'
	assert_error 'setsockopt\(3, IP_MULTICAST_IF, IPV6_MULTICAST_IF, [0-9]+\) = 0'
	try skt udp-send --trace --ttl 7 127.0.0.1 9 <<<x
	assert_error 'setsockopt\(3, IP_TTL, IPV6_UNICAST_HOPS, 7\) = 0'
	# Nothing comes back to this machine but what is sent without it.
	start_skt -n local udp-recv --frame line --count 1 --join 239.1.1.1%one 9000
	try skt udp-send --no-loop --multicast-interface one 239.1.1.1 9000 <<<unheard
	assert_status 0
	try skt udp-send --ttl 0 --multicast-interface one 239.1.1.1 9000 <<<heard
	assert_status 0
	wait_end local
	assert_output heard
	inside test -e /proc/net/if_inet6 || skip 'no IPv6 here'
	start_skt -n local6 udp-recv --frame line --count 1 --join ff15::7%one 9000
	try skt udp-send --no-loop ff15::7%one 9000 <<<unheard
	assert_status 0
	try skt udp-send --ttl 1 ff15::7%one 9000 <<<heard
	assert_status 0
	wait_end local6
	assert_output heard
}

@test "--wait hears the members of a group answer from their own addresses" {
	need_networks
	need socat
	start tool "${NETNS[@]}" socat UDP4-RECVFROM:9000,ip-add-membership=239.1.1.1:10.96.1.1,fork EXEC:'echo here'
	wait_for bound 9000
	wait_for joined
	try skt udp-send --wait 5s --replies 1 --multicast-interface one 239.1.1.1 9000 <<<who
	assert_status 0
	assert_output here
}

@test "with socat, in both roles" {
	need_networks
	need socat
	start_skt -n ours udp-recv --frame line --count 1 --join 239.1.1.1%one 9000
	inside socat -u - UDP4-DATAGRAM:239.1.1.1:9000,ip-multicast-if=10.96.1.1 <<<'from socat'
	wait_end ours
	assert_output 'from socat'
	start tool "${NETNS[@]}" socat -u UDP4-RECV:9000,ip-add-membership=239.1.1.1:10.96.1.1 STDOUT
	wait_for bound 9000
	wait_for joined
	try skt udp-send --multicast-interface one 239.1.1.1 9000 <<<'to socat'
	wait_for has_said tool 'to socat'
}

@test "no route says which interface: 5, and how to name one" {
	need_networks
	inside ip route flush table main
	try skt udp-recv --join 239.1.1.1 9000
	assert_status 5
	assert_one_error '239\.1\.1\.1.*GROUP%DEV'
	try skt udp-send 239.1.1.1 9000 <<<x
	assert_status 5
}

@test "what cannot be meant is a usage error, and no socket is opened" {
	local words
	for words in 'udp-recv --join 10.1.2.3 9' 'udp-recv --join ::1 9' 'udp-recv --join group.example 9' \
		'udp-recv --join 239.1.1.1%no-such-dev 9' 'udp-recv --join ff02::1%no-such-dev 9' 'udp-recv --join 239.1.1.300 9' \
		'udp-recv -4 --join ff02::1 9' 'udp-recv -6 --join 239.1.1.1 9' 'udp-recv --join-source 10.1.1.1 9' \
		'udp-recv --join 239.1.1.1 --join-source ::1 9' 'udp-recv --join ff02::1 --join-source 10.0.0.1 9' \
		'udp-recv --join 239.1.1.1 --join-source host.example 9' 'udp-recv --join 239.1.1.1 --join-source 239.1.1.2 9' \
		'udp-recv --join 239.1.1.1 127.0.0.1 9' 'udp-recv --join 239.1.1.1 239.1.1.2 9' 'udp-recv --join ff02::1 0.0.0.0 9' \
		'udp-send --multicast-interface no-such-dev 239.1.1.1 9' 'udp-send --multicast-interface lo 127.0.0.1 9' \
		'udp-send --no-loop ::1 9'; do
		# shellcheck disable=SC2086 # words
		try skt $words --trace
		assert_status 2 || complain "$words"
		assert_one_error "^skt: udp-[a-z]*: .*; try 'skt udp-[a-z]* --help'\$" || complain "$words"
	done
	# Of a name that is known later.
	try skt udp-send --no-loop localhost 9 <<<x
	assert_status 2
	assert_one_error 'no multicast group'
}
