package dev.slabmount.fuse.mount;

import dev.slabmount.fuse.Attributes;
import dev.slabmount.fuse.DirectoryBuffer;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.FileLock;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Request;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** The rest of {@link TreeFs}: open files, listings, extended attributes, locks. */
class RecordingFs extends TreeFs {
  boolean directIo;

  /** The last poll handle that the kernel sent, 0 if none. */
  volatile long pollHandle;

  private final AtomicLong nextHandle = new AtomicLong(1000);

  private static String data(Request r) {
    return new String(r.data().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
  }

  @Override
  public void open(Request r, long ino, int flags) {
    long fh = nextHandle.getAndIncrement();
    record(r, "open %d %o -> %d".formatted(ino, flags, fh));
    r.reply().opened(r.openedFile().fh(fh).directIo(directIo));
  }

  @Override
  public void read(Request r, long ino, long fh, long offset, int length) {
    record(r, "read %d %d %d %d".formatted(ino, fh, offset, length));
    byte[] content = nodes.get(ino).content;
    int from = (int) Math.min(offset, content.length);
    r.reply().data(content, from, Math.min(length, content.length - from));
  }

  @Override
  public synchronized void write(Request r, long ino, long fh, long offset, int length) {
    String how = (r.fromPageCache() ? " cached" : "") + (r.killsPrivileges() ? " kills" : "");
    record(r, "write %d %d %d %s%s".formatted(ino, fh, offset, data(r), how));
    Node node = nodes.get(ino);
    int end = (int) offset + length;
    if (end > node.content.length) {
      node.content = Arrays.copyOf(node.content, end);
    }
    System.arraycopy(bytes(data(r)), 0, node.content, (int) offset, length);
    r.reply().written(length);
  }

  @Override
  public void flush(Request r, long ino, long fh) {
    record(r, "flush " + ino + " " + fh);
    r.reply().ok();
  }

  @Override
  public void release(Request r, long ino, long fh) {
    record(r, "release " + ino + " " + fh + (r.dropsLocks() ? " drops locks" : ""));
    r.reply().ok();
  }

  @Override
  public void fsync(Request r, long ino, long fh, boolean dataOnly) {
    record(r, "fsync %d %d %s".formatted(ino, fh, dataOnly));
    r.reply().ok();
  }

  @Override
  public void opendir(Request r, long ino, int flags) {
    long fh = nextHandle.getAndIncrement();
    record(r, "opendir %d %o -> %d".formatted(ino, flags, fh));
    r.reply().opened(r.openedFile().fh(fh));
  }

  /** Cookies are far apart and larger than 32 bits, as those of a real directory may be. */
  static long cookieOf(int index) {
    return index * 0x1_0000_0003L;
  }

  private static int index(long cookie) {
    if (cookie % 0x1_0000_0003L != 0) {
      throw new IllegalArgumentException("no cookie of ours: " + cookie);
    }
    return (int) (cookie / 0x1_0000_0003L);
  }

  @Override
  public synchronized void readdir(Request r, long ino, long fh, long offset, DirectoryBuffer to) {
    record(r, "readdir %d %d %d".formatted(ino, fh, offset));
    List<Map.Entry<String, Long>> entries = new ArrayList<>(nodes.get(ino).children.entrySet());
    for (int i = index(offset); i < entries.size(); i++) {
      byte[] name = bytes(entries.get(i).getKey());
      long child = entries.get(i).getValue();
      if (!to.add(name, 0, name.length, child, nodes.get(child).mode, cookieOf(i + 1))) {
        break;
      }
    }
    r.reply().directory(to);
  }

  @Override
  public synchronized void readdirplus(
      Request r, long ino, long fh, long offset, DirectoryBuffer to) {
    record(r, "readdirplus %d %d %d".formatted(ino, fh, offset));
    List<Map.Entry<String, Long>> entries = new ArrayList<>(nodes.get(ino).children.entrySet());
    for (int i = index(offset); i < entries.size(); i++) {
      byte[] name = bytes(entries.get(i).getKey());
      fill(r.entry().clear(), entries.get(i).getValue());
      if (!to.addPlus(name, 0, name.length, r.entry(), cookieOf(i + 1))) {
        break;
      }
    }
    r.reply().directory(to);
  }

  @Override
  public void releasedir(Request r, long ino, long fh) {
    record(r, "releasedir " + ino + " " + fh);
    r.reply().ok();
  }

  @Override
  public void fsyncdir(Request r, long ino, long fh, boolean dataOnly) {
    record(r, "fsyncdir %d %d %s".formatted(ino, fh, dataOnly));
    r.reply().ok();
  }

  @Override
  public void statfs(Request r, long ino) {
    record(r, "statfs " + ino);
    r.reply()
        .figures(
            r.figures()
                .blockSize(4096)
                .ioSize(65536)
                .blocks(1L << 40)
                .blocksFree(1L << 39)
                .blocksAvailable(1L << 38)
                .files(7_000_000_000L)
                .filesFree(6_000_000_000L)
                .nameLengthMax(251));
  }

  @Override
  public void setxattr(Request r, long ino, Name name, int flags) {
    String how = r.killsPrivileges() ? " kills" : "";
    record(r, "setxattr %d %s %d %s%s".formatted(ino, text(name), flags, data(r), how));
    nodes.get(ino).attributes.put(text(name), bytes(data(r)));
    r.reply().ok();
  }

  @Override
  public void getxattr(Request r, long ino, Name name, int size) {
    record(r, "getxattr %d %s %d".formatted(ino, text(name), size));
    byte[] value = nodes.get(ino).attributes.get(text(name));
    if (value == null) {
      r.reply().error(Errno.ENODATA);
    } else {
      answerValue(r, value, size);
    }
  }

  @Override
  public void listxattr(Request r, long ino, int size) {
    record(r, "listxattr %d %d".formatted(ino, size));
    StringBuilder names = new StringBuilder();
    nodes.get(ino).attributes.keySet().forEach(name -> names.append(name).append('\0'));
    answerValue(r, bytes(names.toString()), size);
  }

  private static void answerValue(Request r, byte[] value, int size) {
    if (size == 0) {
      r.reply().valueSize(value.length);
    } else if (size < value.length) {
      r.reply().error(Errno.ERANGE);
    } else {
      r.reply().data(value, 0, value.length);
    }
  }

  @Override
  public void removexattr(Request r, long ino, Name name) {
    record(r, "removexattr %d %s".formatted(ino, text(name)));
    r.reply().error(nodes.get(ino).attributes.remove(text(name)) == null ? Errno.ENODATA : 0);
  }

  @Override
  public void access(Request r, long ino, int mask) {
    record(r, "access %d %d".formatted(ino, mask));
    r.reply().error((mask & 2) == 0 ? 0 : Errno.EACCES);
  }

  @Override
  public void create(Request r, long parent, Name name, int mode, int flags) {
    long fh = nextHandle.getAndIncrement();
    record(r, "create %d %s %o %o -> %d".formatted(parent, text(name), mode, flags, fh));
    long ino = add(parent, text(name), mode, new byte[0]);
    r.reply().created(fill(r.entry(), ino), r.openedFile().fh(fh).directIo(directIo));
  }

  private static String show(FileLock lock) {
    return "%d %d-%d %s"
        .formatted(lock.type(), lock.start(), lock.end(), lock.owner() == 0 ? "unowned" : "owned");
  }

  @Override
  public void getlk(Request r, long ino, long fh, FileLock lock) {
    record(r, "getlk %d %d %s".formatted(ino, fh, show(lock)));
    r.reply().lock(lock.type(0).start(100).end(199).pid((int) ProcessHandle.current().pid()));
  }

  @Override
  public void setlk(Request r, long ino, long fh, FileLock lock, boolean wait) {
    record(r, "setlk %d %d %s %s".formatted(ino, fh, show(lock), wait));
    r.reply().ok();
  }

  @Override
  public void flock(Request r, long ino, long fh, int operation) {
    record(r, "flock %d %d %d".formatted(ino, fh, operation));
    r.reply().ok();
  }

  @Override
  public void ioctl(
      Request r, long ino, long fh, int command, long argument, int flags, int outputLength) {
    record(
        r,
        "ioctl %d %d %x %s %d %s %d"
            .formatted(ino, fh, command, argument != 0, flags, data(r), outputLength));
    MemorySegment answer = r.data();
    r.reply().ioctl(5, answer.address(), (int) answer.byteSize());
  }

  @Override
  public void poll(Request r, long ino, long fh, long handle) {
    record(r, "poll %d %d %s %d".formatted(ino, fh, handle != 0, r.pollEvents()));
    boolean ready = nodes.get(ino).content.length > 0;
    if (handle != 0) {
      pollHandle = handle;
    }
    r.reply().polled(ready ? 1 : 0);
  }

  @Override
  public synchronized void fallocate(
      Request r, long ino, long fh, long offset, long length, int mode) {
    record(r, "fallocate %d %d %d %d %d".formatted(ino, fh, offset, length, mode));
    r.reply().ok();
  }

  @Override
  public synchronized void copyFileRange(
      Request r,
      long ino,
      long fh,
      long offset,
      long toIno,
      long toFh,
      long toOffset,
      long length,
      int flags) {
    record(
        r,
        "copyFileRange %d %d %d %d %d %d %d %d"
            .formatted(ino, fh, offset, toIno, toFh, toOffset, length, flags));
    byte[] from = nodes.get(ino).content;
    int count = (int) Math.min(length, from.length - offset);
    Node to = nodes.get(toIno);
    to.content = Arrays.copyOf(to.content, Math.max(to.content.length, (int) toOffset + count));
    System.arraycopy(from, (int) offset, to.content, (int) toOffset, count);
    r.reply().written(count);
  }

  @Override
  public void tmpfile(Request r, long parent, int mode, int flags) {
    long fh = nextHandle.getAndIncrement();
    record(r, "tmpfile %d %o %o -> %d".formatted(parent, mode, flags, fh));
    long ino = add(parent, "", mode, new byte[0]);
    nodes.get(parent).children.remove("");
    nodes.get(ino).links = 0;
    r.reply().created(fill(r.entry(), ino), r.openedFile().fh(fh));
  }

  @Override
  public synchronized void statx(Request r, long ino, long fh, int flags, int mask) {
    record(r, "statx %d %d %x %x".formatted(ino, fh, flags, mask));
    Attributes a = fill(r.entry(), ino).attributes().birthSeconds(TIME - 1).birthNanos(77);
    r.reply().statx(a, 0xfff, 0);
  }

  @Override
  public void retrieveReply(long ino, long cookie, long offset, MemorySegment data) {
    String text = new String(data.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    calls.add(
        new Call(
            "retrieveReply %d %d %d %s".formatted(ino, cookie, offset, text), 0, 0, 0, 0, 0, 0));
  }

  /** Every file has data up to byte 1000 and a hole from there to 2000, where data goes on. */
  @Override
  public void lseek(Request r, long ino, long fh, long offset, int whence) {
    record(r, "lseek %d %d %d %d".formatted(ino, fh, offset, whence));
    boolean data = whence == 3;
    if (offset >= 3000) {
      r.reply().error(Errno.ENXIO);
    } else if (offset < 1000) {
      r.reply().offset(data ? offset : 1000);
    } else if (offset < 2000) {
      r.reply().offset(data ? 2000 : offset);
    } else {
      r.reply().offset(data ? offset : 3000);
    }
  }
}
