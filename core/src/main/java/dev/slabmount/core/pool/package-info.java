/** The block pool. */
@NullMarked
package dev.slabmount.core.pool;

import org.jspecify.annotations.NullMarked;
