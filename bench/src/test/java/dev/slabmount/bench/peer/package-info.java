/** Tests of what the peers serve. */
@NullMarked
package dev.slabmount.bench.peer;

import org.jspecify.annotations.NullMarked;
