# The examples of the man pages and of README.md, run as they are printed. All of them are, but those that say why not.
#
# What runs is each `.Bd -literal` of EXAMPLES, and each ```sh of README.md, under `bash -e`. Comments right before it
# (.\" WORD: TEXT in a man page, <!-- WORD: TEXT --> in README.md) say what belongs to it, in this order:
#
#   skip: REASON       it is not run
#   needs: TOOL...     it is skipped where these are missing
#   setup: COMMAND     before it
#   with: COMMAND      runs beside it, and has to end by itself, with 0
#   beside: COMMAND    runs beside it, and is ended after it
#   run: background    it waits for somebody: the `then` commands; it has to end by itself, with 0
#   run: server        as above, but it is ended when they are done
#   run: status N      it has to end with N, not with 0
#   then: COMMAND      the other side, after it began
#   wait: CONDITION    until this holds
#   check: CONDITION   at the end; its output is in the files out and err. Without one it has to write something.
#
# Ports, localhost, *.example and /var/run are replaced by what a test may use. The examples of a page share a folder.

load helper

PORTS_IN_USE='514 8080 8081 8125 9000 9001'

setup() {
	helper_setup
	GROUPS_BEGUN=()
	PATH=$(dirname "$SKT"):$PATH
	mkdir ex run
}

teardown() {
	local group
	for group in "${GROUPS_BEGUN[@]}"; do kill -TERM -- "-$group" 2>/dev/null || :; done
	for group in "${GROUPS_BEGUN[@]}"; do
		poll_until 3 gone "-$group" || kill -KILL -- "-$group" 2>/dev/null || :
	done
	helper_teardown
}

# Takes the examples out of a file: ex/NN.sh, and what belongs to it, ex/NN.how; LINE of it in ex/NN.line.
extract() {
	# shellcheck disable=SC2016 # the $ are awk's
	awk '
		function open_block() {
			name = sprintf("ex/%02d", ++n)
			printf "%s", how >(name ".how")
			print FNR >(name ".line")
			printf "" >(name ".sh")
			how = ""
			inside = 1
		}
		function close_block() {
			close(name ".how"); close(name ".line"); close(name ".sh")
			inside = 0
		}
		/^\.Sh / { examples = $2 == "EXAMPLES" }
		inside && (/^\.Ed/ || /^```$/) { close_block(); next }
		inside { gsub(/\\e/, "\\"); gsub(/\\&/, ""); print >(name ".sh"); next }
		/^\.\\" [a-z]+: / { how = how substr($0, 5) "\n"; next }
		/^<!-- [a-z]+: .* -->$/ { how = how substr($0, 6, length($0) - 9) "\n"; next }
		(examples && /^\.Bd -literal/) || /^```sh$/ { open_block(); next }
		{ how = "" }' "$1"
}

# What belongs to example $1 under the word $2.
how() {
	sed -n "s/^$2: //p" "ex/$1.how"
}

# Below the ports that the kernel gives to others, and free for both protocols.
free_port() {
	local port hex
	while :; do
		port=$((10240 + RANDOM % 20000))
		printf -v hex ':%04X' "$port"
		grep -qs "$hex " /proc/net/{tcp,udp}{,6} || break
	done
	echo "$port"
}

# Ports, hosts and paths that a test may use, in example $1 and what belongs to it.
substitute() {
	local port expressions=(-e 's/\b([a-z]+\.example|localhost)\b/127.0.0.1/g' -e 's|/var/run/||g')
	for port in $PORTS_IN_USE; do
		expressions+=(-e "s/\\b$port\\b/$(free_port)/g")
	done
	sed -E -i "${expressions[@]}" "ex/$1.sh" "ex/$1.how"
}

# Whether whoever is to be talked to in the text $1 is there: its ports are bound, its *.sock exist.
is_there() {
	local port path
	local ports paths
	mapfile -t ports < <(grep -oE '\b[0-9]{5}\b' <<<"$1")
	mapfile -t paths < <(grep -oE '[a-z]+\.sock\b' <<<"$1")
	for port in "${ports[@]}"; do
		grep -qsE "$(printf '^ *[0-9]+: [0-9A-F]+:%04X [0-9A-F]+:0000 0[7A] ' "$port")" /proc/net/{tcp,udp}{,6} || return 1
	done
	for path in "${paths[@]}"; do
		[ -S "run/$path" ] || return 1
	done
}

# In the folder of the examples, in a process group of its own: begin FILE OUT ERR; its number is $!
begin() {
	(cd run && exec setsid bash -e "../$1" <"${4:-/dev/null}" >"$2" 2>"$3" 3>&-) &
	GROUPS_BEGUN+=($!)
}

in_folder() {
	(cd run && timeout -k 5 "$LIMIT" bash -e -c "$1" 3>&-)
}

ends_well() {
	local code=0
	poll_until "$LIMIT" gone "$1" || complain "still runs: $2" || return 1
	wait "$1" || code=$?
	[ "$code" -eq "$3" ] || complain "status $code, expected $3: $2" run/err
}

# The example itself, and those that it waits for.
play() {
	local id=$1 mode expected=0 main line
	mode=$(how "$id" run)
	case $mode in "status "*) expected=${mode#status } ;; esac
	rm -f run/out run/err
	begin "ex/$id.sh" out err
	main=$!
	case $mode in background | server)
		[ -z "$(how "$id" "then")" ] || wait_for is_there "$(<"ex/$id.sh")" || return 1
		while read -r line; do
			in_folder "$line" || complain "failed: $line" run/err || return 1
		done < <(how "$id" "then")
		;;
	esac
	line=$(how "$id" wait)
	[ -z "$line" ] || wait_for in_folder "$line" || return 1
	[ "$mode" = server ] || ends_well "$main" "the example" "$expected"
}

run_example() {
	local id=$1 line helpers=() texts=() i
	substitute "$id"
	while read -r line; do
		in_folder "$line" || complain "failed: $line" || return 1
	done < <(how "$id" setup)
	while read -r line; do
		printf '%s\n' "$line" >"ex/$id.${#GROUPS_BEGUN[@]}.sh"
		begin "ex/$id.${#GROUPS_BEGUN[@]}.sh" helper.out helper.err
		[[ $(how "$id" beside) == *"$line"* ]] || { helpers+=($!) && texts+=("$line"); }
		wait_for is_there "$line" || return 1
	done < <(how "$id" with; how "$id" beside)
	play "$id" || return 1
	for i in "${!helpers[@]}"; do ends_well "${helpers[i]}" "${texts[i]}" 0 || return 1; done
	line=$(how "$id" check)
	if [ -n "$line" ]; then
		in_folder "$line" || complain "does not hold: $line" run/out run/err
	else
		[ -s run/out ] || complain "no check, and no output" run/err
	fi
}

# All examples of a file; at least $2 of them are there.
run_examples() {
	local file id tool line bad=0 ran=0 group
	extract "$SKT_SOURCE/$1"
	for file in ex/*.line; do
		id=$(basename "$file" .line) line=$(<"$file")
		if [ -n "$(how "$id" skip)" ]; then
			echo "# $1:$line is not run: $(how "$id" skip)"
			continue
		fi
		for tool in $(how "$id" needs); do
			command -v "$tool" >/dev/null || { echo "# $1:$line: no $tool here" && continue 2; }
		done
		ran=$((ran + 1))
		run_example "$id" || { bad=1 && echo "# ^ $1:$line" && cat "ex/$id.how" "ex/$id.sh" && cat -v run/helper.err 2>/dev/null; }
		for group in "${GROUPS_BEGUN[@]}"; do kill -TERM -- "-$group" 2>/dev/null || :; done
	done
	[ "$ran" -ge "$2" ] || complain "only $ran examples in $1"
	return "$bad"
}

@test "the examples of skt(1) do what they say" {
	run_examples man/skt.1 6
}

@test "the examples of skt-connect(1) do what they say" {
	run_examples man/skt-connect.1 6
}

@test "the examples of skt-listen(1) do what they say" {
	run_examples man/skt-listen.1 5
}

@test "the examples of skt-udp-send(1) do what they say" {
	run_examples man/skt-udp-send.1 5
}

@test "the examples of skt-udp-recv(1) do what they say" {
	run_examples man/skt-udp-recv.1 4
}

@test "the examples of skt-unix(1) do what they say" {
	run_examples man/skt-unix.1 4
}

@test "the examples of skt-http-get(1) do what they say" {
	need curl
	run_examples man/skt-http-get.1 6
}

@test "the examples of README.md do what they say" {
	run_examples README.md 5
}
