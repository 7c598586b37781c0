/* standard: descriptors 0, 1 and 2. */
#ifndef SKT_BASE_STANDARD_H
#define SKT_BASE_STANDARD_H

/* Occupies those of them that are closed, so that no socket of ours becomes standard output; reads and writes there
 * still fail with EBADF (O_PATH, open(2)). -1 with errno. */
int standard_keep(void);

#endif
