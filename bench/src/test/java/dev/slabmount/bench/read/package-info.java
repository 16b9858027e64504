/** Tests of what the harness that measures reads refuses. */
@NullMarked
package dev.slabmount.bench.read;

import org.jspecify.annotations.NullMarked;
