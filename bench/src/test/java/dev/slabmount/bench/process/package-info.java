/** Tests of what is read from /proc. */
@NullMarked
package dev.slabmount.bench.process;

import org.jspecify.annotations.NullMarked;
