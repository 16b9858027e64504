package dev.slabmount.fuse.reply;

import dev.slabmount.fuse.Attributes;
import dev.slabmount.fuse.DirectoryBuffer;
import dev.slabmount.fuse.Entry;
import dev.slabmount.fuse.FileLock;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.FileSystemFigures;
import dev.slabmount.fuse.OpenedFile;
import dev.slabmount.fuse.Replies;
import dev.slabmount.fuse.Slices;
import dev.slabmount.fuse.inode.LookupCounts;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * The answers of a filesystem: each passes the {@link ReplyGate} before it reaches the {@link
 * ReplySink}, and the lookup counts that it hands to the kernel are booked.
 *
 * <p><b>Counts.</b> A count is taken before the answer is sent, because the kernel's forget may
 * arrive on another worker before the send returns; it is given back if the kernel did not take the
 * answer.
 *
 * <p>Every method has the same shape: claim; send, which either sends or throws without having
 * sent; settle. It is written out each time, since a shared method would have to be passed a
 * lambda, an object per answer.
 */
public final class GatedReplies implements Replies {
  private final ReplyGate gate;
  private final ReplySink sink;
  private final LookupCounts counts;

  /** Creates the answers of one context; {@code gate} stands in front of the same sink. */
  public GatedReplies(ReplyGate gate, ReplySink sink, LookupCounts counts) {
    this.gate = gate;
    this.sink = sink;
    this.counts = counts;
  }

  @Override
  public boolean error(int errno) {
    if (!gate.claimError(errno)) {
      return false;
    }
    int sent;
    try {
      sent = sink.error(errno);
    } catch (RuntimeException | Error e) {
      throw gate.unsent(e);
    }
    return gate.sent(sent);
  }

  @Override
  public boolean ok() {
    return error(0);
  }

  @Override
  public boolean entry(Entry entry) {
    if (!gate.claim(ReplyKind.ENTRY)) {
      return false;
    }
    long ino = entry.ino();
    int sent;
    try {
      counts.add(ino, 1);
      sent = sink.entry(entry);
    } catch (RuntimeException | Error e) {
      counts.remove(ino, 1);
      throw gate.unsent(e);
    }
    if (sent != 0) {
      counts.remove(ino, 1);
    }
    return gate.sent(sent);
  }

  @Override
  public boolean created(Entry entry, OpenedFile file) {
    if (!gate.claim(ReplyKind.CREATED)) {
      return false;
    }
    long ino = entry.ino();
    int sent;
    try {
      counts.add(ino, 1);
      sent = sink.created(entry, withHandle(file));
    } catch (RuntimeException | Error e) {
      counts.remove(ino, 1);
      throw gate.unsent(e);
    }
    if (sent != 0) {
      counts.remove(ino, 1);
    }
    return gate.sent(sent);
  }

  @Override
  public boolean attributes(Attributes attributes, long timeoutNanos) {
    if (!gate.claim(ReplyKind.ATTRIBUTES)) {
      return false;
    }
    int sent;
    try {
      sent = sink.attributes(attributes, timeoutNanos);
    } catch (RuntimeException | Error e) {
      throw gate.unsent(e);
    }
    return gate.sent(sent);
  }

  @Override
  public boolean statx(Attributes attributes, int mask, long timeoutNanos) {
    if (!gate.claim(ReplyKind.STATX)) {
      return false;
    }
    int sent;
    try {
      sent = sink.statx(attributes, mask, timeoutNanos);
    } catch (RuntimeException | Error e) {
      throw gate.unsent(e);
    }
    return gate.sent(sent);
  }

  @Override
  public boolean opened(OpenedFile file) {
    if (!gate.claim(ReplyKind.OPENED)) {
      return false;
    }
    int sent;
    try {
      sent = sink.opened(withHandle(file));
    } catch (RuntimeException | Error e) {
      throw gate.unsent(e);
    }
    return gate.sent(sent);
  }

  @Override
  public boolean target(byte[] target, int offset, int length) {
    if (!gate.claim(ReplyKind.TARGET)) {
      return false;
    }
    int sent;
    try {
      sent = sink.target(target, offset, length);
    } catch (RuntimeException | Error e) {
      throw gate.unsent(e);
    }
    return gate.sent(sent);
  }

  @Override
  public boolean data(long address, int length) {
    if (!gate.claim(ReplyKind.DATA)) {
      return false;
    }
    int sent;
    try {
      sent = sink.data(address, length);
    } catch (RuntimeException | Error e) {
      throw gate.unsent(e);
    }
    return gate.sent(sent);
  }

  @Override
  public boolean data(MemorySegment data) {
    if (!gate.claim(ReplyKind.DATA)) {
      return false;
    }
    int sent;
    try {
      sent = sink.data(addressOf(data), Math.toIntExact(data.byteSize()));
    } catch (RuntimeException | Error e) {
      throw gate.unsent(e);
    } finally {
      Reference.reachabilityFence(data); // an automatic arena frees what nobody can reach
    }
    return gate.sent(sent);
  }

  @Override
  public boolean data(byte[] data, int offset, int length) {
    if (!gate.claim(ReplyKind.DATA)) {
      return false;
    }
    int sent;
    try {
      sent = sink.bytes(data, offset, length);
    } catch (RuntimeException | Error e) {
      throw gate.unsent(e);
    }
    return gate.sent(sent);
  }

  @Override
  public boolean slices(Slices slices) {
    if (!gate.claim(ReplyKind.DATA)) {
      return false;
    }
    int sent;
    try {
      sent = sink.slices(slices);
    } catch (RuntimeException | Error e) {
      throw gate.unsent(e);
    }
    return gate.sent(sent);
  }

  @Override
  public boolean directory(DirectoryBuffer buffer) {
    if (!gate.claim(ReplyKind.DIRECTORY)) {
      return false;
    }
    int sent;
    WireDirectoryBuffer listing = null;
    try {
      WireDirectoryBuffer ours = (WireDirectoryBuffer) buffer;
      ours.addCounts(counts);
      listing = ours;
      sent = sink.data(listing.address(), listing.length());
    } catch (RuntimeException | Error e) {
      if (listing != null) {
        listing.removeCounts(counts);
      }
      throw gate.unsent(e);
    }
    if (sent != 0) {
      listing.removeCounts(counts);
    }
    return gate.sent(sent);
  }

  @Override
  public boolean written(int count) {
    if (!gate.claim(ReplyKind.WRITTEN)) {
      return false;
    }
    int sent;
    try {
      sent = sink.written(count);
    } catch (RuntimeException | Error e) {
      throw gate.unsent(e);
    }
    return gate.sent(sent);
  }

  @Override
  public boolean valueSize(int size) {
    if (!gate.claim(ReplyKind.VALUE_SIZE)) {
      return false;
    }
    int sent;
    try {
      sent = sink.valueSize(size);
    } catch (RuntimeException | Error e) {
      throw gate.unsent(e);
    }
    return gate.sent(sent);
  }

  @Override
  public boolean figures(FileSystemFigures figures) {
    if (!gate.claim(ReplyKind.FIGURES)) {
      return false;
    }
    int sent;
    try {
      sent = sink.figures(figures);
    } catch (RuntimeException | Error e) {
      throw gate.unsent(e);
    }
    return gate.sent(sent);
  }

  @Override
  public boolean lock(FileLock lock) {
    if (!gate.claim(ReplyKind.LOCK)) {
      return false;
    }
    int sent;
    try {
      sent = sink.lock(lock);
    } catch (RuntimeException | Error e) {
      throw gate.unsent(e);
    }
    return gate.sent(sent);
  }

  @Override
  public boolean offset(long offset) {
    if (!gate.claim(ReplyKind.OFFSET)) {
      return false;
    }
    int sent;
    try {
      sent = sink.offset(offset);
    } catch (RuntimeException | Error e) {
      throw gate.unsent(e);
    }
    return gate.sent(sent);
  }

  @Override
  public boolean mappedBlock(long index) {
    if (!gate.claim(ReplyKind.MAPPED_BLOCK)) {
      return false;
    }
    int sent;
    try {
      sent = sink.mappedBlock(index);
    } catch (RuntimeException | Error e) {
      throw gate.unsent(e);
    }
    return gate.sent(sent);
  }

  @Override
  public boolean ioctl(int result, long address, int length) {
    if (!gate.claim(ReplyKind.IOCTL)) {
      return false;
    }
    int sent;
    try {
      sent = sink.ioctl(result, address, length);
    } catch (RuntimeException | Error e) {
      throw gate.unsent(e);
    }
    return gate.sent(sent);
  }

  @Override
  public boolean polled(int events) {
    if (!gate.claim(ReplyKind.POLLED)) {
      return false;
    }
    int sent;
    try {
      sent = sink.polled(events);
    } catch (RuntimeException | Error e) {
      throw gate.unsent(e);
    }
    return gate.sent(sent);
  }

  private static OpenedFile withHandle(OpenedFile file) {
    if (file.fh() == FileSystem.NO_HANDLE) {
      throw new IllegalArgumentException("NO_HANDLE cannot be the handle of an opened file");
    }
    return file;
  }

  private static long addressOf(MemorySegment data) {
    if (!data.isNative()) {
      throw new IllegalArgumentException("data on the Java heap is answered from a byte[]");
    }
    if (!data.scope().isAlive()) {
      throw new IllegalStateException("the arena of the data is closed");
    }
    return data.address();
  }
}
