package dev.slabmount.fuse.dev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.dispatch.ContextOwner;
import dev.slabmount.fuse.dispatch.Dispatcher;
import dev.slabmount.fuse.dispatch.FeatureChoice;
import dev.slabmount.fuse.dispatch.Observation;
import dev.slabmount.fuse.dispatch.RequestContext;
import dev.slabmount.fuse.dispatch.RequestGuard;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.fuse.reply.ReplyCounters;

/** An {@link Endpoint} that gets bytes instead of a kernel's requests, and a worker for it. */
final class TestEnd implements ContextOwner, AutoCloseable {
  /** Everything that a kernel can offer. */
  static final long ALL_FLAGS = -1;

  private static final int MAX_DETACHED = 8;

  final FakeChannel channel = new FakeChannel();
  final RequestGuard guard = new RequestGuard();
  final LookupCounts counts = new LookupCounts();
  final ReplyCounters replies = new ReplyCounters();
  final Endpoint endpoint;
  private RequestContext current;

  TestEnd(FileSystem fileSystem) {
    this(fileSystem, new DevOptions(true, DevOptions.EVERYBODY));
  }

  TestEnd(FileSystem fileSystem, DevOptions options) {
    this(fileSystem, options, FeatureChoice.NONE);
  }

  TestEnd(FileSystem fileSystem, DevOptions options, FeatureChoice features) {
    this(fileSystem, options, features, Observation.NONE);
  }

  TestEnd(
      FileSystem fileSystem, DevOptions options, FeatureChoice features, Observation observation) {
    endpoint =
        new Endpoint(
            channel,
            options,
            fileSystem,
            new Dispatcher(fileSystem, counts, guard, features, observation),
            counts,
            replies,
            MAX_DETACHED);
    current = endpoint.contexts().create(this);
  }

  /** Has init over with a kernel that offers everything. */
  TestEnd begun() {
    byte[] answer = only(WireMessage.init(7, 45, ALL_FLAGS));
    assertEquals(0, WireMessage.errno(answer));
    return this;
  }

  @Override
  public RequestContext current() {
    return current;
  }

  @Override
  public void adopt(RequestContext fresh) {
    current = fresh;
  }

  /** Serves these bytes. */
  void feed(byte[] bytes) {
    channel.next = bytes;
    if (endpoint.receive(current) > 0) {
      endpoint.serve(current);
    }
  }

  /** Serves once more what was received last, as a worker does if that threw. */
  void again() {
    endpoint.serve(current);
  }

  /** Serves these bytes, which must have exactly one answer, and returns that. */
  byte[] only(byte[] bytes) {
    channel.sent.clear();
    feed(bytes);
    assertEquals(1, channel.sent.size(), "answers");
    byte[] answer = channel.sent.getFirst();
    assertEquals(answer.length, WireMessage.of(answer).getInt(0), "its own idea of its length");
    if (bytes.length >= 16) {
      assertEquals(WireMessage.unique(bytes), WireMessage.unique(answer));
    }
    return answer;
  }

  /** The errno that these bytes are answered with. */
  int errnoOf(byte[] bytes) {
    byte[] answer = only(bytes);
    if (WireMessage.errno(answer) != 0) {
      assertEquals(16, answer.length, "an error is a header and nothing else");
    }
    return WireMessage.errno(answer);
  }

  /** Serves these bytes, which must have no answer. */
  void unanswered(byte[] bytes) {
    channel.sent.clear();
    feed(bytes);
    assertTrue(channel.sent.isEmpty(), "an answer");
  }

  @Override
  public void close() {
    endpoint.close();
  }
}
