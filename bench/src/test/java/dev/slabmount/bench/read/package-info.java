/** Tests of the harness that measures reads: of its arithmetic and of what its report says. */
@NullMarked
package dev.slabmount.bench.read;

import org.jspecify.annotations.NullMarked;
