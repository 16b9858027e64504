package dev.slabmount.fuse.dispatch;

import dev.slabmount.fuse.Notifier;
import java.lang.foreign.MemorySegment;

/**
 * A notifier that tells the {@link RequestLog} of every notification that it passes on. Stands in
 * front of a mount's own only where there is a log. Thread-safe.
 */
public final class LoggedNotifier implements Notifier {
  private final Notifier notifier;
  private final RequestLog log;

  /** Creates a notifier in front of another. */
  public LoggedNotifier(Notifier notifier, RequestLog log) {
    this.notifier = notifier;
    this.log = log;
  }

  private int told(String what, int errno) {
    try {
      log.notified(what, errno);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError whileLogging) {
      // The notification is out, and that is what counts.
    }
    return errno;
  }

  private static String entry(String what, long parent, byte[] name) {
    return what + " ino " + parent + " name " + RequestLog.quoted(name);
  }

  @Override
  public int invalidateInode(long ino, long offset, long length) {
    return told(
        "invalidateInode ino " + ino + " offset " + offset + " length " + length,
        notifier.invalidateInode(ino, offset, length));
  }

  @Override
  public int invalidateEntry(long parent, byte[] name) {
    return told(entry("invalidateEntry", parent, name), notifier.invalidateEntry(parent, name));
  }

  @Override
  public int expireEntry(long parent, byte[] name) {
    return told(entry("expireEntry", parent, name), notifier.expireEntry(parent, name));
  }

  @Override
  public int expireAllEntries() {
    return told("expireAllEntries", notifier.expireAllEntries());
  }

  @Override
  public int deleteEntry(long parent, long ino, byte[] name) {
    return told(
        entry("deleteEntry", parent, name) + " to-ino " + ino,
        notifier.deleteEntry(parent, ino, name));
  }

  @Override
  public int store(long ino, long offset, MemorySegment data) {
    return told(
        "store ino " + ino + " offset " + offset + " data " + data.byteSize(),
        notifier.store(ino, offset, data));
  }

  @Override
  public int retrieve(long ino, long offset, int length, long cookie) {
    return told(
        "retrieve ino " + ino + " offset " + offset + " length " + length + " cookie " + cookie,
        notifier.retrieve(ino, offset, length, cookie));
  }

  @Override
  public int prune(long... inos) {
    return told("prune inodes " + inos.length, notifier.prune(inos));
  }

  @Override
  public int wakePoll(long pollHandle) {
    return told("wakePoll handle " + pollHandle, notifier.wakePoll(pollHandle));
  }
}
