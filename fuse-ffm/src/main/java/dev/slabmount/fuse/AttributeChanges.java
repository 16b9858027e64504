package dev.slabmount.fuse;

/**
 * What a setattr asks for: {@link #valid} says which of the values count.
 *
 * <p>Part of a request's scratch: reused, not thread-safe. The bits are those of {@code FATTR_*} in
 * {@code linux/fuse.h}.
 */
public final class AttributeChanges {
  /** {@link #mode()} counts. */
  public static final int MODE_VALID = 1;

  /** {@link #uid()} counts. */
  public static final int UID_VALID = 1 << 1;

  /** {@link #gid()} counts. */
  public static final int GID_VALID = 1 << 2;

  /** {@link #size()} counts. */
  public static final int SIZE_VALID = 1 << 3;

  /** The access time counts. */
  public static final int ACCESS_TIME_VALID = 1 << 4;

  /** The modification time counts. */
  public static final int MODIFY_TIME_VALID = 1 << 5;

  /** The access time becomes the present; its value does not count. */
  public static final int ACCESS_TIME_NOW = 1 << 7;

  /** The modification time becomes the present; its value does not count. */
  public static final int MODIFY_TIME_NOW = 1 << 8;

  /** The change time counts. */
  public static final int CHANGE_TIME_VALID = 1 << 10;

  /** Set-user-ID and set-group-ID bits must go ({@code FATTR_KILL_SUIDGID}). */
  public static final int KILL_SUID_GID = 1 << 11;

  /** Creates a change of nothing. */
  public AttributeChanges() {}

  private int valid;
  private int mode;
  private int uid;
  private int gid;
  private long size;
  private long accessSeconds;
  private int accessNanos;
  private long modifySeconds;
  private int modifyNanos;
  private long changeSeconds;
  private int changeNanos;

  /** Bits of the {@code *_VALID} constants. */
  public int valid() {
    return valid;
  }

  /** Sets {@link #valid()}. */
  public AttributeChanges valid(int value) {
    valid = value;
    return this;
  }

  /** New mode. */
  public int mode() {
    return mode;
  }

  /** Sets {@link #mode()}. */
  public AttributeChanges mode(int value) {
    mode = value;
    return this;
  }

  /** New owner. */
  public int uid() {
    return uid;
  }

  /** Sets {@link #uid()}. */
  public AttributeChanges uid(int value) {
    uid = value;
    return this;
  }

  /** New group. */
  public int gid() {
    return gid;
  }

  /** Sets {@link #gid()}. */
  public AttributeChanges gid(int value) {
    gid = value;
    return this;
  }

  /** New size in bytes. */
  public long size() {
    return size;
  }

  /** Sets {@link #size()}. */
  public AttributeChanges size(long value) {
    size = value;
    return this;
  }

  /** New access time, seconds. */
  public long accessSeconds() {
    return accessSeconds;
  }

  /** Sets {@link #accessSeconds()}. */
  public AttributeChanges accessSeconds(long value) {
    accessSeconds = value;
    return this;
  }

  /** New access time, nanoseconds. */
  public int accessNanos() {
    return accessNanos;
  }

  /** Sets {@link #accessNanos()}. */
  public AttributeChanges accessNanos(int value) {
    accessNanos = value;
    return this;
  }

  /** New modification time, seconds. */
  public long modifySeconds() {
    return modifySeconds;
  }

  /** Sets {@link #modifySeconds()}. */
  public AttributeChanges modifySeconds(long value) {
    modifySeconds = value;
    return this;
  }

  /** New modification time, nanoseconds. */
  public int modifyNanos() {
    return modifyNanos;
  }

  /** Sets {@link #modifyNanos()}. */
  public AttributeChanges modifyNanos(int value) {
    modifyNanos = value;
    return this;
  }

  /** New change time, seconds. */
  public long changeSeconds() {
    return changeSeconds;
  }

  /** Sets {@link #changeSeconds()}. */
  public AttributeChanges changeSeconds(long value) {
    changeSeconds = value;
    return this;
  }

  /** New change time, nanoseconds. */
  public int changeNanos() {
    return changeNanos;
  }

  /** Sets {@link #changeNanos()}. */
  public AttributeChanges changeNanos(int value) {
    changeNanos = value;
    return this;
  }

  /** Whether {@code bit}, one of the constants, is asked for. */
  public boolean has(int bit) {
    return (valid & bit) != 0;
  }
}
