#!/bin/sh
# Every script of the project is clean to shellcheck.
set -eu
cd "${SKT_SOURCE:?}"
if ! command -v shellcheck >/dev/null; then
	echo 'skipped: shellcheck is not installed'
	exit 77
fi
find tests -name '*.sh' -exec shellcheck -x {} +
shellcheck .ci/run tests/run-bats
shellcheck -s bash -e SC2154,SC2034,SC2016 tests/e2e/*.bash
# In the .bats files:
# SC1091, SC2154: `load helper` is no source line to shellcheck, and so are the variables that the helper sets;
# SC2034: and those that are set for it;
# SC2030, SC2031: each test is a subshell to shellcheck: what one sets is no news to the next;
# SC2016: what stands in '...' behind `bash -c` is for that shell; SC2153: PORT is the helper's, port another one.
find tests/e2e -name '*.bats' -exec shellcheck -s bats -e SC1091,SC2154,SC2034,SC2030,SC2031,SC2016,SC2153 {} +
