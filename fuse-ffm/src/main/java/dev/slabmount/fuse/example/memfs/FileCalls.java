package dev.slabmount.fuse.example.memfs;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.OpenedFile;
import dev.slabmount.fuse.Request;
import org.jspecify.annotations.Nullable;

/**
 * Answers what is asked of the content of files. Each call takes the lock of its file and no other,
 * but for a copy from one file to another. Thread-safe.
 */
final class FileCalls {
  /** No request copies more, so that no worker is away for long. */
  private static final int COPY_BYTES_MAX = 1 << 24;

  private static final int KEEP_SIZE = 1; // FALLOC_FL_*, linux/falloc.h
  private static final int PUNCH_HOLE = 2;
  private static final int ZERO_RANGE = 0x10;
  private static final int SEEK_DATA = 3; // unistd.h
  private static final int SEEK_HOLE = 4;

  private final MemFsOptions options;
  private final WallClock clock;

  FileCalls(MemFsOptions options, WallClock clock) {
    this.options = options;
    this.clock = clock;
  }

  void open(Request request, @Nullable Node node, int flags) {
    if (node == null) {
      request.reply().error(Errno.ENOENT);
      return;
    }
    if ((flags & Mode.O_TRUNC) != 0) {
      long stamp = node.lock.writeLock();
      try {
        node.resize(0);
        if (request.killsPrivileges()) {
          node.dropPrivileges();
        }
        node.modifiedAt(clock.now());
      } finally {
        node.lock.unlockWrite(stamp);
      }
    }
    request.reply().opened(opened(request));
  }

  /** How the kernel should treat an open file. */
  OpenedFile opened(Request request) {
    return request
        .openedFile()
        .directIo(options.directIo)
        .keepCache(options.keepCache)
        .parallelDirectWrites(true);
  }

  /** The kernel leaves it to us and does not say, as it does for a write, who may keep them. */
  private void dropUnlessRoot(Request request, Node node) {
    if (options.killPrivileges && request.uid() != 0) {
      node.dropPrivileges();
    }
  }

  void read(Request request, @Nullable Node node, long offset, int length) {
    if (node == null || node.content == null) {
      request.reply().error(node == null ? Errno.ENOENT : Errno.EINVAL);
      return;
    }
    node.accessed(clock.now()); // before the answer, so that whoever has that sees it
    long stamp = node.lock.readLock();
    try {
      int count = Math.clamp(node.size - offset, 0, length);
      node.content.addTo(request.slices(), offset, count);
      request.reply().slices(request.slices());
    } finally {
      node.lock.unlockRead(stamp);
    }
  }

  void write(Request request, @Nullable Node node, long offset, int length) {
    if (node == null || node.content == null) {
      request.reply().error(node == null ? Errno.ENOENT : Errno.EINVAL);
      return;
    }
    if (offset > Content.MAX_BYTES - length) {
      request.reply().error(Errno.EFBIG);
      return;
    }
    int written;
    long stamp = node.lock.writeLock();
    try {
      written = node.content.write(offset, request.dataAddress(), length);
      if (written > 0) {
        node.size = Math.max(node.size, offset + written);
        if (request.killsPrivileges()) {
          node.dropPrivileges();
        }
        node.modifiedAt(clock.now());
      }
    } finally {
      node.lock.unlockWrite(stamp);
    }
    answerWritten(request, written, length);
  }

  private static void answerWritten(Request request, int written, int length) {
    if (written == 0 && length > 0) {
      request.reply().error(Errno.ENOSPC);
    } else {
      request.reply().written(written);
    }
  }

  void fallocate(Request request, @Nullable Node node, long offset, long length, int mode) {
    if (node == null || node.content == null) {
      request.reply().error(node == null ? Errno.ENOENT : Errno.EINVAL);
      return;
    }
    if (offset > Content.MAX_BYTES - length) {
      request.reply().error(Errno.EFBIG);
      return;
    }
    int refused;
    long stamp = node.lock.writeLock();
    try {
      refused = fallocate(node, node.content, offset, offset + length, mode);
      if (refused == 0) {
        dropUnlessRoot(request, node);
        node.modifiedAt(clock.now());
      }
    } finally {
      node.lock.unlockWrite(stamp);
    }
    request.reply().error(refused);
  }

  private static int fallocate(Node node, Content content, long offset, long end, int mode) {
    switch (mode) {
      case PUNCH_HOLE | KEEP_SIZE -> {
        content.punch(offset, end);
        return 0;
      }
      case 0, KEEP_SIZE, ZERO_RANGE, ZERO_RANGE | KEEP_SIZE -> {
        if (!content.allocate(offset, end)) {
          return Errno.ENOSPC;
        }
      }
      default -> {
        return Errno.EOPNOTSUPP;
      }
    }
    if ((mode & ZERO_RANGE) != 0) {
      content.zero(offset, end);
    }
    if ((mode & KEEP_SIZE) == 0) {
      node.size = Math.max(node.size, end);
    }
    return 0;
  }

  void seek(Request request, @Nullable Node node, long offset, int whence) {
    if (node == null || node.content == null || (whence != SEEK_DATA && whence != SEEK_HOLE)) {
      request.reply().error(node == null ? Errno.ENOENT : Errno.EINVAL);
      return;
    }
    long found;
    long size;
    long stamp = node.lock.readLock();
    try {
      size = node.size;
      found = node.content.seek(Math.max(0, offset), size, whence == SEEK_DATA);
    } finally {
      node.lock.unlockRead(stamp);
    }
    if (offset < 0 || offset >= size || (whence == SEEK_DATA && found >= size)) {
      request.reply().error(Errno.ENXIO);
    } else {
      request.reply().offset(found);
    }
  }

  void copy(
      Request request,
      @Nullable Node from,
      long fromOffset,
      @Nullable Node to,
      long offset,
      long length) {
    if (from == null || to == null || from.content == null || to.content == null) {
      request.reply().error(from == null || to == null ? Errno.ENOENT : Errno.EINVAL);
      return;
    }
    int atMost = (int) Math.min(length, COPY_BYTES_MAX);
    boolean overlaps = from == to && Math.abs(fromOffset - offset) < atMost;
    if (overlaps || offset > Content.MAX_BYTES - atMost) {
      request.reply().error(overlaps ? Errno.EINVAL : Errno.EFBIG);
      return;
    }
    from.accessed(clock.now());
    long first = 0;
    // By number, so that two copies in opposite directions do not wait for each other.
    if (from.ino < to.ino) {
      first = from.lock.readLock();
    }
    long second = to.lock.writeLock();
    if (from.ino > to.ino) {
      first = from.lock.readLock();
    }
    int wanted;
    int copied;
    try {
      wanted = Math.clamp(from.size - fromOffset, 0, atMost);
      copied = to.content.copyFrom(from.content, fromOffset, offset, wanted);
      if (copied > 0) {
        to.size = Math.max(to.size, offset + copied);
        dropUnlessRoot(request, to);
        to.modifiedAt(clock.now());
      }
    } finally {
      to.lock.unlockWrite(second);
      if (from != to) {
        from.lock.unlockRead(first);
      }
    }
    answerWritten(request, copied, wanted);
  }
}
