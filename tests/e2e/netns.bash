# netns: a network and an /etc/hosts of a test's own, for names with several addresses, black holes, a kernel without
# IPv6 and ports that nobody else takes (`load netns` behind `load helper`).
#
#   need_netns 'ADDRESS NAME'...   from here on skt and peer run in there (the lines are its /etc/hosts, no name server
#                                  answers); skips, with a reason, where namespaces are not permitted
#   inside COMMAND...              runs something else in there
#
# What lives there: 127.0.0.0/8, ::1, 10.97.0.1, fd97::1. Packets to 10.99.0.0/16 and fd99::/16 vanish; there is no way
# to 10.98.0.0/16 and fd98::/16.

need_netns() {
	local dir=$BATS_TEST_TMPDIR/netns user=() back=()
	need unshare nsenter ip
	mkdir "$dir"
	printf '%s\n' '127.0.0.1 localhost' "$@" >"$dir/hosts"
	echo 'nameserver 10.99.0.1' >"$dir/resolv.conf"
	echo 'hosts: files dns' >"$dir/nsswitch.conf"
	[ "$(id -u)" -eq 0 ] || user=(-r) back=(-U --preserve-credentials)
	start netns unshare "${user[@]}" -mn sh -ec '
		for file in hosts resolv.conf nsswitch.conf; do
			[ ! -e /etc/$file ] || mount --bind "$0/$file" /etc/$file
		done
		ip link set lo up
		ip address add 10.97.0.1/32 dev lo
		ip route add 10.99.0.0/16 dev lo
		ip route add unreachable 10.98.0.0/16
		if [ -e /proc/net/if_inet6 ]; then
			ip address add fd97::1/128 dev lo nodad
			ip route add fd99::/16 dev lo
			ip route add unreachable fd98::/16
		fi
		: >"$0/ready"
		exec sleep 600' "$dir"
	poll_until 10 test -e "$dir/ready" -o ! -d "/proc/${PIDS[netns]}" || complain 'no namespace in 10 s' || return 1
	[ -e "$dir/ready" ] || skip "no network namespace here: $(head -1 "$BATS_TEST_TMPDIR/netns.err")"
	NETNS=(nsenter "${back[@]}" -t "${PIDS[netns]}" -m -n sh -c 'cd "$0" && exec "$@"' "$BATS_TEST_TMPDIR")
	wrap "$dir/skt" "$SKT"
	wrap "$dir/peer" "$PEER"
	SKT=$dir/skt PEER=$dir/peer
}

# A script FILE that runs COMMAND in the namespace, so that the helper's functions need not know.
wrap() {
	printf '#!/bin/sh\nexec %s "$@"\n' "$(printf "'%s' " "${NETNS[@]}" "$2")" >"$1"
	chmod +x "$1"
}

inside() {
	"${NETNS[@]}" "$@"
}

# Milliseconds that COMMAND took are in $took: timed try skt ...
timed() {
	local begin=${EPOCHREALTIME/[.,]/}
	"$@"
	# shellcheck disable=SC2034 # for the tests
	took=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
}

# The addresses that --trace saw connected to, in order and in one line.
attempts() {
	sed -n 's/^.*: connect([0-9]*, \(.*\):[0-9]*) = .*/\1/p' "$ERR" | paste -sd' '
}
