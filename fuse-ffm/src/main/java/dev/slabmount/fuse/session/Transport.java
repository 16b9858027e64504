package dev.slabmount.fuse.session;

import dev.slabmount.fuse.MountException;
import dev.slabmount.fuse.dispatch.ContextPool;
import dev.slabmount.fuse.dispatch.RequestContext;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * How requests come in and answers go out. One object is one mount: {@link #mount}, then {@link
 * #receive} and {@link #process} on the workers, then {@link #close} when they have ended.
 */
public interface Transport {
  /** For log lines: what speaks to the kernel, and its version. */
  String description();

  /**
   * Mounts. The kernel's first request is then waiting to be received.
   *
   * @param options mount options, each {@code key} or {@code key=value}
   */
  void mount(Path mountPoint, List<String> options) throws MountException;

  /** Completed on a worker when init is over, with a line that says what was agreed. */
  CompletableFuture<String> whenAgreed();

  /** Contexts for workers. */
  ContextPool contexts();

  /**
   * Waits for a request on a worker's thread.
   *
   * @return its length; 0 if the mount has ended; a negative errno if nothing was received
   */
  int receive(RequestContext context);

  /**
   * Serves what was received into {@code context}. If it throws, for want of memory, nothing was
   * done yet, and it may be called again.
   */
  void process(RequestContext context);

  /** Frees everything. No worker may run and no request be detached any more. */
  void close();
}
