/** Tests of what all tables of goals share: whose turn it is, arithmetic, the words of a report. */
@NullMarked
package dev.slabmount.bench.report;

import org.jspecify.annotations.NullMarked;
