package dev.slabmount.fuse;

/**
 * The attributes of an inode, as {@code stat(2)} shows them; filled by the filesystem, encoded by
 * the transport.
 *
 * <p>Part of a request's scratch: reused, not thread-safe, all zero after {@link #clear}. Times are
 * seconds since the epoch (negative before 1970) plus nanoseconds 0 to 999 999 999.
 */
public final class Attributes {
  /** Creates attributes that are all zero. */
  public Attributes() {}

  private long ino;
  private long size;
  private long blocks;
  private int blockSize;
  private int mode;
  private int linkCount;
  private int uid;
  private int gid;
  private int deviceNumber;
  private long accessSeconds;
  private int accessNanos;
  private long modifySeconds;
  private int modifyNanos;
  private long changeSeconds;
  private int changeNanos;
  private long birthSeconds;
  private int birthNanos;

  /** Inode number; what {@code ls -i} shows. */
  public long ino() {
    return ino;
  }

  /** Sets {@link #ino()}. */
  public Attributes ino(long value) {
    ino = value;
    return this;
  }

  /** Bytes; for a symbolic link the length of its target. */
  public long size() {
    return size;
  }

  /** Sets {@link #size()}. */
  public Attributes size(long value) {
    size = value;
    return this;
  }

  /** Allocated units of 512 bytes. */
  public long blocks() {
    return blocks;
  }

  /** Sets {@link #blocks()}. */
  public Attributes blocks(long value) {
    blocks = value;
    return this;
  }

  /** Preferred I/O size in bytes, a power of two. */
  public int blockSize() {
    return blockSize;
  }

  /** Sets {@link #blockSize()}. */
  public Attributes blockSize(int value) {
    blockSize = value;
    return this;
  }

  /** File type and permission bits, {@code S_IFMT} included. */
  public int mode() {
    return mode;
  }

  /** Sets {@link #mode()}. */
  public Attributes mode(int value) {
    mode = value;
    return this;
  }

  /** Names of this inode; for a directory 2 + its subdirectories. */
  public int linkCount() {
    return linkCount;
  }

  /** Sets {@link #linkCount()}. */
  public Attributes linkCount(int value) {
    linkCount = value;
    return this;
  }

  /** Owner. */
  public int uid() {
    return uid;
  }

  /** Sets {@link #uid()}. */
  public Attributes uid(int value) {
    uid = value;
    return this;
  }

  /** Group. */
  public int gid() {
    return gid;
  }

  /** Sets {@link #gid()}. */
  public Attributes gid(int value) {
    gid = value;
    return this;
  }

  /** For device nodes: the device, in the kernel's 32-bit encoding. */
  public int deviceNumber() {
    return deviceNumber;
  }

  /** Sets {@link #deviceNumber()}. */
  public Attributes deviceNumber(int value) {
    deviceNumber = value;
    return this;
  }

  /** Seconds of the last access. */
  public long accessSeconds() {
    return accessSeconds;
  }

  /** Sets {@link #accessSeconds()}. */
  public Attributes accessSeconds(long value) {
    accessSeconds = value;
    return this;
  }

  /** Nanoseconds of the last access. */
  public int accessNanos() {
    return accessNanos;
  }

  /** Sets {@link #accessNanos()}. */
  public Attributes accessNanos(int value) {
    accessNanos = value;
    return this;
  }

  /** Seconds of the last change of content. */
  public long modifySeconds() {
    return modifySeconds;
  }

  /** Sets {@link #modifySeconds()}. */
  public Attributes modifySeconds(long value) {
    modifySeconds = value;
    return this;
  }

  /** Nanoseconds of the last change of content. */
  public int modifyNanos() {
    return modifyNanos;
  }

  /** Sets {@link #modifyNanos()}. */
  public Attributes modifyNanos(int value) {
    modifyNanos = value;
    return this;
  }

  /** Seconds of the last change of attributes. */
  public long changeSeconds() {
    return changeSeconds;
  }

  /** Sets {@link #changeSeconds()}. */
  public Attributes changeSeconds(long value) {
    changeSeconds = value;
    return this;
  }

  /** Nanoseconds of the last change of attributes. */
  public int changeNanos() {
    return changeNanos;
  }

  /** Sets {@link #changeNanos()}. */
  public Attributes changeNanos(int value) {
    changeNanos = value;
    return this;
  }

  /** Seconds of the birth; only statx shows it. */
  public long birthSeconds() {
    return birthSeconds;
  }

  /** Sets {@link #birthSeconds()}. */
  public Attributes birthSeconds(long value) {
    birthSeconds = value;
    return this;
  }

  /** Nanoseconds of the birth. */
  public int birthNanos() {
    return birthNanos;
  }

  /** Sets {@link #birthNanos()}. */
  public Attributes birthNanos(int value) {
    birthNanos = value;
    return this;
  }

  /** Sets the times of access, content and attributes. */
  public Attributes times(long seconds, int nanos) {
    accessSeconds = modifySeconds = changeSeconds = seconds;
    accessNanos = modifyNanos = changeNanos = nanos;
    return this;
  }

  /** Makes every attribute zero. */
  public Attributes clear() {
    ino = size = blocks = birthSeconds = 0;
    birthNanos = 0;
    blockSize = mode = linkCount = uid = gid = deviceNumber = 0;
    return times(0, 0);
  }
}
