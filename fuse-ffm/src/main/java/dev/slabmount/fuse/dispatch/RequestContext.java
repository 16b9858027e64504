package dev.slabmount.fuse.dispatch;

import dev.slabmount.fuse.Attributes;
import dev.slabmount.fuse.Entry;
import dev.slabmount.fuse.FileSystemFigures;
import dev.slabmount.fuse.OpenedFile;
import dev.slabmount.fuse.Replies;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.Slices;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.fuse.reply.Detachment;
import dev.slabmount.fuse.reply.GatedReplies;
import dev.slabmount.fuse.reply.ReplyCounters;
import dev.slabmount.fuse.reply.ReplyGate;
import dev.slabmount.fuse.reply.ReplySink;
import java.lang.foreign.MemorySegment;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * One request in the dispatcher's hands: its arguments, its scratch and its answer.
 *
 * <p>A worker owns one and uses it for request after request. If a request is detached, its context
 * goes with it and serves no other request afterwards, so that a stale answer can never reach
 * another request; the worker goes on with a fresh one. What is costly, the native buffers, is
 * pooled.
 *
 * <p>Fields are handed to another thread only through the gate's detach (edge R1 of {@link
 * ReplyGate}).
 */
public final class RequestContext implements Request, Detachment {
  /** What the request carries; filled in by the transport. */
  public final Arguments arguments = new Arguments();

  private final Entry entry = new Entry();
  private final Attributes attributes = new Attributes();
  private final OpenedFile openedFile = new OpenedFile();
  private final FileSystemFigures figures = new FileSystemFigures();
  private final Slices slices = new Slices();

  private final TransportBuffers buffers;
  private final ReplyGate gate;
  private final GatedReplies replies;
  private final ContextPool pool;
  private final ContextOwner owner;
  private final @Nullable Latencies latencies;
  private long startedAt;
  private @Nullable SlowReplyEvent event;
  private boolean detached; // never again false: a context is detached once

  RequestContext(
      TransportBuffers buffers,
      LookupCounts counts,
      ReplyCounters counters,
      ContextPool pool,
      ContextOwner owner,
      Observation observation) {
    this.buffers = buffers;
    this.pool = pool;
    this.owner = owner;
    RequestLog log = observation.log();
    ReplySink sink = log == null ? buffers.sink() : new LoggedSink(buffers.sink(), log, this);
    latencies = observation.latencies();
    gate = new ReplyGate(sink, counters);
    replies = new GatedReplies(gate, sink, counts);
    gate.observe(this::observe);
  }

  /** Begins the next request, on the worker's thread; the transport then fills the arguments in. */
  public void begin(Operation operation) {
    gate.begin();
    gate.expect(operation.answerBits(), operation.method());
    arguments.clear(operation);
    entry.clear();
    attributes.clear();
    openedFile.clear();
    figures.clear();
    slices.clear();
    startedAt = System.nanoTime();
    event = eventIfRecorded();
  }

  /**
   * Before anybody records, the event's class stays where it is: it brings a good part of the
   * recorder along, which would take a tenth of a mount's start. Where there is no memory for an
   * event, the request is served without.
   */
  private static @Nullable SlowReplyEvent eventIfRecorded() {
    try {
      return FlightRecorder.isInitialized() ? SlowReplyEvent.begunIfRecorded() : null;
    } catch (OutOfMemoryError | LinkageError noEvent) {
      return null;
    }
  }

  /** When the request was received, by {@link System#nanoTime}. */
  long startedAt() {
    return startedAt;
  }

  /** The answer is out. Does not throw: whoever answered has done nothing wrong. */
  private void observe() {
    try {
      if (latencies != null) {
        latencies.record(arguments.operation, System.nanoTime() - startedAt);
      }
      SlowReplyEvent slow = event;
      if (slow != null) {
        slow.end();
        if (slow.shouldCommit()) {
          slow.operation = arguments.operation.method();
          slow.ino = arguments.ino;
          slow.unique = arguments.unique;
          slow.detached = detached;
          slow.commit();
        }
      }
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError whileWatching) {
      // One figure less.
    }
  }

  /** The native memory of this request. */
  public TransportBuffers buffers() {
    return buffers;
  }

  /** The gate that answers go through. */
  public ReplyGate gate() {
    return gate;
  }

  @Override
  public long unique() {
    return arguments.unique;
  }

  @Override
  public int uid() {
    return arguments.uid;
  }

  @Override
  public int gid() {
    return arguments.gid;
  }

  @Override
  public int pid() {
    return arguments.pid;
  }

  @Override
  public int umask() {
    return arguments.umask;
  }

  @Override
  public int openFlags() {
    return arguments.openFlags;
  }

  @Override
  public long lockOwner() {
    return arguments.lockOwner;
  }

  @Override
  public int[] supplementaryGroups() {
    return Callers.supplementaryGroups(arguments.pid);
  }

  @Override
  public boolean killsPrivileges() {
    return arguments.killsPrivileges;
  }

  @Override
  public boolean fromPageCache() {
    return arguments.fromPageCache;
  }

  @Override
  public boolean dropsLocks() {
    return arguments.dropsLocks;
  }

  @Override
  public int pollEvents() {
    return arguments.pollEvents;
  }

  @Override
  public boolean interrupted() {
    return gate.interrupted();
  }

  @Override
  public void onInterrupt(Runnable action) {
    if (!detached) {
      throw new IllegalStateException("only a detached request can be told of an interrupt");
    }
    Interrupts interrupts = pool.interrupts();
    interrupts.put(arguments.unique, action);
    if (isAnswered()) {
      interrupts.remove(arguments.unique);
    } else if (interrupted()) {
      interrupts.arrived(arguments.unique);
    }
  }

  @Override
  public boolean isAnswered() {
    return gate.isAnswered();
  }

  @Override
  public long dataAddress() {
    return arguments.dataAddress;
  }

  @Override
  public int dataLength() {
    return arguments.dataLength;
  }

  @Override
  public MemorySegment data() {
    return buffers.received(arguments.dataAddress, arguments.dataLength);
  }

  @Override
  public Request detach() {
    gate.requireOwed();
    RequestContext fresh = pool.takeForWorker(owner, this);
    detached = true;
    gate.detach(this);
    owner.adopt(fresh);
    return this;
  }

  @Override
  public void answered() {
    pool.giveBack(this);
  }

  @Override
  public void abandoned() {
    pool.giveUp(this);
  }

  @Override
  public Replies reply() {
    return replies;
  }

  @Override
  public Entry entry() {
    return entry;
  }

  @Override
  public Attributes attributes() {
    return attributes;
  }

  @Override
  public OpenedFile openedFile() {
    return openedFile;
  }

  @Override
  public FileSystemFigures figures() {
    return figures;
  }

  @Override
  public Slices slices() {
    return slices;
  }
}
