#!/bin/sh
# sizes: a function has at most 60 lines (from its first line to its closing brace), a file at most 400. Functions
# begin in the first column, and so do their braces.
# shellcheck disable=SC2016 # the $ are awk's
set -eu
cd "${SKT_SOURCE:?}"

find src tests -name '*.[ch]' | LC_ALL=C sort | xargs awk '
	function complain(line, text) {
		printf "%s:%d: %s\n", FILENAME, line, text
		bad = 1
	}
	function end_of_file() {
		if (lines > 400) {
			printf "%s: %d lines, at most 400\n", name, lines
			bad = 1
		}
	}
	FNR == 1 {
		end_of_file()
		start = 0
	}
	{
		lines = FNR
		name = FILENAME
	}
	# The first line of what stands at the top level; a macro or a comment is no function.
	/^[A-Za-z_]/ && !start { start = FNR }
	/^\{/ { inside = start }
	/^\}/ {
		if (inside && FNR - inside + 1 > 60)
			complain(inside, "a function of " FNR - inside + 1 " lines, at most 60")
		inside = start = 0
	}
	(/;[ \t]*(\/\*.*)?$/ || /^$/) && !inside { start = 0 }
	END {
		end_of_file()
		exit bad
	}'
