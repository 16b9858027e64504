package dev.slabmount.fuse.libfuse;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Notifier;
import dev.slabmount.fuse.session.NotifierData;
import dev.slabmount.nativebindings.LibfuseAbi;
import dev.slabmount.nativebindings.LibfuseNewerCalls;
import dev.slabmount.nativebindings.libfuse3.LibfuseH;
import dev.slabmount.nativebindings.libfuse3.fuse_buf;
import dev.slabmount.nativebindings.libfuse3.fuse_bufvec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Sends notifications through libfuse. The read lock keeps the session alive while one is being
 * sent; {@link #end} takes the write lock once, before the session is destroyed.
 */
final class LibfuseNotifier implements Notifier {
  private final ReadWriteLock life = new ReentrantReadWriteLock();
  private final boolean asks;
  private MemorySegment session = MemorySegment.NULL;

  /**
   * Creates a notifier without a session.
   *
   * @param asks whether somebody wants to hear answers to {@link #retrieve}
   */
  LibfuseNotifier(boolean asks) {
    this.asks = asks;
  }

  /** Notifications go to this session from now on. */
  void begin(long sessionAddress) {
    life.writeLock().lock();
    try {
      session = MemorySegment.ofAddress(sessionAddress);
    } finally {
      life.writeLock().unlock();
    }
  }

  /** No notification is sent any more when this returns; later ones answer ENODEV. */
  void end() {
    begin(0);
  }

  @Override
  public int invalidateInode(long ino, long offset, long length) {
    life.readLock().lock();
    try {
      return session.address() == 0
          ? Errno.ENODEV
          : -LibfuseH.fuse_lowlevel_notify_inval_inode(session, ino, offset, length);
    } finally {
      life.readLock().unlock();
    }
  }

  @Override
  public int invalidateEntry(long parent, byte[] name) {
    life.readLock().lock();
    try (Arena arena = Arena.ofConfined()) {
      return session.address() == 0
          ? Errno.ENODEV
          : -LibfuseH.fuse_lowlevel_notify_inval_entry(
              session, parent, cString(arena, name), name.length);
    } finally {
      life.readLock().unlock();
    }
  }

  @Override
  public int expireEntry(long parent, byte[] name) {
    life.readLock().lock();
    try (Arena arena = Arena.ofConfined()) {
      return session.address() == 0
          ? Errno.ENODEV
          : -LibfuseNewerCalls.notifyExpireEntry(
              session.address(), parent, cString(arena, name).address(), name.length);
    } finally {
      life.readLock().unlock();
    }
  }

  @Override
  public int expireAllEntries() {
    life.readLock().lock();
    try {
      return session.address() == 0
          ? Errno.ENODEV
          : -LibfuseNewerCalls.notifyIncrementEpoch(session.address());
    } finally {
      life.readLock().unlock();
    }
  }

  /** No release of libfuse has it. */
  @Override
  public int prune(long... inos) {
    NotifierData.require(inos);
    return Errno.ENOSYS;
  }

  @Override
  public int store(long ino, long offset, MemorySegment data) {
    NotifierData.require(data);
    life.readLock().lock();
    try (Arena arena = Arena.ofConfined()) {
      if (session.address() == 0) {
        return Errno.ENODEV;
      }
      MemorySegment vector =
          arena.allocate(fuse_bufvec.buf$offset() + LibfuseAbi.LARGEST_BUF_BYTES, Long.BYTES);
      fuse_bufvec.count(vector, 1);
      MemorySegment only = vector.asSlice(fuse_bufvec.buf$offset());
      only.set(JAVA_LONG, fuse_buf.size$offset(), data.byteSize());
      only.set(JAVA_LONG, fuse_buf.mem$offset(), data.address());
      return -LibfuseH.fuse_lowlevel_notify_store(session, ino, offset, vector, 0);
    } finally {
      life.readLock().unlock();
    }
  }

  @Override
  public int retrieve(long ino, long offset, int length, long cookie) {
    if (!asks) {
      return Errno.ENOSYS;
    }
    life.readLock().lock();
    try {
      return session.address() == 0
          ? Errno.ENODEV
          : -LibfuseH.fuse_lowlevel_notify_retrieve(
              session, ino, length, offset, MemorySegment.ofAddress(cookie));
    } finally {
      life.readLock().unlock();
    }
  }

  @Override
  public int deleteEntry(long parent, long ino, byte[] name) {
    life.readLock().lock();
    try (Arena arena = Arena.ofConfined()) {
      return session.address() == 0
          ? Errno.ENODEV
          : -LibfuseH.fuse_lowlevel_notify_delete(
              session, parent, ino, cString(arena, name), name.length);
    } finally {
      life.readLock().unlock();
    }
  }

  @Override
  public int wakePoll(long pollHandle) {
    life.readLock().lock();
    try {
      MemorySegment handle = MemorySegment.ofAddress(pollHandle);
      int result =
          session.address() == 0 ? -Errno.ENODEV : LibfuseH.fuse_lowlevel_notify_poll(handle);
      LibfuseH.fuse_pollhandle_destroy(handle);
      return -result;
    } finally {
      life.readLock().unlock();
    }
  }

  private static MemorySegment cString(Arena arena, byte[] name) {
    MemorySegment copy = arena.allocate(name.length + 1L);
    MemorySegment.copy(name, 0, copy, JAVA_BYTE, 0, name.length);
    return copy;
  }
}
