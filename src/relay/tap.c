#include "relay/tap.h"

void tap_see_run(struct tap *tap, const struct tap_piece *run, size_t size)
{
	struct tap_piece piece = *run;
	size_t left = run->n;
	do {
		piece.n = size && size < left ? size : left;
		tap->see(tap, &piece);
		piece.bytes = (const char *)piece.bytes + piece.n;
		left -= piece.n;
	} while (left);
}
