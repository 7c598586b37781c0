# many: what the many_*.bats share. `load helper` comes first.
#
#   scenario <<'END'      a program in Python that plays clients and upstream of a `with Skt(...)` (many.py); an exception
#                         fails the test, skip(why) skips it

scenario() {
	need python3
	PYTHONPATH=$BATS_TEST_DIRNAME PYTHONDONTWRITEBYTECODE=1 OUT=$OUT try timeout -k 5 "${SCENARIO_LIMIT:-60}" \
		python3 -c "from many import *
$(cat)"
	[ "$status" -ne 77 ] || skip "${output#skip: }"
	assert_status 0
}
