#!/bin/sh
# man: the manual pages are clean mdoc.
set -eu
cd "${SKT_SOURCE:?}/man"
if ! command -v mandoc >/dev/null; then
	echo 'skipped: mandoc is not installed'
	exit 77
fi
ls -- *.1 >/dev/null # there are some
mandoc -T lint -W warning -- *.1
