/** The command. */
@NullMarked
package dev.slabmount.cli;

import org.jspecify.annotations.NullMarked;
