#!/bin/sh
# demo: one small page, served and fetched in three ways. Every command is shown before its output. Run it by
# `make demo` (or cmake --build build --target demo).
set -eu
: "${SKT:?the skt to show}"
PATH=$(dirname "$SKT"):$PATH
dir=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server" 2>/dev/null || :; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
cd "$dir"

say() {
	printf '\n'
	printf '# %s\n' "$@"
}

# Shows a command line as it is typed, then runs it.
show() {
	printf '$ %s\n' "$1"
	eval "$1"
}

# A server of the page on a port that the kernel chooses: the ready file names it, so nothing here has to guess or sleep.
serve() {
	rm -f ready
	printf '$ skt listen --ready-file ready 127.0.0.1 0 < page > request &\n'
	skt listen --ready-file ready 127.0.0.1 0 <page >request 2>listen.log &
	server=$!
	tries=0
	while [ ! -e ready ]; do
		tries=$((tries + 1))
		if [ "$tries" -gt 200 ] || ! kill -0 "$server" 2>/dev/null; then
			cat listen.log >&2
			echo 'demo: the server did not start' >&2
			exit 1
		fi
		sleep 0.05
	done
	show 'cat ready'
	read -r _ port <ready
}

# The server has had its one client. served STATUS...: how it may have ended.
served() {
	status=0
	wait "$server" || status=$?
	server=
	case " $* " in
	*" $status "*) return ;;
	esac
	cat listen.log >&2
	echo "demo: the server ended with status $status" >&2
	exit 1
}

printf '<html>\n<head>\n\t<title>5062CEM - Networking Demo</title>\n</head>\n' >page
printf '<body>\nHello, welcome to 5062CEM!</body>\n' >>page

say 'A page, and a server for it. skt listen sends its input to whoever connects, and prints what it' \
	'hears. Port 0 lets the kernel choose a free port; the ready file says which, as soon as it is open.'
show 'cat page'
serve
say 'Fetched as a browser of 1991 did it (HTTP/0.9): one line out, one page back.'
show "skt http-get -0 http://127.0.0.1:$port/5062CEM.php"
served 0
say 'And this is what the server heard:'
show 'cat request'

say 'The same by hand. skt connect sends its input, says "that was all" (half-close), and prints what' \
	'comes until the server ends.'
serve
show "printf 'GET /5062CEM.php\\r\\n' | skt connect 127.0.0.1 $port"
served 0

say 'Only the first ten bytes, like recv(10) in the lecture.'
serve
show "printf 'GET /5062CEM.php\\r\\n' | skt connect --max-bytes 10 127.0.0.1 $port"
served 0 7 # 7: this client hangs up with bytes unread, which resets the connection

printf '\n\n# More: skt --help, skt connect --help, man skt\n'
