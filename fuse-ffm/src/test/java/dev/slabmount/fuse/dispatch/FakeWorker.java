package dev.slabmount.fuse.dispatch;

import dev.slabmount.fuse.reply.RecordingSink;
import java.util.List;

/** A worker that is whichever thread uses it. */
final class FakeWorker implements ContextOwner {
  private RequestContext current;

  FakeWorker(ContextPool pool) {
    current = pool.create(this);
  }

  @Override
  public RequestContext current() {
    return current;
  }

  @Override
  public void adopt(RequestContext fresh) {
    current = fresh;
  }

  /** A request arrives, which takes any answer: most tests care for when it comes, not for what. */
  RequestContext begin(Operation operation) {
    current.begin(operation);
    current.gate().expect(-1, operation.method());
    return current;
  }

  static RecordingSink sink(RequestContext context) {
    return ((FakeBuffers) context.buffers()).sink;
  }

  static List<String> sent(RequestContext context) {
    return sink(context).sent;
  }
}
