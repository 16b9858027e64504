/** Tests of the harness that measures pools: its arithmetic, and what it reads from others. */
@NullMarked
package dev.slabmount.bench.pool;

import org.jspecify.annotations.NullMarked;
