package dev.slabmount.fuse.libfuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.Notifier;
import dev.slabmount.nativebindings.LibfuseAbi;
import dev.slabmount.nativebindings.libfuse3.fuse_conn_info;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;

/**
 * What libfuse and the kernel agree on: a {@code struct fuse_conn_info} during init.
 *
 * <p>The worker that receives INIT fills it in and completes {@link #whenAgreed}; the thread that
 * mounts waits for that.
 */
final class LibfuseConnection implements Connection {
  private static final long PROTO_MAJOR = fuse_conn_info.proto_major$offset();
  private static final long PROTO_MINOR = fuse_conn_info.proto_minor$offset();
  private static final long CAPABLE = fuse_conn_info.capable$offset();
  private static final long WANT = fuse_conn_info.want$offset();
  private static final long MAX_READ = fuse_conn_info.max_read$offset();
  private static final long MAX_BACKGROUND = fuse_conn_info.max_background$offset();
  private static final long MAX_READAHEAD = fuse_conn_info.max_readahead$offset();
  private static final int DEFAULT_MAX_BACKGROUND = 256;
  private static final int MAJOR_FACTOR = 1000;

  private final Notifier notifier;
  private final CompletableFuture<String> agreed = new CompletableFuture<>();
  private MemorySegment info = MemorySegment.NULL;
  private int maxRead;

  LibfuseConnection(Notifier notifier) {
    this.notifier = notifier;
  }

  /**
   * The mount option {@code max_read} in bytes, which libfuse wants to hear a second time in init,
   * or it refuses the mount.
   */
  void maxRead(int bytes) {
    maxRead = bytes;
  }

  /** Completed with a line that says what was agreed, or with what init threw. */
  CompletableFuture<String> whenAgreed() {
    return agreed;
  }

  /** Init begins with this {@code struct fuse_conn_info}, valid until init returns. */
  @SuppressWarnings("restricted") // libfuse passes a struct of a known size by address
  void begin(long conn) {
    info = MemorySegment.ofAddress(conn).reinterpret(LibfuseAbi.CONN_INFO_BYTES);
    // The kernel's own default of 12 lets a dozen stuck read-aheads block all others.
    maxBackground(DEFAULT_MAX_BACKGROUND);
    info.set(JAVA_INT, MAX_READ, maxRead);
  }

  /** Init is over. */
  void agreed() {
    String line =
        "protocol %d.%d, features %s, %d background requests"
            .formatted(
                info.get(JAVA_INT, PROTO_MAJOR),
                info.get(JAVA_INT, PROTO_MINOR),
                wanted(),
                info.get(JAVA_INT, MAX_BACKGROUND));
    info = MemorySegment.NULL;
    agreed.complete(line);
  }

  /** Init threw. */
  void failed(Throwable thrown) {
    agreed.completeExceptionally(thrown);
  }

  @Override
  public int protocolVersion() {
    return info.get(JAVA_INT, PROTO_MAJOR) * MAJOR_FACTOR + info.get(JAVA_INT, PROTO_MINOR);
  }

  @Override
  public boolean offers(Feature feature) {
    return (info.get(JAVA_INT, CAPABLE) & feature.bit()) != 0;
  }

  @Override
  public boolean wants(Feature feature) {
    return (info.get(JAVA_INT, WANT) & feature.bit()) != 0;
  }

  @Override
  public boolean enable(Feature feature) {
    if (!offers(feature)) {
      return false;
    }
    info.set(JAVA_INT, WANT, info.get(JAVA_INT, WANT) | feature.bit());
    return true;
  }

  @Override
  public void disable(Feature feature) {
    info.set(JAVA_INT, WANT, info.get(JAVA_INT, WANT) & ~feature.bit());
  }

  @Override
  public void maxBackground(int requests) {
    if (requests < 1) {
      throw new IllegalArgumentException("at least 1 background request, not " + requests);
    }
    info.set(JAVA_INT, MAX_BACKGROUND, requests);
  }

  @Override
  public void maxReadahead(int bytes) {
    info.set(JAVA_INT, MAX_READAHEAD, Math.min(bytes, info.get(JAVA_INT, MAX_READAHEAD)));
  }

  @Override
  public Notifier notifier() {
    return notifier;
  }

  private String wanted() {
    StringBuilder names = new StringBuilder();
    for (Feature feature : Feature.values()) {
      if (wants(feature)) {
        names.append(names.isEmpty() ? "" : ",").append(feature.name());
      }
    }
    return names.isEmpty() ? "none" : names.toString();
  }
}
