package dev.slabmount.fuse.dev;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Notifier;
import dev.slabmount.nativebindings.Libc;
import dev.slabmount.nativebindings.kernel.KernelH;
import dev.slabmount.nativebindings.kernel.fuse_notify_delete_out;
import dev.slabmount.nativebindings.kernel.fuse_notify_inval_entry_out;
import dev.slabmount.nativebindings.kernel.fuse_notify_inval_inode_out;
import dev.slabmount.nativebindings.kernel.fuse_notify_poll_wakeup_out;
import dev.slabmount.nativebindings.kernel.fuse_out_header;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Sends notifications: answers to request number 0, with the kind of notification where an answer
 * has its error. The read lock keeps the descriptor open while one is being sent; {@link #end}
 * takes the write lock once, before it is closed.
 */
final class DevNotifier implements Notifier {
  private static final long HEADER = fuse_out_header.sizeof();

  private final Channel channel;
  private final ReadWriteLock life = new ReentrantReadWriteLock();
  private boolean mounted;

  DevNotifier(Channel channel) {
    this.channel = channel;
  }

  /** The channel is open from now on. */
  void begin() {
    setMounted(true);
  }

  /** No notification is sent any more when this returns; later ones answer ENODEV. */
  void end() {
    setMounted(false);
  }

  private void setMounted(boolean value) {
    life.writeLock().lock();
    try {
      mounted = value;
    } finally {
      life.writeLock().unlock();
    }
  }

  @Override
  public int invalidateInode(long ino, long offset, long length) {
    try (Arena arena = Arena.ofConfined()) {
      long size = fuse_notify_inval_inode_out.sizeof();
      MemorySegment message = message(arena, KernelH.FUSE_NOTIFY_INVAL_INODE(), size);
      MemorySegment body = message.asSlice(HEADER, size);
      fuse_notify_inval_inode_out.ino(body, ino);
      fuse_notify_inval_inode_out.off(body, offset);
      fuse_notify_inval_inode_out.len(body, length);
      return send(arena, message);
    }
  }

  @Override
  public int invalidateEntry(long parent, byte[] name) {
    try (Arena arena = Arena.ofConfined()) {
      long size = fuse_notify_inval_entry_out.sizeof();
      MemorySegment message = message(arena, KernelH.FUSE_NOTIFY_INVAL_ENTRY(), size, name);
      MemorySegment body = message.asSlice(HEADER, size);
      fuse_notify_inval_entry_out.parent(body, parent);
      fuse_notify_inval_entry_out.namelen(body, name.length);
      return send(arena, message);
    }
  }

  @Override
  public int deleteEntry(long parent, long ino, byte[] name) {
    try (Arena arena = Arena.ofConfined()) {
      long size = fuse_notify_delete_out.sizeof();
      MemorySegment message = message(arena, KernelH.FUSE_NOTIFY_DELETE(), size, name);
      MemorySegment body = message.asSlice(HEADER, size);
      fuse_notify_delete_out.parent(body, parent);
      fuse_notify_delete_out.child(body, ino);
      fuse_notify_delete_out.namelen(body, name.length);
      return send(arena, message);
    }
  }

  @Override
  public int wakePoll(long pollHandle) {
    try (Arena arena = Arena.ofConfined()) {
      long size = fuse_notify_poll_wakeup_out.sizeof();
      MemorySegment message = message(arena, KernelH.FUSE_NOTIFY_POLL(), size);
      fuse_notify_poll_wakeup_out.kh(message.asSlice(HEADER, size), pollHandle);
      return send(arena, message);
    }
  }

  /** A message whose struct is followed by a name and its NUL. */
  private static MemorySegment message(Arena arena, int kind, long size, byte[] name) {
    MemorySegment message = message(arena, kind, size + name.length + 1);
    MemorySegment.copy(name, 0, message, JAVA_BYTE, HEADER + size, name.length);
    return message;
  }

  private static MemorySegment message(Arena arena, int kind, long size) {
    MemorySegment message = arena.allocate(HEADER + size, Long.BYTES);
    fuse_out_header.len(message, (int) message.byteSize());
    fuse_out_header.error(message, kind);
    return message;
  }

  private int send(Arena arena, MemorySegment message) {
    life.readLock().lock();
    try {
      return mounted
          ? channel.send(Libc.allocateErrno(arena), message.address(), message.byteSize())
          : Errno.ENODEV;
    } finally {
      life.readLock().unlock();
    }
  }
}
