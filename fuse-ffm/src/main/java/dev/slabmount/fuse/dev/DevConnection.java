package dev.slabmount.fuse.dev;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.dispatch.Dispatcher;
import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.fuse.session.Negotiation;
import dev.slabmount.nativebindings.kernel.KernelH;
import dev.slabmount.nativebindings.kernel.fuse_in_header;
import dev.slabmount.nativebindings.kernel.fuse_init_in;
import dev.slabmount.nativebindings.kernel.fuse_init_out;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/**
 * What we and the kernel agree on: INIT and its answer.
 *
 * <p>Features are flags of the answer; further it says how long a write may be, and that times
 * count in nanoseconds.
 */
final class DevConnection extends Negotiation {
  /** Linux 3.15, the first with today's {@code fuse_init_out}. */
  private static final int OLDEST_MINOR = 23;

  private static final int TMPFILE_MINOR = 37; // Linux 6.1
  private static final int MAJOR_FACTOR = 1000;
  private static final int FLAGS_2_SHIFT = 32;
  private static final long LOW_32 = 0xFFFF_FFFFL;
  private static final int SMALLEST_WRITE = 4096; // the kernel takes no smaller max_write
  private static final int NANOSECOND = 1;
  private static final int IN = (int) fuse_in_header.sizeof();

  private final DevNotifier devNotifier;
  private final Set<Operation> offered;
  private final boolean readOnly;
  private final int pageBytes;
  private int minor;
  private long flagsIn;
  private long wanted;
  private long flagsOut;
  private int maxBackground;
  private int maxReadahead;
  private volatile boolean begun;

  /**
   * Creates a connection.
   *
   * @param readOnly whether nothing is ever written, so that requests are short
   * @param pageBytes the kernel's page size
   */
  DevConnection(Set<Operation> offered, DevNotifier notifier, boolean readOnly, int pageBytes) {
    super(offered, notifier);
    this.devNotifier = notifier;
    this.offered = offered;
    this.readOnly = readOnly;
    this.pageBytes = pageBytes;
  }

  /** The questions that notifications have asked. */
  DevNotifier retrievals() {
    return devNotifier;
  }

  /** Whether INIT was answered, so that requests may come. Any thread. */
  boolean hasBegun() {
    return begun;
  }

  /** Whether a feature was agreed. Any thread, once {@link #hasBegun}. */
  boolean hasAgreed(Feature feature) {
    return (flagsOut & feature.protocolBit()) != 0;
  }

  /** Answers INIT, which comes once; lets the filesystem choose. Does not throw. */
  void begin(DevBuffers in, Dispatcher dispatcher) {
    int major = in.int32(IN + fuse_init_in.major$offset());
    if (begun) {
      in.wireSink().error(Errno.EIO);
      return;
    }
    if (major > KernelH.FUSE_KERNEL_VERSION()) {
      askForOurMajor(in.wireSink());
      return;
    }
    try {
      read(major, in);
      negotiate(dispatcher);
      answer(in.wireSink());
    } catch (Throwable thrown) {
      in.wireSink().error(Errno.EIO);
      failed(thrown);
    }
  }

  private void read(int major, DevBuffers in) {
    minor = in.int32(IN + fuse_init_in.minor$offset());
    if (major < KernelH.FUSE_KERNEL_VERSION() || minor < OLDEST_MINOR) {
      throw new IllegalStateException(
          "the kernel speaks FUSE %d.%d; 7.%d (Linux 3.15) or later is needed"
              .formatted(major, minor, OLDEST_MINOR));
    }
    maxReadahead = in.int32(IN + fuse_init_in.max_readahead$offset());
    flagsIn = in.int32(IN + fuse_init_in.flags$offset()) & LOW_32;
    if ((flagsIn & KernelH.FUSE_INIT_EXT()) != 0 && in.length() - IN >= fuse_init_in.sizeof()) {
      flagsIn |= (long) in.int32(IN + fuse_init_in.flags2$offset()) << FLAGS_2_SHIFT;
    }
    devNotifier.kernelIs(minor, (flagsIn & KernelH.FUSE_HAS_EXPIRE_ONLY()) != 0);
    maxBackground = DEFAULT_MAX_BACKGROUND;
    wantDefaults();
    needs(Operation.TMPFILE, TMPFILE_MINOR);
    needs(Operation.STATX, WireStatx.MINOR);
  }

  /** Operations that the kernel brings by itself, without a flag. */
  private void needs(Operation operation, int sinceMinor) {
    if (offered.contains(operation) && minor < sinceMinor) {
      notOffered(operation.name());
    }
  }

  private void answer(WireSink sink) {
    flagsOut = wanted | (flagsIn & KernelH.FUSE_INIT_EXT());
    MemorySegment out = sink.answer();
    int at = clear(sink);
    out.set(JAVA_INT, at + fuse_init_out.major$offset(), KernelH.FUSE_KERNEL_VERSION());
    out.set(
        JAVA_INT,
        at + fuse_init_out.minor$offset(),
        Math.min(minor, KernelH.FUSE_KERNEL_MINOR_VERSION()));
    out.set(JAVA_INT, at + fuse_init_out.max_readahead$offset(), maxReadahead);
    out.set(JAVA_INT, at + fuse_init_out.flags$offset(), (int) flagsOut);
    out.set(JAVA_INT, at + fuse_init_out.flags2$offset(), (int) (flagsOut >>> FLAGS_2_SHIFT));
    out.set(JAVA_SHORT, at + fuse_init_out.max_background$offset(), (short) maxBackground);
    out.set(
        JAVA_SHORT,
        at + fuse_init_out.congestion_threshold$offset(),
        (short) Math.max(1, maxBackground * 3 / 4));
    out.set(
        JAVA_INT,
        at + fuse_init_out.max_write$offset(),
        readOnly ? SMALLEST_WRITE : WireDecoder.LARGEST_TRANSFER);
    out.set(JAVA_INT, at + fuse_init_out.time_gran$offset(), NANOSECOND);
    out.set(
        JAVA_SHORT,
        at + fuse_init_out.max_pages$offset(),
        (short) Math.max(1, WireDecoder.LARGEST_TRANSFER / pageBytes));
    begun = true; // F2
    int problem = sink.send(fuse_init_out.sizeof());
    if (problem != 0) {
      throw new IllegalStateException("the kernel refused what init answered, errno " + problem);
    }
    agree(
        "protocol %d.%d (kernel 7.%d)"
            .formatted(
                KernelH.FUSE_KERNEL_VERSION(),
                Math.min(minor, KernelH.FUSE_KERNEL_MINOR_VERSION()),
                minor),
        maxBackground);
  }

  /** A kernel of a later major sends INIT again, in ours. */
  private static void askForOurMajor(WireSink sink) {
    int at = clear(sink);
    sink.answer().set(JAVA_INT, at + fuse_init_out.major$offset(), KernelH.FUSE_KERNEL_VERSION());
    sink.send(fuse_init_out.sizeof());
  }

  private static int clear(WireSink sink) {
    int at = WireSink.body();
    for (int i = 0; i < fuse_init_out.sizeof(); i += Long.BYTES) {
      sink.answer().set(JAVA_LONG, at + i, 0);
    }
    return at;
  }

  @Override
  public int protocolVersion() {
    return KernelH.FUSE_KERNEL_VERSION() * MAJOR_FACTOR + minor;
  }

  @Override
  public boolean offers(Feature feature) {
    return (flagsIn & feature.protocolBit()) != 0;
  }

  @Override
  public boolean wants(Feature feature) {
    return (wanted & feature.protocolBit()) != 0;
  }

  @Override
  protected void want(Feature feature, boolean isWanted) {
    wanted = isWanted ? wanted | feature.protocolBit() : wanted & ~feature.protocolBit();
  }

  @Override
  protected String whoLacks(Feature feature) {
    return "";
  }

  @Override
  protected String whoInsists(Feature feature) {
    return "";
  }

  @Override
  public void maxBackground(int requests) {
    maxBackground = backgroundRequests(requests);
  }

  @Override
  public void maxReadahead(int bytes) {
    maxReadahead = Math.min(bytes, maxReadahead);
  }
}
