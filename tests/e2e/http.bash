# http: what the http_*.bats files share, beside the helper (`load helper; load http`).
#
#   answer [--raw] STEP...   the peer as a web server for one request: reads it (--raw: one line), then does the steps
#   get OPTION...            fetches $URL
#   web NAME                 a real server for the folder ./www: python, nginx, apache, lighttpd, busybox or node; $URL
#                            ends in a slash
#   agrees PATH [OPTION...]  whether skt and curl get the same there
#
# URL is that of the server started last. The request as the peer saw it is in server.out.

bats_require_minimum_version 1.5.0

PAGE='HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
HALF='HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello'

answer() {
	local until='\r\n\r\n'
	if [ "$1" = --raw ]; then
		until='\r\n'
		shift
	fi
	ANSWERS=$((${ANSWERS:-0} + 1))
	start_peer "server$ANSWERS" tcp4 recv-until "$until" print "$@" || return 1
	URL=http://127.0.0.1:$PORT/page
}

get() {
	try skt http-get "$@" "$URL"
}

# One answer, one fetch: reply TEXT [OPTION...]
reply() {
	local text=$1
	shift
	answer send "$text" && get "$@"
}

# cases STATUS [OPTION...]: for each line of stdin, an answer in the peer's escapes, the status of the fetch; no stdout
cases() {
	local expected=$1 line failed=0
	shift
	while IFS= read -r line; do
		reply "$line" "$@" </dev/null
		assert_status "$expected" || failed=1
		assert_bytes '' || failed=1
		assert_one_error '^skt: http-get: ' || failed=1
		[ "$failed" -eq 0 ] || complain "the answer was $line" || return 1
	done
}

# holds FILE TEXT: exactly these bytes
holds() {
	printf '%b' "$2" | cmp - "$1"
}

# The files in the folder where a test keeps nothing but pages.
names() {
	ls -A files
}

# The page at PATH by skt and by curl, with the same options: agrees PATH [OPTION...]
agrees() {
	local path=$1
	shift
	curl -s --noproxy '*' -H 'Connection: close' "$@" "$URL$path" >curl.out || return 1
	try skt http-get "$@" "$URL$path"
	assert_status 0 && assert_silent || return 1
	# The second may have changed between the two.
	sed -i 's/^Date: .*GMT/Date: now/' curl.out "$OUT"
	assert_same curl.out "$OUT"
}

# lacks REGEX FILE: bats does not see a failing `! grep`
lacks() {
	! grep -aE -- "$1" "$2" || complain "$2 should hold no '$1'"
}

# A port that nobody had a moment ago, for servers that cannot tell which one the kernel gave them.
free_port() {
	PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
}

answers_at() {
	(exec 9<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

up_or_gone() {
	gone "${PIDS[$1]}" || answers_at "$PORT"
}

# on_free_port NAME COMMAND...: the command serves on $PORT ('%PORT' in its words); another port where it cannot
on_free_port() {
	local name=$1 try
	shift
	for try in 1 2 3 4 5; do
		free_port || return 1
		start "$name$try" "${@//%PORT/$PORT}" || return 1
		poll_until 10 up_or_gone "$name$try"
		! gone "${PIDS[$name$try]}" || continue
		URL=http://127.0.0.1:$PORT/
		return 0
	done
	complain "$name does not serve" "$BATS_TEST_TMPDIR/$name$try.err"
}

# The port that a server prints: printed_port NAME PATTERN-WITH-A-GROUP
printed_port() {
	wait_for grep -qE "$2" "$BATS_TEST_TMPDIR/$1.out" || return 1
	PORT=$(sed -nE "s/.*$2.*/\1/p" "$BATS_TEST_TMPDIR/$1.out" | head -1)
	URL=http://127.0.0.1:$PORT/
}

web_nginx() {
	need nginx python3
	mkdir -p temp
	cat >nginx.conf <<-'END'
		daemon off;
		master_process off;
		pid nginx.pid;
		error_log stderr;
		events { worker_connections 64; }
		http {
			access_log off;
			default_type application/octet-stream;
			client_body_temp_path temp/body;
			proxy_temp_path temp/proxy;
			fastcgi_temp_path temp/fastcgi;
			uwsgi_temp_path temp/uwsgi;
			scgi_temp_path temp/scgi;
			server {
				listen 127.0.0.1:%PORT;
				root www;
				location /slow/ { alias www/; limit_rate 64k; }
				location /chunked/ { alias www/; ssi on; ssi_types *; }
				location /nothing { return 204; }
				location /moved { return 301 /page.html; }
				location /teapot { return 418 "short and stout\n"; }
				location /broken { return 444; }
				location /echo { return 200 "$request|$http_host|$http_user_agent|$http_x_one|$arg_q\n"; }
			}
		}
	END
	# nginx reads no port from its command line: each try has a configuration of its own.
	# shellcheck disable=SC2016 # for the inner shell
	on_free_port nginx sh -c 'sed "s/%PO[R]T/$1/" nginx.conf >"nginx-$1.conf" &&
		exec nginx -e stderr -p "$PWD/" -c "nginx-$1.conf"' sh %PORT
}

web_python() {
	need python3
	rm -f python.out # of a server before: its port is not ours
	start python python3 -u -m http.server --bind "${1:-127.0.0.1}" --directory www "${@:2}" 0
	printed_port python ' port ([0-9]+) '
}

web_busybox() {
	need busybox python3
	busybox --list | grep -qx httpd || skip "this busybox has no httpd"
	on_free_port busybox busybox httpd -f -p 127.0.0.1:%PORT -h www
}

# A page whose length the server cannot know.
make_cgi() {
	# shellcheck disable=SC2016 # for its shell
	printf '#!/bin/sh\necho "Content-Type: text/plain"\necho\nexec cat data.bin\n' >www/chunked.cgi
	chmod 755 www/chunked.cgi
}

# Started as root it serves as somebody else, who must get at the pages.
web_apache() {
	need apache2 python3
	make_cgi
	local folder
	for folder in "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$PWD"; do chmod o+x "$folder"; done
	cat >apache.conf <<-'END'
		ServerName localhost
		PidFile pid
		ErrorLog /dev/stderr
		User nobody
		Group nogroup
		Mutex file:. default
		DocumentRoot www
		TypesConfig /dev/null
		Redirect 301 /moved /page.html
		Alias /slow www
		AddHandler cgi-script .cgi
		Options +ExecCGI
		<Location /slow>
			SetOutputFilter RATE_LIMIT
			SetEnv rate-limit 64
		</Location>
	END
	local modules=(mpm_prefork authz_core alias mime cgi ratelimit env) module loads=()
	for module in "${modules[@]}"; do loads+=(-C "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"); done
	on_free_port apache apache2 -X -d "$PWD" -f apache.conf "${loads[@]}" -C 'Listen 127.0.0.1:%PORT'
}

web_lighttpd() {
	need lighttpd python3
	make_cgi
	cat >lighttpd.conf <<-'END'
		server.modules = ("mod_redirect", "mod_cgi")
		server.document-root = var.CWD + "/www"
		server.bind = "127.0.0.1"
		server.stream-response-body = 1
		cgi.assign = (".cgi" => "/bin/sh")
		url.redirect = ("^/moved$" => "/page.html")
		$HTTP["url"] == "/slow.bin" { connection.kbytes-per-second = 64 }
	END
	# shellcheck disable=SC2016 # for the inner shell
	on_free_port lighttpd sh -c '{ cat lighttpd.conf; echo "server.port = $1"; } >"lighttpd-$1.conf" &&
		exec lighttpd -D -f "lighttpd-$1.conf"' sh %PORT
}

# /chunked: chunks and a trailer; /echo: the request; /reset: a part of the page, then RST; else 200 with a length.
web_node() {
	need node
	cat >server.js <<-'END'
		const fs = require('fs');
		const server = require('http').createServer((request, response) => {
			const page = fs.readFileSync('www/page.html');
			if (request.url === '/chunked') {
				response.writeHead(200, { Trailer: 'X-Sum' });
				for (let i = 0; i < page.length; i += 1000)
					response.write(page.subarray(i, i + 1000));
				response.addTrailers({ 'X-Sum': '1' });
				response.end();
			} else if (request.url === '/early') {
				response.writeEarlyHints({ link: '</style.css>; rel=preload' });
				response.writeProcessing();
				response.end(page);
			} else if (request.url === '/echo') {
				response.end(JSON.stringify([request.method, request.url, request.httpVersion, request.rawHeaders]));
			} else if (request.url === '/reset') {
				response.writeHead(200, { 'Content-Length': page.length });
				response.write(page.subarray(0, 100), () => request.socket.resetAndDestroy());
			} else {
				response.end(page);
			}
		});
		server.listen(0, '127.0.0.1', () => console.log('port ' + server.address().port));
	END
	start node node server.js
	printed_port node 'port ([0-9]+)'
}

web() {
	[ -d www ] || make_pages
	"web_$1" "${@:2}"
}

# A page of text, one of all bytes that is large enough for many segments, and an empty one.
make_pages() {
	mkdir -p www
	printf '<html>\n<body>\nHello, welcome to 5062CEM!</body>\n' >www/page.html
	head -c 3000017 /dev/urandom >www/data.bin
	: >www/empty.txt
	touch -d '2020-01-01' www/* # within a second after a change Apache gives a weak ETag, then a strong one
}
