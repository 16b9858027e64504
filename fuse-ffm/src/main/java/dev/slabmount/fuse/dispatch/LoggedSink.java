package dev.slabmount.fuse.dispatch;

import dev.slabmount.fuse.Attributes;
import dev.slabmount.fuse.Entry;
import dev.slabmount.fuse.FileLock;
import dev.slabmount.fuse.FileSystemFigures;
import dev.slabmount.fuse.OpenedFile;
import dev.slabmount.fuse.Slices;
import dev.slabmount.fuse.reply.ReplySink;
import java.util.Arrays;

/**
 * A sink that tells the {@link RequestLog} of every answer that it passes on. Stands in front of a
 * context's own sink only where there is a log. Threads as of any sink.
 */
final class LoggedSink implements ReplySink {
  private final ReplySink sink;
  private final RequestLog log;
  private final RequestContext context;

  LoggedSink(ReplySink sink, RequestLog log, RequestContext context) {
    this.sink = sink;
    this.log = log;
    this.context = context;
  }

  private int told(String what, int result) {
    try {
      log.answer(context.arguments, what, result, System.nanoTime() - context.startedAt());
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError whileLogging) {
      // The answer is out, and that is what counts.
    }
    return result;
  }

  private static String show(Entry entry) {
    return entry.ino() == 0 ? "absent" : "ino " + entry.ino() + " " + show(entry.attributes());
  }

  private static String show(Attributes a) {
    return "mode 0" + Integer.toOctalString(a.mode()) + " size " + a.size();
  }

  private static String show(OpenedFile file) {
    return " fh "
        + file.fh()
        + (file.directIo() ? " direct" : "")
        + (file.keepCache() ? " keep" : "")
        + (file.nonseekable() ? " nonseekable" : "")
        + (file.stream() ? " stream" : "")
        + (file.cacheReaddir() ? " keep-listing" : "")
        + (file.noFlush() ? " no-flush" : "")
        + (file.parallelDirectWrites() ? " parallel-writes" : "");
  }

  @Override
  public int error(int errno) {
    return told(errno == 0 ? "ok" : "errno " + errno, sink.error(errno));
  }

  @Override
  public int entry(Entry entry) {
    return told(show(entry), sink.entry(entry));
  }

  @Override
  public int created(Entry entry, OpenedFile file) {
    return told(show(entry) + show(file), sink.created(entry, file));
  }

  @Override
  public int attributes(Attributes attributes, long timeoutNanos) {
    return told(show(attributes), sink.attributes(attributes, timeoutNanos));
  }

  @Override
  public int statx(Attributes attributes, int mask, long timeoutNanos) {
    return told(show(attributes), sink.statx(attributes, mask, timeoutNanos));
  }

  @Override
  public int opened(OpenedFile file) {
    return told("opened" + show(file), sink.opened(file));
  }

  @Override
  public int bytes(byte[] source, int offset, int length) {
    return told("data " + length, sink.bytes(source, offset, length));
  }

  @Override
  public int target(byte[] target, int offset, int length) {
    return told(
        "target " + RequestLog.quoted(Arrays.copyOfRange(target, offset, offset + length)),
        sink.target(target, offset, length));
  }

  @Override
  public int data(long address, int length) {
    return told("data " + length, sink.data(address, length));
  }

  @Override
  public int slices(Slices slices) {
    return told(
        "data " + slices.totalLength() + " in " + slices.count() + " pieces", sink.slices(slices));
  }

  @Override
  public int written(int count) {
    return told("written " + count, sink.written(count));
  }

  @Override
  public int valueSize(int size) {
    return told("value size " + size, sink.valueSize(size));
  }

  @Override
  public int figures(FileSystemFigures figures) {
    return told("figures", sink.figures(figures));
  }

  @Override
  public int lock(FileLock lock) {
    return told("lock " + lock.type() + " " + lock.start() + "-" + lock.end(), sink.lock(lock));
  }

  @Override
  public int offset(long offset) {
    return told("offset " + offset, sink.offset(offset));
  }

  @Override
  public int mappedBlock(long index) {
    return told("block " + index, sink.mappedBlock(index));
  }

  @Override
  public int ioctl(int result, long address, int length) {
    return told("result " + result + " data " + length, sink.ioctl(result, address, length));
  }

  @Override
  public int polled(int events) {
    return told("events 0x" + Integer.toHexString(events), sink.polled(events));
  }

  @Override
  public boolean interrupted() {
    return sink.interrupted();
  }
}
