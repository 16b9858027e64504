package dev.slabmount.fuse.reply;

import dev.slabmount.fuse.Replies;
import java.util.EnumSet;
import java.util.Set;

/**
 * The forms that an answer can have on the wire. An operation takes one or two of them; another is
 * a mistake of the filesystem's, whose bytes the kernel would take for something else.
 */
public enum ReplyKind {
  /** {@link Replies#ok}. */
  OK(0, "ok"),
  /** {@link Replies#entry}. */
  ENTRY(1, "entry"),
  /** {@link Replies#created}. */
  CREATED(2, "created"),
  /** {@link Replies#attributes}. */
  ATTRIBUTES(3, "attributes"),
  /** {@link Replies#statx}. */
  STATX(4, "statx"),
  /** {@link Replies#opened}. */
  OPENED(5, "opened"),
  /** {@link Replies#target}. */
  TARGET(6, "target"),
  /** {@link Replies#data(long, int)} and its like, {@link Replies#slices}. */
  DATA(7, "data"),
  /** {@link Replies#directory}. */
  DIRECTORY(8, "directory"),
  /** {@link Replies#written}. */
  WRITTEN(9, "written"),
  /** {@link Replies#valueSize}. */
  VALUE_SIZE(10, "valueSize"),
  /** {@link Replies#figures}. */
  FIGURES(11, "figures"),
  /** {@link Replies#lock}. */
  LOCK(12, "lock"),
  /** {@link Replies#offset}. */
  OFFSET(13, "offset"),
  /** {@link Replies#mappedBlock}. */
  MAPPED_BLOCK(14, "mappedBlock"),
  /** {@link Replies#ioctl}. */
  IOCTL(15, "ioctl"),
  /** {@link Replies#polled}. */
  POLLED(16, "polled");

  private final int bit;
  private final String method;

  ReplyKind(int index, String method) {
    bit = 1 << index;
    this.method = method;
  }

  /** Name of the method of {@link Replies} that gives it; of DATA, the first. */
  public String method() {
    return method;
  }

  /** A bit of its own. */
  int bit() {
    return bit;
  }

  /** The bits of several. */
  public static int bits(ReplyKind... kinds) {
    int bits = 0;
    for (ReplyKind kind : kinds) {
      bits |= kind.bit;
    }
    return bits;
  }

  /** Those whose bits are set. */
  public static Set<ReplyKind> ofBits(int bits) {
    Set<ReplyKind> kinds = EnumSet.allOf(ReplyKind.class);
    kinds.removeIf(kind -> (bits & kind.bit) == 0);
    return kinds;
  }
}
