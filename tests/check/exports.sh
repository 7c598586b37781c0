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
bad=0
for object in $objects; do
	file=${object#*.dir/src/}
	file=${file%.o}
	# The object of a source that has gone, in a build folder that stays
	[ -e "${SKT_SOURCE:?}/src/$file" ] || continue
	stem=$(basename "$file" .c)
	# Names that begin with __ are the compiler's (the sanitizers', for one).
	for symbol in $(nm -g --defined-only "$object" | awk 'NF == 3 && $3 !~ /^__/ { print $3 }'); do
		case $symbol in
		"$stem" | "$stem"_*) continue ;;
		esac
		case $allowed in
		*"
$file $symbol: "*) continue ;;
		esac
		echo "src/$file exports $symbol, which does not begin with ${stem}_"
		bad=1
	done
done
exit "$bad"
