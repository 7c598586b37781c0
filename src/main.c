#include "base/standard.h"
#include "commands/command.h"

int main(int argc, char **argv)
{
	/* Whoever starts us with descriptor 0, 1 or 2 closed must not find a socket of ours there. */
	if (standard_keep())
		return 1;
	return command_main(argc, argv);
}
