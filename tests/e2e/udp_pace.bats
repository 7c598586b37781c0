# udp-send --repeat, --pps, --interval, --rate: how often and how fast.
load helper
load udp

@test "--repeat N: so many passes over all of it, from a pipe, a file, a file that was begun" {
	catch 16
	printf 'a\nb\n' | try skt udp-send --repeat 3 "$ADDRESS" "$PORT"
	assert_status 0
	assert_silent
	printf 'one\ntwo\nlast' >file
	try skt udp-send --repeat 2 "$ADDRESS" "$PORT" <file
	assert_status 0
	{ read -r && try skt udp-send --repeat=2 "$ADDRESS" "$PORT"; } <file # bash leaves it behind the line
	assert_status 0
	assert_caught '2 a\n' '2 b\n' '2 a\n' '2 b\n' '2 a\n' '2 b\n' '4 one\n' '4 two\n' '4 last' '4 one\n' '4 two\n' \
		'4 last' '4 two\n' '4 last' '4 two\n' '4 last'
}

@test "--repeat: pieces of --frame size=N and empty lines do not run into the next pass; --count counts over all" {
	catch 8
	printf 'abcde' | try skt udp-send --frame size=2 --repeat 2 "$ADDRESS" "$PORT"
	assert_status 0
	printf '\n' | try skt udp-send --chomp --repeat 100 --count 2 "$ADDRESS" "$PORT"
	assert_status 0
	assert_caught '2 ab' '2 cd' '1 e' '2 ab' '2 cd' '1 e' '0 ' '0 '
}

@test "--repeat: nothing stays nothing, and a terminal's or FIFO's input is read once" {
	catch 4
	try skt udp-send --repeat 1000000000000 "$ADDRESS" "$PORT" </dev/null
	assert_status 0
	fifo_open in
	start send "$SKT" udp-send --repeat 2 "$ADDRESS" "$PORT" <in 9>&-
	echo first >&9
	wait_for has_said catch '6 first\n'
	echo second >&9
	wait_for has_said catch '7 second\n'
	exec 9>&-
	wait_end send
	assert_status 0
	assert_caught '6 first\n' '7 second\n' '6 first\n' '7 second\n'
}

# 65 MiB, the most that is kept being 64
long() {
	head -c 68157440 /dev/zero
}

@test "--repeat: a file that is too long to be kept is read again; what is no file is refused with 9" {
	long >file
	start_peer catch udp4 recv-datagrams 3000
	try skt udp-send --repeat 2 --stats --frame size=65000 "$ADDRESS" "$PORT" <file
	assert_status 0
	assert_error "sent $((2 * 68157440)) bytes, .* $((2 * 1049)) datagrams sent"
	long | try skt udp-send --repeat 2 --frame size=65000 "$ADDRESS" "$PORT"
	assert_status 9
	assert_one_error '^skt: udp-send: standard input is longer than 64 MiB'
	long | try skt udp-send --frame size=65000 "$ADDRESS" "$PORT"
	assert_status 0
}

# Milliseconds that COMMAND took are in $took.
timed() {
	local begin=${EPOCHREALTIME/[.,]/}
	"$@"
	took=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
}

# took_about LEAST: never less; how much more is the machine's affair, but not as much as another pause
took_about() {
	((took >= $1 && took < $1 + 2000)) || complain "took $took ms, expected about $1"
}

@test "--interval: a pause between two datagrams, none behind the last" {
	catch 4
	printf '1\n2\n' | timed try skt udp-send --interval 0.4 --repeat 2 "$ADDRESS" "$PORT"
	assert_status 0
	took_about 1200
	assert_caught '2 1\n' '2 2\n' '2 1\n' '2 2\n'
	start_peer one udp4 recv-datagram
	timed try skt udp-send --interval 1h "$ADDRESS" "$PORT" <<<x
	assert_status 0
	took_about 0
}

@test "--pps and --rate hold their speed, whatever the frame" {
	start_peer catch udp4 recv-datagrams 5000
	echo x | timed try skt udp-send --repeat 1001 --pps 500 "$ADDRESS" "$PORT"
	assert_status 0
	took_about 1980
	head -c 10000 /dev/zero | timed try skt udp-send --frame size=1000 --rate 5000 "$ADDRESS" "$PORT"
	assert_status 0
	took_about 1780
	head -c 60000 /dev/zero | timed try skt udp-send --frame size=1400 --repeat 5 --pps 20000 --rate 1M "$ADDRESS" "$PORT"
	assert_status 0
	took_about 0
}

@test "datagrams come evenly: no two at once" {
	need python3
	start receiver python3 -c '
import os, socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
open("new", "w").write("127.0.0.1 %d" % s.getsockname()[1])
os.rename("new", "receiver.ready")
times = []
for i in range(11):
    s.recv(9)
    times.append(time.monotonic())
gaps = [(b - a) * 1000 for a, b in zip(times, times[1:])]
print("even" if sorted(gaps)[5] > 30 and min(gaps) >= 0 else gaps)'
	wait_ready receiver
	echo x | try skt udp-send --repeat 11 --pps 20 "$ADDRESS" "$PORT"
	assert_status 0
	wait_end receiver
	assert_output even
}

@test "counts are exact with --repeat, --pps and segments together, and where the kernel takes these back" {
	head -c 14000 /dev/urandom >sent
	for i in {1..30}; do cat sent; done >expected
	start_skt -n receiver udp-recv --recv-buffer 4M --count 300 --deadline 20s 127.0.0.1 0
	try skt udp-send --frame size=1400 --repeat 30 --pps 2000 --stats "$ADDRESS" "$PORT" <sent
	assert_status 0
	assert_error ' 300 datagrams sent'
	wait_end receiver
	assert_status 0
	assert_same expected "$OUT"
	need_injection
	for spec in EINVAL:when=1 EIO:when=2 EMSGSIZE:when=1; do
		start_skt -n receiver udp-recv --recv-buffer 4M --count 300 --deadline 20s 127.0.0.1 0
		try faulty "$SENDING:error=$spec" udp-send --frame size=1400 --repeat 30 --pps 5000 "$ADDRESS" "$PORT" <sent
		assert_status 0
		injected || complain "nothing was injected: $spec" || return 1
		wait_end receiver
		assert_status 0
		assert_same expected "$OUT"
	done
}

@test "--idle-timeout does not count while the pace holds back, and does when standard input is silent" {
	catch 3
	printf '1\n2\n3\n' | try skt udp-send --interval 0.6 --idle-timeout 0.3 "$ADDRESS" "$PORT"
	assert_status 0
	fifo_open in
	echo x >&9
	try skt udp-send --pps 100 --idle-timeout 0.3 "$ADDRESS" "$PORT" <in 9>&-
	exec 9>&-
	assert_status 6
	assert_one_error idle
}

@test "a signal and a deadline end a pause at once" {
	catch 2
	printf '1\n2\n' | timed try skt udp-send --interval 1h --deadline 0.3 "$ADDRESS" "$PORT"
	assert_status 6
	assert_one_error deadline
	took_about 300
	printf '1\n2\n' >lines
	start send "$SKT" udp-send --interval 1h "$ADDRESS" "$PORT" <lines
	wait_for eval '[ "$(grep -c "2 1" catch.out)" = 2 ]'
	stop send
	wait_end send
	assert_status 143
}

@test "usage errors" {
	local words
	for words in '--repeat 0' '--repeat x' '--pps 0' '--pps 1.5' '--pps -1' '--interval x' '--pps 3 --interval 1s' '--rate 0'; do
		# shellcheck disable=SC2086 # words
		try skt udp-send --trace $words 127.0.0.1 9
		assert_status 2 || complain "$words"
		assert_one_error "^skt: udp-send: .*; try 'skt udp-send --help'\$" || complain "$words"
	done
}
