/** Tests of the harness's own arithmetic, and of what its command line refuses. */
@NullMarked
package dev.slabmount.bench.fuse;

import org.jspecify.annotations.NullMarked;
