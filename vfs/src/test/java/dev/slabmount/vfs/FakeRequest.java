package dev.slabmount.vfs;

import dev.slabmount.fuse.Attributes;
import dev.slabmount.fuse.DirectoryBuffer;
import dev.slabmount.fuse.Entry;
import dev.slabmount.fuse.FileLock;
import dev.slabmount.fuse.FileSystemFigures;
import dev.slabmount.fuse.OpenedFile;
import dev.slabmount.fuse.Replies;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.Slices;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A request without a kernel: keeps the one answer that it gets, and fails the test on a second.
 *
 * <p>{@link #answer} waits for an answer that comes from another thread.
 */
public final class FakeRequest implements Request, Replies {

  /** Longer than anything that a test waits for on purpose. */
  private static final long ANSWER_SECONDS = 30;

  /** An answer. */
  public sealed interface Answer {}

  /** An error number. */
  public record Failed(int errno) implements Answer {}

  /** Bytes, copied at the moment of the reply. */
  @SuppressWarnings("ArrayRecordComponent")
  public record Data(byte[] bytes, boolean offHeap) implements Answer {}

  /** A number, or 0 for a plain success. */
  public record Figure(String what, long value) implements Answer {}

  /** An entry, attributes, an opened file or figures: the request's scratch. */
  public record Scratch(Object value, long timeoutNanos) implements Answer {}

  /** A listing. */
  public record Listing(List<Row> rows) implements Answer {}

  /** A row of a listing. */
  public record Row(String name, long ino, int mode, long next, Attributes attributes) {}

  private final CompletableFuture<Answer> answer;
  private final AtomicInteger answers;
  private final Entry entry = new Entry();
  private final Attributes attributes = new Attributes();
  private final OpenedFile openedFile = new OpenedFile();
  private final FileSystemFigures figures = new FileSystemFigures();
  private final Slices slices = new Slices();
  private final FakeRequest origin;
  private boolean detached;

  /** Who asks. */
  public int uid;

  /** Who asks. */
  public int gid;

  /** Whether the caller has given up. */
  public volatile boolean interrupted;

  /** What replies return: whether the kernel took the answer. */
  public boolean delivered = true;

  /** Takes any number of answers, looks at none and allocates nothing. */
  public boolean careless;

  /** Runs while the answer is being sent. */
  public Runnable whileReplying = () -> {};

  /** A request that nobody has answered. */
  public FakeRequest() {
    this(null, new CompletableFuture<>(), new AtomicInteger());
  }

  private FakeRequest(
      final FakeRequest origin,
      final CompletableFuture<Answer> answer,
      final AtomicInteger answers) {
    this.origin = origin == null ? this : origin;
    this.answer = answer;
    this.answers = answers;
  }

  /** The answer; waits for it with a deadline. */
  public Answer answer() throws Exception {
    return answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public boolean isAnswered() {
    return answer.isDone();
  }

  /** How many answers there were, which is more than one only if somebody answered again. */
  public int answers() {
    return answers.get();
  }

  /** Whether the request was detached. */
  public boolean isDetached() {
    return detached;
  }

  /** The answer's bytes. */
  public byte[] bytes() throws Exception {
    return answer() instanceof Data data
        ? data.bytes()
        : throwing("no data but " + answer(), new byte[0]);
  }

  /** The answer's error number. */
  public int errno() throws Exception {
    return answer() instanceof Failed failed ? failed.errno() : throwing("" + answer(), 0);
  }

  /** The answer's number. */
  public long number() throws Exception {
    return answer() instanceof Figure figure ? figure.value() : throwing("" + answer(), 0L);
  }

  /** The answer's rows. */
  public List<Row> rows() throws Exception {
    return answer() instanceof Listing listing
        ? listing.rows()
        : throwing("" + answer(), List.<Row>of());
  }

  private static <T> T throwing(final String message, final T never) {
    if (message != null) {
      throw new AssertionError(message);
    }
    return never;
  }

  private boolean answered(final Answer value) {
    if (answers.incrementAndGet() > 1) {
      throw new AssertionError("answered again, with " + value + " after " + answer.join());
    }
    whileReplying.run();
    answer.complete(value);
    return delivered;
  }

  @Override
  public Request detach() {
    if (detached || answer.isDone()) {
      throw new IllegalStateException("detached or answered already");
    }
    detached = true;
    final FakeRequest other = new FakeRequest(this, answer, answers);
    other.uid = uid;
    other.gid = gid;
    other.delivered = delivered;
    other.whileReplying = whileReplying;
    return other;
  }

  @Override
  public boolean error(final int errno) {
    return answered(new Failed(errno));
  }

  @Override
  public boolean ok() {
    return answered(new Figure("ok", 0));
  }

  @Override
  public boolean entry(final Entry value) {
    if (careless) {
      return true;
    }
    return answered(new Scratch(value, value.entryTimeoutNanos()));
  }

  @Override
  public boolean created(final Entry value, final OpenedFile file) {
    throw new AssertionError("nothing here creates");
  }

  @Override
  public boolean attributes(final Attributes value, final long timeoutNanos) {
    if (careless) {
      return true;
    }
    return answered(new Scratch(value, timeoutNanos));
  }

  @Override
  public boolean statx(final Attributes value, final int mask, final long timeoutNanos) {
    throw new AssertionError("nothing here answers statx");
  }

  @Override
  public boolean opened(final OpenedFile file) {
    return answered(new Scratch(file, 0));
  }

  @Override
  public boolean target(final byte[] target, final int offset, final int length) {
    return data(target, offset, length);
  }

  @Override
  public boolean data(final long address, final int length) {
    if (careless) {
      return true;
    }
    whileReplying.run();
    return answered(new Data(copy(address, length), true));
  }

  @Override
  public boolean data(final MemorySegment data) {
    return answered(new Data(data.toArray(ValueLayout.JAVA_BYTE), true));
  }

  @Override
  public boolean data(final byte[] data, final int offset, final int length) {
    if (careless) {
      return true;
    }
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(data, offset, length);
    return answered(new Data(bytes.toByteArray(), false));
  }

  @Override
  public boolean slices(final Slices pieces) {
    if (careless) {
      return true;
    }
    whileReplying.run();
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < pieces.count(); i++) {
      bytes.writeBytes(copy(pieces.address(i), pieces.length(i)));
    }
    return answered(new Data(bytes.toByteArray(), true));
  }

  private static byte[] copy(final long address, final int length) {
    return MemorySegment.ofAddress(address).reinterpret(length).toArray(ValueLayout.JAVA_BYTE);
  }

  @Override
  public boolean directory(final DirectoryBuffer buffer) {
    if (careless) {
      return true;
    }
    return answered(new Listing(List.copyOf(((FakeBuffer) buffer).rows)));
  }

  @Override
  public boolean written(final int count) {
    throw new AssertionError("nothing here writes");
  }

  @Override
  public boolean valueSize(final int size) {
    return answered(new Figure("valueSize", size));
  }

  @Override
  public boolean figures(final FileSystemFigures value) {
    return answered(new Scratch(value, 0));
  }

  @Override
  public boolean lock(final FileLock lock) {
    throw new AssertionError("nothing here locks");
  }

  @Override
  public boolean offset(final long value) {
    return answered(new Figure("offset", value));
  }

  @Override
  public boolean mappedBlock(final long index) {
    throw new AssertionError("no block device");
  }

  @Override
  public boolean ioctl(final int result, final long address, final int length) {
    throw new AssertionError("no ioctl");
  }

  @Override
  public boolean polled(final int events) {
    throw new AssertionError("no poll");
  }

  @Override
  public long unique() {
    return 1;
  }

  @Override
  public int uid() {
    return uid;
  }

  @Override
  public int gid() {
    return gid;
  }

  @Override
  public int pid() {
    return 1;
  }

  @Override
  public int umask() {
    return 0;
  }

  @Override
  public int openFlags() {
    return 0;
  }

  @Override
  public long lockOwner() {
    return 0;
  }

  @Override
  public int[] supplementaryGroups() {
    return new int[0];
  }

  @Override
  public boolean killsPrivileges() {
    return false;
  }

  @Override
  public boolean fromPageCache() {
    return false;
  }

  @Override
  public boolean dropsLocks() {
    return false;
  }

  @Override
  public int pollEvents() {
    return 0;
  }

  @Override
  public void onInterrupt(final Runnable action) {
    throw new AssertionError("nothing here cancels");
  }

  @Override
  public boolean interrupted() {
    return origin.interrupted;
  }

  @Override
  public long dataAddress() {
    return 0;
  }

  @Override
  public int dataLength() {
    return 0;
  }

  @Override
  public MemorySegment data() {
    return MemorySegment.NULL;
  }

  @Override
  public Replies reply() {
    return this;
  }

  @Override
  public Entry entry() {
    return entry;
  }

  @Override
  public Attributes attributes() {
    return attributes;
  }

  @Override
  public OpenedFile openedFile() {
    return openedFile;
  }

  @Override
  public FileSystemFigures figures() {
    return figures;
  }

  @Override
  public Slices slices() {
    return slices;
  }

  /** Room for so many rows. */
  public static final class FakeBuffer implements DirectoryBuffer {
    private final List<Row> rows = new ArrayList<>();
    private final int room;

    /** An empty listing. */
    public FakeBuffer(final int room) {
      this.room = room;
    }

    @Override
    public boolean add(
        final byte[] name,
        final int offset,
        final int length,
        final long ino,
        final int mode,
        final long nextOffset) {
      if (rows.size() == room) {
        return false;
      }
      rows.add(
          new Row(
              new String(name, offset, length, StandardCharsets.UTF_8),
              ino,
              mode,
              nextOffset,
              null));
      return true;
    }

    @Override
    public boolean addPlus(
        final byte[] name,
        final int offset,
        final int length,
        final Entry entry,
        final long nextOffset) {
      if (rows.size() == room) {
        return false;
      }
      final Attributes from = entry.attributes();
      final Attributes copy = new Attributes().ino(from.ino()).size(from.size()).mode(from.mode());
      rows.add(
          new Row(
              new String(name, offset, length, StandardCharsets.UTF_8),
              entry.ino(),
              from.mode(),
              nextOffset,
              copy));
      return true;
    }
  }
}
