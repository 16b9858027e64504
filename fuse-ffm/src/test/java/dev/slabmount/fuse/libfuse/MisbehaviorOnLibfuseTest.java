package dev.slabmount.fuse.libfuse;

import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.MisbehaviorContract;
import dev.slabmount.fuse.RequestEnd;
import dev.slabmount.fuse.dispatch.ContextPool;
import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.fuse.dispatch.RequestGuard;
import dev.slabmount.fuse.reply.ReplyCounters;
import dev.slabmount.nativebindings.LowlevelOperation;
import java.util.List;

class MisbehaviorOnLibfuseTest extends MisbehaviorContract {
  @Override
  protected RequestEnd end(FileSystem fileSystem) throws Throwable {
    return new LibfuseEnd(new UpcallEnd(fileSystem));
  }

  /** Of these only younger releases of libfuse know. */
  @Override
  protected boolean mayLack(Operation operation) {
    return operation == Operation.TMPFILE || operation == Operation.STATX;
  }

  /** As long as it is open. */
  private static final class LibfuseEnd implements RequestEnd {
    private final UpcallEnd end;
    private final GuardedMemory request = new GuardedMemory(1 << 10);
    private final UpcallArguments.Structs structs = new UpcallArguments.Structs();
    private final List<LowlevelOperation> functions;

    LibfuseEnd(UpcallEnd end) {
      this.end = end;
      functions = UpcallArguments.functions(end);
    }

    @Override
    public List<byte[]> serve(Operation operation, long unique) throws Throwable {
      LowlevelOperation function = LowlevelOperation.valueOf(operation.name());
      byte[] input = UpcallArguments.sensible(functions).get(functions.indexOf(function));
      UpcallArguments arguments = new UpcallArguments(input, functions);
      long address = request.place(arguments.request());
      end.received(address, arguments.request().length);
      return end.call(function, unique, arguments.at(address, structs));
    }

    @Override
    public List<byte[]> answers() throws Throwable {
      return end.answers();
    }

    @Override
    public boolean has(Operation operation) {
      return end.has(LowlevelOperation.valueOf(operation.name()));
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
      return end.contexts;
    }

    @Override
    public void close() {
      end.close();
    }
  }
}
