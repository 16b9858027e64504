/** Benchmarks of the block pool by itself, with no filesystem around it. */
@NullMarked
package dev.slabmount.bench.pool;

import org.jspecify.annotations.NullMarked;
