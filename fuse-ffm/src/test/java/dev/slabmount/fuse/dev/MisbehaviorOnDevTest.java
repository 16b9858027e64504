package dev.slabmount.fuse.dev;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.MisbehaviorContract;
import dev.slabmount.fuse.RequestEnd;
import dev.slabmount.fuse.dispatch.ContextPool;
import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.fuse.dispatch.RequestGuard;
import dev.slabmount.fuse.reply.ReplyCounters;
import java.util.List;

class MisbehaviorOnDevTest extends MisbehaviorContract {
  private static final int NOTIFY_UNIQUE =
      16; // first in fuse_notify_retrieve_out, after the header

  @Override
  protected RequestEnd end(FileSystem fileSystem) {
    return new DevEnd(new TestEnd(fileSystem).begun());
  }

  /** As long as it is open. */
  private record DevEnd(TestEnd end) implements RequestEnd {
    @Override
    public List<byte[]> serve(Operation operation, long unique) {
      long number = operation == Operation.RETRIEVE_REPLY ? question() : unique;
      end.channel.sent.clear();
      end.feed(SensibleRequests.of(operation, number));
      return answers();
    }

    /** Asks the kernel for what it has cached; returns the number that its answer must have. */
    private long question() {
      end.endpoint.notifier().begin();
      assertEquals(0, end.endpoint.notifier().retrieve(5, 0, 0, 7));
      return WireMessage.of(end.channel.sent.getLast()).getLong(NOTIFY_UNIQUE);
    }

    @Override
    public List<byte[]> answers() {
      List<byte[]> all = List.copyOf(end.channel.sent);
      end.channel.sent.clear();
      return all;
    }

    @Override
    public boolean has(Operation operation) {
      return true;
    }

    @Override
    public RequestGuard guard() {
      return end.guard;
    }

    @Override
    public ReplyCounters replies() {
      return end.replies;
    }

    @Override
    public ContextPool contexts() {
      return end.endpoint.contexts();
    }

    @Override
    public void close() {
      end.close();
    }
  }
}
