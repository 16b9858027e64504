/** The contract of a pool, on the one-lock pool. */
@NullMarked
package dev.slabmount.bench.onelock;

import org.jspecify.annotations.NullMarked;
