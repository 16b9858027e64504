/** Tests of the simulated caches: traces, optimum, contenders and verdicts. */
@NullMarked
package dev.slabmount.bench.evict;

import org.jspecify.annotations.NullMarked;
