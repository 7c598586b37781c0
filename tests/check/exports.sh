#!/bin/sh
# exports: foo.c exports foo_* and nothing else (or `foo` itself), read from the objects of the build.
set -eu
: "${BUILD:?}"

# FILE SYMBOL: why
allowed='
base/errname.c error_name: a table of its own, split from error.c for its length
cli/complete.c help_completion: declared in cli/help.h, whose other half it is
cli/complete.c help_shells: the same
main.c main: the program
'

objects=$(find "$BUILD/CMakeFiles/libskt.dir/src" "$BUILD/CMakeFiles/skt.dir/src" -name '*.c.o' | LC_ALL=C sort)
test -n "$objects" || { echo "no objects in $BUILD"; exit 1; }

# "FILE SYMBOL" of those whose names are not of their file. Names that begin with __ are the compiler's (the
# sanitizers', for one).
# shellcheck disable=SC2086 # a word an object
strange=$(nm -A -g --defined-only $objects | awk '
	NF == 3 && $3 !~ /^__/ {
		file = $1
		sub(/^.*\.dir\/src\//, "", file)
		sub(/\.o:.*$/, "", file)
		stem = file
		sub(/^.*\//, "", stem)
		sub(/\.c$/, "", stem)
		if ($3 != stem && index($3, stem "_") != 1)
			print file, $3
	}')
bad=0
while read -r file symbol; do
	[ -n "$file" ] || continue
	# The object of a source that has gone, in a build folder that stays
	[ -e "${SKT_SOURCE:?}/src/$file" ] || continue
	case $allowed in
	*"
$file $symbol: "*) continue ;;
	esac
	echo "src/$file exports $symbol, which does not begin with its file's name"
	bad=1
done <<END
$strange
END
exit "$bad"
