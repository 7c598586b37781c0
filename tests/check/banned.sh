#!/bin/sh
# banned: calls that have no place in src/. Comments and strings do not count.
set -eu
cd "${SKT_SOURCE:?}/src"
bad=0

# The sources without comments, and with empty strings: "FILE:LINE:CODE".
# shellcheck disable=SC2016 # the $ are awk's
code() {
	find . -name '*.[ch]' | LC_ALL=C sort | xargs awk '
		FNR == 1 { comment = 0 }
		{
			line = $0
			gsub(/\\["\\]/, "", line)
			gsub(/"[^"]*"/, "\"\"", line)
			if (comment) {
				if (!sub(/^.*\*\//, "", line))
					next
				comment = 0
			}
			while (match(line, /\/\*/)) {
				rest = substr(line, RSTART)
				line = substr(line, 1, RSTART - 1)
				if (!sub(/^\/\*([^*]|\*+[^*\/])*\*+\//, "", rest)) {
					comment = 1
					break
				}
				line = line " " rest
			}
			printf "%s:%d:%s\n", substr(FILENAME, 3), FNR, line
		}'
}

# ban REASON REGEX [FILES]: no line of code (of the files that match FILES) calls one of these.
ban() {
	if found=$(printf '%s\n' "$all" | grep -E "^${3:-[^:]*}:[0-9]+:(|.*[^A-Za-z0-9_>.])($2)[[:space:]]*\\("); then
		printf '%s\n' "$found" | sed "s|\$|    <- $1|"
		bad=1
	fi
}

all=$(code)
below='(base|cli|net|relay|http)/[^:]*'

ban 'no bound on what it writes' 'strcpy|strcat|stpcpy|sprintf|vsprintf|gets|scanf|sscanf|fscanf'
ban 'takes trailing junk and overflow for a number' 'atoi|atol|atoll|atof'
ban 'has a state of its own' 'strtok|strerror_r|inet_ntoa|gethostbyname|gethostbyaddr|localtime|gmtime|ctime|asctime'
ban 'no bound on the stack' 'alloca'
ban 'the shell is called by execl, with the environment and descriptors that were meant' 'system|popen'
ban 'a race, or a name that can be guessed' 'mktemp|tmpnam|tempnam'
ban 'fails above descriptor 1023' 'select|pselect|FD_SET'
ban 'below commands/ nothing prints' 'printf|vprintf|fprintf|vfprintf|dprintf|vdprintf|puts|fputs|putchar|perror' "$below"
ban 'below commands/ nothing exits' 'exit|abort|err|errx' "$below"
exit "$bad"
