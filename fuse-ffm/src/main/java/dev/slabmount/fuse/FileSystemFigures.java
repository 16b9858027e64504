package dev.slabmount.fuse;

/**
 * What {@code statfs(2)} shows of a mount.
 *
 * <p>Part of a request's scratch: reused, not thread-safe.
 */
public final class FileSystemFigures {
  /** Creates figures that are all zero. */
  public FileSystemFigures() {}

  private int blockSize;
  private int ioSize;
  private long blocks;
  private long blocksFree;
  private long blocksAvailable;
  private long files;
  private long filesFree;
  private int nameLengthMax;

  /** Unit of the block counts, in bytes. */
  public int blockSize() {
    return blockSize;
  }

  /** Sets {@link #blockSize()}. */
  public FileSystemFigures blockSize(int value) {
    blockSize = value;
    return this;
  }

  /** Preferred I/O size, in bytes. */
  public int ioSize() {
    return ioSize;
  }

  /** Sets {@link #ioSize()}. */
  public FileSystemFigures ioSize(int value) {
    ioSize = value;
    return this;
  }

  /** Size of the filesystem in blocks. */
  public long blocks() {
    return blocks;
  }

  /** Sets {@link #blocks()}. */
  public FileSystemFigures blocks(long value) {
    blocks = value;
    return this;
  }

  /** Free blocks. */
  public long blocksFree() {
    return blocksFree;
  }

  /** Sets {@link #blocksFree()}. */
  public FileSystemFigures blocksFree(long value) {
    blocksFree = value;
    return this;
  }

  /** Free blocks for ordinary users. */
  public long blocksAvailable() {
    return blocksAvailable;
  }

  /** Sets {@link #blocksAvailable()}. */
  public FileSystemFigures blocksAvailable(long value) {
    blocksAvailable = value;
    return this;
  }

  /** Inodes. */
  public long files() {
    return files;
  }

  /** Sets {@link #files()}. */
  public FileSystemFigures files(long value) {
    files = value;
    return this;
  }

  /** Free inodes. */
  public long filesFree() {
    return filesFree;
  }

  /** Sets {@link #filesFree()}. */
  public FileSystemFigures filesFree(long value) {
    filesFree = value;
    return this;
  }

  /** Longest name in bytes. */
  public int nameLengthMax() {
    return nameLengthMax;
  }

  /** Sets {@link #nameLengthMax()}. */
  public FileSystemFigures nameLengthMax(int value) {
    nameLengthMax = value;
    return this;
  }

  /** Makes every figure zero. */
  public FileSystemFigures clear() {
    blockSize = ioSize = nameLengthMax = 0;
    blocks = blocksFree = blocksAvailable = files = filesFree = 0;
    return this;
  }
}
