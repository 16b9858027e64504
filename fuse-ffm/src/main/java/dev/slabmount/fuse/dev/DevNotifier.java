package dev.slabmount.fuse.dev;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Notifier;
import dev.slabmount.fuse.session.NotifierData;
import dev.slabmount.nativebindings.Libc;
import dev.slabmount.nativebindings.kernel.KernelH;
import dev.slabmount.nativebindings.kernel.fuse_notify_delete_out;
import dev.slabmount.nativebindings.kernel.fuse_notify_inval_entry_out;
import dev.slabmount.nativebindings.kernel.fuse_notify_inval_inode_out;
import dev.slabmount.nativebindings.kernel.fuse_notify_poll_wakeup_out;
import dev.slabmount.nativebindings.kernel.fuse_notify_retrieve_out;
import dev.slabmount.nativebindings.kernel.fuse_notify_store_out;
import dev.slabmount.nativebindings.kernel.fuse_out_header;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Sends notifications: answers to request number 0, with the kind of notification where an answer
 * has its error. The read lock keeps the descriptor open while one is being sent; {@link #end}
 * takes the write lock once, before it is closed.
 */
final class DevNotifier implements Notifier {
  private static final long HEADER = fuse_out_header.sizeof();

  // Younger than the header that the bindings are made from. Source: enum fuse_notify_code and
  // struct fuse_notify_prune_out (count u32 | padding u32 | spare u64 | count inodes) in Linux
  // 6.18's include/uapi/linux/fuse.h.
  private static final int INCREMENT_EPOCH = 8;
  private static final int INCREMENT_EPOCH_MINOR = 44; // Linux 6.16
  private static final int PRUNE = 9;
  private static final int PRUNE_MINOR = 45; // Linux 6.18
  private static final long PRUNE_BYTES = 16;

  private final Channel channel;
  private final ReadWriteLock life = new ReentrantReadWriteLock();
  private final boolean asks;
  private final AtomicLong questions = new AtomicLong();
  private final Map<Long, Long> asked = new ConcurrentHashMap<>();
  private volatile boolean expires;
  private volatile int kernelMinor;
  private boolean mounted;

  /**
   * Creates a notifier that does not send yet.
   *
   * @param asks whether somebody wants to hear answers to {@link #retrieve}
   */
  DevNotifier(Channel channel, boolean asks) {
    this.channel = channel;
    this.asks = asks;
  }

  /**
   * What INIT says of the kernel.
   *
   * @param minor of its protocol
   * @param expiresEntries whether it knows how to expire an entry
   */
  void kernelIs(int minor, boolean expiresEntries) {
    kernelMinor = minor;
    expires = expiresEntries;
  }

  /** The cookie of the question that was sent under this number, once; null if there is none. */
  @Nullable Long answered(long unique) {
    return asked.remove(unique);
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
    return entry(parent, name, 0);
  }

  @Override
  public int expireEntry(long parent, byte[] name) {
    return expires ? entry(parent, name, KernelH.FUSE_EXPIRE_ONLY()) : Errno.ENOSYS;
  }

  @Override
  public int expireAllEntries() {
    if (kernelMinor < INCREMENT_EPOCH_MINOR) {
      return Errno.ENOSYS;
    }
    try (Arena arena = Arena.ofConfined()) {
      return send(arena, message(arena, INCREMENT_EPOCH, 0));
    }
  }

  @Override
  public int prune(long... inos) {
    NotifierData.require(inos);
    if (kernelMinor < PRUNE_MINOR) {
      return Errno.ENOSYS;
    }
    try (Arena arena = Arena.ofConfined()) {
      long size = PRUNE_BYTES + (long) inos.length * Long.BYTES;
      MemorySegment message = message(arena, PRUNE, size);
      message.set(JAVA_INT, HEADER, inos.length);
      MemorySegment.copy(inos, 0, message, JAVA_LONG, HEADER + PRUNE_BYTES, inos.length);
      return send(arena, message);
    }
  }

  private int entry(long parent, byte[] name, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      long size = fuse_notify_inval_entry_out.sizeof();
      MemorySegment message = message(arena, KernelH.FUSE_NOTIFY_INVAL_ENTRY(), size, name);
      MemorySegment body = message.asSlice(HEADER, size);
      fuse_notify_inval_entry_out.parent(body, parent);
      fuse_notify_inval_entry_out.namelen(body, name.length);
      fuse_notify_inval_entry_out.flags(body, flags);
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
  public int store(long ino, long offset, MemorySegment data) {
    NotifierData.require(data);
    try (Arena arena = Arena.ofConfined()) {
      long size = fuse_notify_store_out.sizeof();
      MemorySegment message = message(arena, KernelH.FUSE_NOTIFY_STORE(), size + data.byteSize());
      MemorySegment body = message.asSlice(HEADER, size);
      fuse_notify_store_out.nodeid(body, ino);
      fuse_notify_store_out.offset(body, offset);
      fuse_notify_store_out.size(body, (int) data.byteSize());
      MemorySegment.copy(data, 0, message, HEADER + size, data.byteSize());
      return send(arena, message);
    }
  }

  @Override
  public int retrieve(long ino, long offset, int length, long cookie) {
    if (!asks) {
      return Errno.ENOSYS;
    }
    long number = questions.incrementAndGet();
    asked.put(number, cookie);
    try (Arena arena = Arena.ofConfined()) {
      long size = fuse_notify_retrieve_out.sizeof();
      MemorySegment message = message(arena, KernelH.FUSE_NOTIFY_RETRIEVE(), size);
      MemorySegment body = message.asSlice(HEADER, size);
      fuse_notify_retrieve_out.notify_unique(body, number);
      fuse_notify_retrieve_out.nodeid(body, ino);
      fuse_notify_retrieve_out.offset(body, offset);
      fuse_notify_retrieve_out.size(body, length);
      int errno = send(arena, message);
      if (errno != 0) {
        asked.remove(number);
      }
      return errno;
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
