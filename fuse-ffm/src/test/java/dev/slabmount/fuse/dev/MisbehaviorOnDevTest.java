package dev.slabmount.fuse.dev;

import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.MisbehaviorContract;
import dev.slabmount.fuse.RequestEnd;
import dev.slabmount.fuse.dispatch.ContextPool;
import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.fuse.dispatch.RequestGuard;
import dev.slabmount.fuse.reply.ReplyCounters;
import java.util.List;

class MisbehaviorOnDevTest extends MisbehaviorContract {
  @Override
  protected RequestEnd end(FileSystem fileSystem) {
    return new DevEnd(new TestEnd(fileSystem).begun());
  }

  /** As long as it is open. */
  private record DevEnd(TestEnd end) implements RequestEnd {
    @Override
    public List<byte[]> serve(Operation operation, long unique) {
      end.channel.sent.clear();
      end.feed(SensibleRequests.of(operation, unique));
      return answers();
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
