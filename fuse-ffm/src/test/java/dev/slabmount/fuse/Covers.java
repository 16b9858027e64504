package dev.slabmount.fuse;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Which parts of the interface a test shows: {@code lookup} for a method of {@link FileSystem},
 * else with its type, {@code Notifier.store}, {@code Request.uid}, {@code OpenedFile.directIo},
 * {@code Feature.DONT_MASK}, {@code Connection.maxBackground}. docs/OPERATIONS.md is made from it.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Covers {
  /** The parts. */
  String[] value();
}
