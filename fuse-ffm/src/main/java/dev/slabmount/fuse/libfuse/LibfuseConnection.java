package dev.slabmount.fuse.libfuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.Notifier;
import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.fuse.session.Negotiation;
import dev.slabmount.nativebindings.LibfuseAbi;
import dev.slabmount.nativebindings.LibfuseVersion;
import dev.slabmount.nativebindings.LowlevelOperation;
import dev.slabmount.nativebindings.libfuse3.fuse_conn_info;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/** What libfuse and the kernel agree on: a {@code struct fuse_conn_info} during init. */
final class LibfuseConnection extends Negotiation {
  private static final long PROTO_MAJOR = fuse_conn_info.proto_major$offset();
  private static final long PROTO_MINOR = fuse_conn_info.proto_minor$offset();
  private static final long CAPABLE = fuse_conn_info.capable$offset();
  private static final long WANT = fuse_conn_info.want$offset();
  private static final long MAX_READ = fuse_conn_info.max_read$offset();
  private static final long MAX_BACKGROUND = fuse_conn_info.max_background$offset();
  private static final long MAX_READAHEAD = fuse_conn_info.max_readahead$offset();
  private static final long MAX_WRITE = fuse_conn_info.max_write$offset();
  private static final int MAJOR_FACTOR = 1000;
  private static final int MAX_PAGES_PROTOCOL = 7028;
  private static final int SMALL_REQUEST_PAGES = 32; // the kernel's, without MAX_PAGES

  private final LibfuseVersion version;
  private final LibfuseAbi abi;
  private final Set<Operation> offered;
  private final int pageBytes;
  private MemorySegment info = MemorySegment.NULL;
  private int maxRead;
  private int largestWrite;
  private volatile int agreedBits;

  /**
   * Creates a connection.
   *
   * @param pageBytes the kernel's page size
   */
  LibfuseConnection(
      LibfuseVersion version, Set<Operation> offered, Notifier notifier, int pageBytes) {
    super(offered, notifier);
    this.version = version;
    this.offered = offered;
    this.pageBytes = pageBytes;
    abi = LibfuseAbi.of(version).orElseThrow();
  }

  /**
   * The mount option {@code max_read} in bytes, which libfuse wants to hear a second time in init,
   * or it refuses the mount.
   */
  void maxRead(int bytes) {
    maxRead = bytes;
  }

  /** Init begins with this {@code struct fuse_conn_info}, valid until init returns. */
  @SuppressWarnings("restricted") // libfuse passes a struct of a known size by address
  void begin(long conn) {
    begin(MemorySegment.ofAddress(conn).reinterpret(LibfuseAbi.CONN_INFO_BYTES));
  }

  void begin(MemorySegment conn) {
    info = conn;
    maxBackground(DEFAULT_MAX_BACKGROUND);
    info.set(JAVA_INT, MAX_READ, maxRead);
    largestWrite = info.get(JAVA_INT, MAX_WRITE);
    wantDefaults();
    for (Operation operation : offered) {
      if (!abi.has(LowlevelOperation.valueOf(operation.name()))) {
        notKnown(operation.name(), library());
      }
    }
  }

  /** Init is over. */
  void agreed() {
    String protocol =
        "protocol %d.%d"
            .formatted(info.get(JAVA_INT, PROTO_MAJOR), info.get(JAVA_INT, PROTO_MINOR));
    agreedBits = info.get(JAVA_INT, WANT);
    agree(protocol, info.get(JAVA_INT, MAX_BACKGROUND));
    info = MemorySegment.NULL;
  }

  /** Whether a feature that libfuse has a number for was agreed. Any thread, after init. */
  boolean hasAgreed(Feature feature) {
    return (agreedBits & feature.libfuseBit()) != 0;
  }

  @Override
  public int protocolVersion() {
    return info.get(JAVA_INT, PROTO_MAJOR) * MAJOR_FACTOR + info.get(JAVA_INT, PROTO_MINOR);
  }

  @Override
  public boolean offers(Feature feature) {
    return switch (feature) {
      case BIG_WRITES -> true;
      case MAX_PAGES -> protocolVersion() >= MAX_PAGES_PROTOCOL;
      default -> whoLacks(feature).isEmpty() && has(CAPABLE, feature);
    };
  }

  @Override
  public boolean wants(Feature feature) {
    return switch (feature) {
      case BIG_WRITES -> true;
      case MAX_PAGES -> offers(feature) && info.get(JAVA_INT, MAX_WRITE) == largestWrite;
      default -> whoLacks(feature).isEmpty() && has(WANT, feature);
    };
  }

  private boolean has(long field, Feature feature) {
    return (info.get(JAVA_INT, field) & feature.libfuseBit()) != 0;
  }

  /** libfuse asks for as many pages as the largest write has. */
  @Override
  protected void want(Feature feature, boolean wanted) {
    if (feature == Feature.MAX_PAGES) {
      info.set(JAVA_INT, MAX_WRITE, wanted ? largestWrite : SMALL_REQUEST_PAGES * pageBytes);
    } else if (!wanted || whoLacks(feature).isEmpty()) {
      int others = info.get(JAVA_INT, WANT) & ~feature.libfuseBit();
      info.set(JAVA_INT, WANT, wanted ? others | feature.libfuseBit() : others);
    }
  }

  @Override
  protected String whoLacks(Feature feature) {
    return version.minor() < feature.libfuseMinor() ? library() : "";
  }

  @Override
  protected String whoInsists(Feature feature) {
    return feature == Feature.BIG_WRITES ? "libfuse" : "";
  }

  private String library() {
    return "libfuse " + version.major() + "." + version.minor();
  }

  @Override
  public void maxBackground(int requests) {
    info.set(JAVA_INT, MAX_BACKGROUND, backgroundRequests(requests));
  }

  @Override
  public void maxReadahead(int bytes) {
    info.set(JAVA_INT, MAX_READAHEAD, Math.min(bytes, info.get(JAVA_INT, MAX_READAHEAD)));
  }
}
