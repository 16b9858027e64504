package dev.slabmount.fuse.dispatch;

import dev.slabmount.fuse.reply.RecordingSink;
import dev.slabmount.fuse.reply.ReplySink;
import dev.slabmount.fuse.reply.WireDirectoryBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The buffers of a transport that has no kernel behind it. */
final class FakeBuffers implements TransportBuffers {
  final RecordingSink sink;
  private final WireDirectoryBuffer directory = new WireDirectoryBuffer(Arena.ofAuto());

  FakeBuffers() {
    this(new RecordingSink());
  }

  FakeBuffers(RecordingSink sink) {
    this.sink = sink;
  }

  @Override
  public ReplySink sink() {
    return sink;
  }

  @Override
  public MemorySegment received(long address, int length) {
    return MemorySegment.ofArray(new byte[length]);
  }

  @Override
  public WireDirectoryBuffer directory() {
    return directory;
  }
}
