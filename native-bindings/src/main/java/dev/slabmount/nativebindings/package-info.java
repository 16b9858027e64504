/** C as Java sees it. */
@NullMarked
package dev.slabmount.nativebindings;

import org.jspecify.annotations.NullMarked;
