package dev.slabmount.fuse.reply;

import dev.slabmount.fuse.Attributes;
import dev.slabmount.fuse.Entry;
import dev.slabmount.fuse.FileLock;
import dev.slabmount.fuse.FileSystemFigures;
import dev.slabmount.fuse.OpenedFile;
import dev.slabmount.fuse.Slices;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A sink that writes down what it was asked to send, and fails on request. */
public final class RecordingSink implements ReplySink {
  /** What was sent, such as {@code error 5}; what the sink threw at is not in it. */
  public final List<String> sent = new CopyOnWriteArrayList<>();

  /** What sending returns: 0, or the negative errno of a kernel that does not take the answer. */
  public volatile int result;

  /** Whether the caller has given up. */
  public volatile boolean interrupted;

  /** Runs while the caller is asked about, as the native call does. */
  public volatile Runnable whileAsking = () -> {};

  private final boolean recording;
  private final AtomicInteger sentCount = new AtomicInteger();
  private volatile @Nullable Supplier<Throwable> failure;
  private final AtomicInteger failures = new AtomicInteger();

  /** Creates a sink that records. */
  public RecordingSink() {
    this(true);
  }

  /** Creates a sink that only counts unless it is {@code recording}. */
  public RecordingSink(boolean recording) {
    this.recording = recording;
  }

  /** How many answers were sent. */
  public int sentCount() {
    return sentCount.get();
  }

  /** Forgets what was sent. */
  public void clear() {
    sent.clear();
    sentCount.set(0);
  }

  /** The next {@code times} answers throw before anything is sent. */
  public void failNext(int times, Supplier<Throwable> thrown) {
    failure = thrown;
    failures.set(times);
  }

  private int send(String what) {
    if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      Throwable thrown = failure.get();
      if (thrown instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) thrown;
    }
    sentCount.incrementAndGet();
    if (recording) {
      sent.add(what);
    }
    return result;
  }

  @Override
  public int error(int errno) {
    return send("error " + errno);
  }

  @Override
  public int entry(Entry entry) {
    return send("entry " + entry.ino());
  }

  @Override
  public int created(Entry entry, OpenedFile file) {
    return send("created " + entry.ino() + " " + file.fh());
  }

  @Override
  public int attributes(Attributes attributes, long timeoutNanos) {
    return send("attributes " + attributes.ino() + " " + timeoutNanos);
  }

  @Override
  public int statx(Attributes attributes, int mask, long timeoutNanos) {
    return send("statx " + attributes.ino() + " " + mask + " " + timeoutNanos);
  }

  @Override
  public int opened(OpenedFile file) {
    return send("opened " + file.fh());
  }

  @Override
  public int bytes(byte[] source, int offset, int length) {
    return send("bytes " + new String(source, offset, length, StandardCharsets.ISO_8859_1));
  }

  @Override
  public int target(byte[] target, int offset, int length) {
    return send("target " + new String(target, offset, length, StandardCharsets.ISO_8859_1));
  }

  @Override
  public int data(long address, int length) {
    return send("data " + length);
  }

  @Override
  public int slices(Slices slices) {
    return send("slices " + slices.totalLength());
  }

  @Override
  public int written(int count) {
    return send("written " + count);
  }

  @Override
  public int valueSize(int size) {
    return send("valueSize " + size);
  }

  @Override
  public int figures(FileSystemFigures figures) {
    return send("figures " + figures.blocks());
  }

  @Override
  public int lock(FileLock lock) {
    return send("lock " + lock.type());
  }

  @Override
  public int offset(long offset) {
    return send("offset " + offset);
  }

  @Override
  public int mappedBlock(long index) {
    return send("mappedBlock " + index);
  }

  @Override
  public int ioctl(int result, long address, int length) {
    return send("ioctl " + result + " " + length);
  }

  @Override
  public int polled(int events) {
    return send("polled " + events);
  }

  @Override
  public boolean interrupted() {
    whileAsking.run();
    return interrupted;
  }
}
