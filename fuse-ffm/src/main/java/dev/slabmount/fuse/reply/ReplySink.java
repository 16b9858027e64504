package dev.slabmount.fuse.reply;

import dev.slabmount.fuse.Attributes;
import dev.slabmount.fuse.Entry;
import dev.slabmount.fuse.FileLock;
import dev.slabmount.fuse.FileSystemFigures;
import dev.slabmount.fuse.OpenedFile;
import dev.slabmount.fuse.Slices;

/**
 * Where one request's answer is encoded and sent: the half of a transport that faces the
 * filesystem.
 *
 * <p>Each method encodes first and sends last, and returns 0 or a negative errno from sending: the
 * kernel did not take the answer. A method that throws has sent nothing. A sink neither checks nor
 * counts; {@link ReplyGate} in front of it lets exactly one answer through.
 *
 * <p>Thread rule: one thread at a time, which the gate guarantees.
 */
public interface ReplySink {
  /** Sends an error, positive; 0 is plain success. */
  int error(int errno);

  /** Sends an entry. */
  int entry(Entry entry);

  /** Sends an entry and an opened file. */
  int created(Entry entry, OpenedFile file);

  /** Sends attributes. */
  int attributes(Attributes attributes, long timeoutNanos);

  /** Sends attributes with the time of birth, of which {@code mask} counts. */
  int statx(Attributes attributes, int mask, long timeoutNanos);

  /** Sends an opened file. */
  int opened(OpenedFile file);

  /** Sends bytes of the Java heap: a link target, or data. */
  int bytes(byte[] source, int offset, int length);

  /** Sends a link target. */
  int target(byte[] target, int offset, int length);

  /** Sends off-heap memory. */
  int data(long address, int length);

  /** Sends pieces of off-heap memory. */
  int slices(Slices slices);

  /** Sends a count of bytes. */
  int written(int count);

  /** Sends the size of an extended attribute. */
  int valueSize(int size);

  /** Sends figures of the filesystem. */
  int figures(FileSystemFigures figures);

  /** Sends a lock. */
  int lock(FileLock lock);

  /** Sends a file offset. */
  int offset(long offset);

  /** Sends a block number. */
  int mappedBlock(long index);

  /** Sends the result of an ioctl. */
  int ioctl(int result, long address, int length);

  /** Sends poll events. */
  int polled(int events);

  /** Whether the caller has given up. */
  boolean interrupted();
}
