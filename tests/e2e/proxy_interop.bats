#!/usr/bin/env bats
# connect and http-get through proxies that are not ours: microsocks, tinyproxy, ncat, dante.

load helper
load http

# use PROXY: starts one; its URLs are in $URLS. A target is there before: $TARGET, which says hello and echoes.
use() {
	target
	URLS=()
	"use_$1"
}

# What the target has to say it says at once; the proxies here may drop what comes after our end. Some take localhost
# for ::1 and try no other address.
target() {
	start_skt -n target listen -k --allow 127.0.0.1 --allow ::1 --exec 'echo hello; head -n 1' 0
	TARGET=$PORT
	web python
	PAGE_URL=$URL
}

use_microsocks() {
	need microsocks python3
	on_free_port microsocks microsocks -i 127.0.0.1 -p %PORT
	URLS=("socks5://127.0.0.1:$PORT")
	on_free_port signed microsocks -i 127.0.0.1 -p %PORT -u me -P 'p:w'
	URLS+=("socks5://me:p%3Aw@127.0.0.1:$PORT")
	SIGNED=$PORT
}

use_tinyproxy() {
	need tinyproxy python3
	# shellcheck disable=SC2016 # for the inner shell
	on_free_port tinyproxy sh -c 'printf "%s\n" "Port $1" "Listen 127.0.0.1" "Timeout 60" "MaxClients 20" "LogLevel Error" \
		"BasicAuth me pw" >"tiny-$1.conf" && exec tinyproxy -d -c "tiny-$1.conf"' sh %PORT
	URLS=("http://me:pw@127.0.0.1:$PORT")
	SIGNED=$PORT
}

use_ncat() {
	need ncat python3
	on_free_port ncat ncat -l --proxy-type http --proxy-auth me:pw 127.0.0.1 %PORT
	URLS=("http://me:pw@127.0.0.1:$PORT")
	SIGNED=$PORT
}

use_dante() {
	need danted python3
	# shellcheck disable=SC2016 # for the inner shell
	on_free_port dante sh -c 'printf "%s\n" "internal: 127.0.0.1 port = $1" "external: lo" "clientmethod: none" \
		"socksmethod: none" "client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }" "socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }" \
		>"dante-$1.conf" && exec danted -f "dante-$1.conf" -p "dante-$1.pid"' sh %PORT
	URLS=("socks5://127.0.0.1:$PORT" "socks4://127.0.0.1:$PORT" "socks4a://127.0.0.1:$PORT")
}

# Both commands, by each URL, to a name and to an address (or to the HOST... given).
talk() {
	local url host
	[ $# -gt 0 ] || set -- localhost 127.0.0.1
	for url in "${URLS[@]}"; do
		for host; do
			try skt connect --no-half-close --connect-timeout 20s --proxy "$url" "$host" "$TARGET" <<<there
			assert_status 0
			assert_output $'hello\nthere'
		done
		try skt http-get --proxy "$url" "${PAGE_URL}data.bin"
		assert_status 0
		assert_same www/data.bin "$OUT"
	done
}

@test "proxy interop: microsocks" {
	use microsocks
	talk
	try skt connect --proxy "socks5://127.0.0.1:$SIGNED" 127.0.0.1 "$TARGET"
	assert_status 10
	assert_one_error 'the proxy wants credentials'
	try skt connect --proxy "socks5://me:no@127.0.0.1:$SIGNED" 127.0.0.1 "$TARGET"
	assert_status 10
	assert_one_error 'password are wrong'
	refused_port
	try skt connect --proxy "${URLS[0]}" 127.0.0.1 "$PORT"
	assert_status 4
	assert_one_error 'the proxy says: connection refused'
}

@test "proxy interop: tinyproxy" {
	use tinyproxy
	talk
	try skt connect --proxy "http://127.0.0.1:$SIGNED" 127.0.0.1 "$TARGET"
	assert_status 10
	assert_one_error 'the proxy refuses: 407'
	refused_port
	try skt connect --proxy "${URLS[0]}" 127.0.0.1 "$PORT"
	assert_status 10
	assert_one_error 'the proxy refuses: 5'
}

@test "proxy interop: ncat" {
	use ncat
	talk
	try skt connect --proxy "http://me:no@127.0.0.1:$SIGNED" 127.0.0.1 "$TARGET"
	assert_status 10
	assert_one_error 'does not take these credentials'
}

@test "proxy interop: dante" {
	use dante
	talk 127.0.0.1 # it takes localhost for ::1, and tries no other address
	refused_port
	try skt connect --proxy "${URLS[0]}" 127.0.0.1 "$PORT"
	assert_status 4
	try skt connect --proxy "${URLS[1]}" 127.0.0.1 "$PORT"
	assert_status 10
	assert_one_error 'SOCKS4 reply 91'
}
