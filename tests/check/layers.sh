#!/bin/sh
# layers: who may include whom. main -> commands -> {cli, net, relay, http} -> base, read from the #include lines. The
# four in the middle never include one another. cli and http are text: they know no descriptors.
# shellcheck disable=SC2016 # the $ are awk's
set -eu
cd "${SKT_SOURCE:?}/src"

find . -name '*.[ch]' | LC_ALL=C sort | xargs awk '
	BEGIN {
		may["main"] = " commands cli base "
		may["commands"] = " commands cli net relay http base "
		may["cli"] = " cli base "
		may["net"] = " net base "
		may["relay"] = " relay base "
		may["http"] = " http base "
		may["base"] = " base "
	}
	FNR == 1 {
		file = substr(FILENAME, 3)
		layer = file
		sub(/\/.*/, "", layer)
		if (file == "main.c")
			layer = "main"
		if (!(layer in may)) {
			printf "%s: no such layer: %s\n", file, layer
			bad = 1
		}
	}
	/^[ \t]*#[ \t]*include[ \t]*"/ {
		split($0, part, "\"")
		target = part[2]
		if (target !~ /\// || target ~ /\.\./) {
			printf "%s:%d: write \"LAYER/%s\"\n", file, FNR, target
			bad = 1
			next
		}
		sub(/\/.*/, "", target)
		if (!index(may[layer], " " target " ")) {
			printf "%s:%d: %s must not include \"%s\"\n", file, FNR, layer, part[2]
			bad = 1
		}
	}
	/^[ \t]*#[ \t]*include[ \t]*<(sys\/epoll|poll|sys\/select|netdb)\.h>/ && (layer == "cli" || layer == "http") {
		printf "%s:%d: %s knows no descriptors: %s\n", file, FNR, layer, $0
		bad = 1
	}
	END { exit bad }'
