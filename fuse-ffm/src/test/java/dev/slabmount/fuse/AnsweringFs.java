package dev.slabmount.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slabmount.fuse.inode.LookupCounts;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * A filesystem that offers everything, digests all that it is told into one number, and answers in
 * a way that depends on that number alone: two runs over the same request do the same, unless one
 * of them was told something that is not in the request. Some answers it forgets, some it gives
 * twice, some requests it detaches first. It keeps books of its own on lookup counts.
 */
public final class AnsweringFs {
  private static final byte[] NAME = "name".getBytes(StandardCharsets.US_ASCII);

  private final Map<Long, Long> counts = new HashMap<>();
  private long digest;
  private long calls;
  private boolean answersOnce;

  /** Creates a filesystem that was told nothing. */
  public AnsweringFs() {}

  /** Begins a new digest, as if nothing had been told before. */
  public void beginDigest() {
    digest = 1;
  }

  /** Digest of everything told since it was begun. */
  public long digest() {
    return digest;
  }

  /** Gives every request one answer from now on; else some get none, and some two. */
  public AnsweringFs answeringOnce() {
    answersOnce = true;
    return this;
  }

  /** Operations called. */
  public long calls() {
    return calls;
  }

  /** Holds the books of the binding against those of the filesystem. */
  public void assertBalanced(LookupCounts books) {
    long total = 0;
    for (Map.Entry<Long, Long> each : counts.entrySet()) {
      assertEquals(each.getValue(), books.count(each.getKey()), "counts of " + each.getKey());
      total += each.getValue();
    }
    assertEquals(total, books.total(), "counts of what was never looked up");
  }

  /** The filesystem itself. */
  public FileSystem fileSystem() {
    return (FileSystem)
        Proxy.newProxyInstance(
            AnsweringFs.class.getClassLoader(),
            new Class<?>[] {FileSystem.class},
            (proxy, method, arguments) -> called(method, arguments));
  }

  private Object called(Method method, Object[] arguments) {
    switch (method.getName()) {
      case "hashCode" -> {
        return 1;
      }
      case "equals" -> {
        return false;
      }
      case "init", "destroy" -> {
        return null;
      }
      default -> calls++;
    }
    add(method.getName().hashCode());
    DirectoryBuffer listing = null;
    for (Object argument : arguments) {
      add(digestOf(argument));
      listing = argument instanceof DirectoryBuffer buffer ? buffer : listing;
    }
    if (arguments[0] instanceof Request request) {
      answer(method.getName(), (digest & 7) == 0 ? request.detach() : request, listing);
    } else if (method.getName().equals("forget")) {
      count((long) arguments[0], -(long) arguments[1]);
    }
    return null;
  }

  private void add(long value) {
    digest = (digest ^ value) * 0x9E37_79B9_7F4A_7C15L;
    digest ^= digest >>> 29;
  }

  private void count(long ino, long more) {
    if (ino != 0 && ino != FileSystem.ROOT && (more > 0 || counts.containsKey(ino))) {
      counts.merge(ino, more, (had, change) -> Math.max(0, had + change));
      counts.remove(ino, 0L);
    }
  }

  private static long digestOf(Object argument) {
    return switch (argument) {
      case Request r -> digestOf(r);
      case Name n -> n.toString().hashCode() * 31L + n.length();
      case AttributeChanges c ->
          c.valid()
              + 31L * c.mode()
              + 37L * c.uid()
              + 41L * c.gid()
              + 43 * c.size()
              + 47 * c.accessSeconds()
              + 53L * c.accessNanos()
              + 59 * c.modifySeconds()
              + 61L * c.modifyNanos()
              + 67 * c.changeSeconds()
              + 71L * c.changeNanos();
      case MemorySegment data -> digestOf(data);
      case FileLock l -> l.type() + 31 * l.start() + 37 * l.end() + 41L * l.pid() + l.owner();
      case DirectoryBuffer b -> 1;
      default -> argument.hashCode();
    };
  }

  private static long digestOf(Request r) {
    long sum =
        r.unique()
            + 31L * r.uid()
            + 37L * r.gid()
            + 41L * r.pid()
            + 43L * r.umask()
            + 47L * r.openFlags()
            + 53 * r.lockOwner()
            + 59L * r.dataLength()
            + 61L * r.pollEvents()
            + (r.killsPrivileges() ? 67 : 0)
            + (r.fromPageCache() ? 71 : 0)
            + (r.dropsLocks() ? 73 : 0);
    return sum + digestOf(r.data());
  }

  private static long digestOf(MemorySegment data) {
    long sum = data.byteSize();
    for (long at = 0; at < data.byteSize(); at++) {
      sum = 31 * sum + data.get(ValueLayout.JAVA_BYTE, at);
    }
    return sum;
  }

  /** Half seconds, which a floating-point number of seconds can say exactly. */
  private long timeout() {
    return (digest & 0xFF) * 500_000_000;
  }

  private void answer(String method, Request r, DirectoryBuffer listing) {
    Replies reply = r.reply();
    int kind = (int) (digest >>> 8) & 15;
    if (kind == 0) {
      reply.error(Errno.EIO);
      return;
    }
    if (kind == 1 && (digest & 7) != 0 && !answersOnce) {
      return; // forgets to answer
    }
    r.attributes().ino(5).size(digest);
    r.entry().ino(digest & 0xFF).generation(digest >>> 7).attributes().ino(5);
    r.entry().entryTimeoutNanos(timeout()).attributesTimeoutNanos(timeout() * 3);
    r.openedFile().directIo((digest & 16) != 0).nonseekable((digest & 32) != 0);
    switch (method) {
      case "lookup", "mknod", "mkdir", "symlink", "link" ->
          count(r.entry().ino(), reply.entry(r.entry()) ? 1 : 0);
      case "getattr", "setattr" -> reply.attributes(r.attributes(), timeout());
      case "statx" -> reply.statx(r.attributes(), (int) digest, timeout());
      case "create", "tmpfile" ->
          count(r.entry().ino(), reply.created(r.entry(), r.openedFile().fh(digest >>> 1)) ? 1 : 0);
      case "open", "opendir" -> reply.opened(r.openedFile().fh(digest >>> 1).keepCache(true));
      case "readlink" -> reply.target(NAME, 0, kind & 3);
      case "read", "getxattr", "listxattr" -> reply.data(NAME, 0, kind & 3);
      case "readdir" -> {
        listing.add(NAME, 0, 4, 7, 0100644, 1);
        reply.directory(listing);
      }
      case "readdirplus" -> {
        boolean listed = listing.addPlus(NAME, 0, 4, r.entry(), 1);
        count(r.entry().ino(), reply.directory(listing) && listed ? 1 : 0);
      }
      case "write", "copyFileRange" -> reply.written(kind);
      case "statfs" -> reply.figures(r.figures().blocks(digest).blocksAvailable(digest >>> 9));
      case "getlk" -> reply.lock(new FileLock().type(kind & 1).start(kind).end(kind + 9L).pid(7));
      case "lseek" -> reply.offset(digest);
      case "bmap" -> reply.mappedBlock(digest);
      case "ioctl" -> reply.ioctl(kind, 0, 0);
      case "poll" -> reply.polled(kind);
      default -> reply.ok();
    }
    if (kind == 2 && !answersOnce) {
      reply.ok(); // a second answer
    }
  }
}
