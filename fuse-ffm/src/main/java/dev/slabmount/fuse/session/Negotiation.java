package dev.slabmount.fuse.session;

import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.Notifier;
import dev.slabmount.fuse.dispatch.Dispatcher;
import dev.slabmount.fuse.dispatch.FeatureChoice;
import dev.slabmount.fuse.dispatch.LoggedNotifier;
import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.fuse.dispatch.RequestLog;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * What every transport's talk with the kernel at the beginning of a mount has in common: which
 * features are wanted by default, and the books of what was wanted and not agreed, of what was not
 * wanted and of what cannot be done without, with the reasons.
 *
 * <p>Used by the worker that receives INIT, which completes {@link #whenAgreed}; the thread that
 * mounts waits for that.
 */
public abstract class Negotiation implements Connection {
  /** The kernel's own default of 12 lets a dozen stuck read-aheads block all others. */
  protected static final int DEFAULT_MAX_BACKGROUND = 256;

  private static final String KERNEL_LACKS_IT = "the kernel does not offer it";

  private static final String DOES_NOT_PASS_IT_ON = " does not pass it on";

  private static final String INSISTS = " always asks for it";

  private static final int MAX_BACKGROUND_LIMIT = 0xFFFF; // 16 bits on the wire

  private static final Set<Feature> DEFAULTS =
      EnumSet.of(
          Feature.ASYNC_READ,
          Feature.ATOMIC_O_TRUNC,
          Feature.BIG_WRITES,
          Feature.ASYNC_DIO,
          Feature.PARALLEL_DIROPS,
          Feature.MAX_PAGES);

  private final Set<Operation> offered;
  private Notifier notifier;
  private final Set<Feature> forbidden = EnumSet.noneOf(Feature.class);
  private final Map<String, String> refused = new LinkedHashMap<>();
  private final Map<String, String> declined = new LinkedHashMap<>();
  private final Map<String, String> kept = new LinkedHashMap<>();
  private final CompletableFuture<String> agreed = new CompletableFuture<>();

  /** Creates the books of one mount of a filesystem that offers these operations. */
  protected Negotiation(Set<Operation> offered, Notifier notifier) {
    this.offered = offered;
    this.notifier = notifier;
  }

  /** Asks for a feature that is offered, or no longer. */
  protected abstract void want(Feature feature, boolean wanted);

  /** Who stands between us and the kernel and does not pass a feature on; empty if nobody. */
  protected abstract String whoLacks(Feature feature);

  /** Who asks the kernel for a feature whatever we say; empty if nobody. */
  protected abstract String whoInsists(Feature feature);

  /** Lets the filesystem choose, within what whoever mounts has decided. */
  public final void negotiate(Dispatcher dispatcher) {
    RequestLog log = dispatcher.observation().log();
    if (log != null) {
      notifier = new LoggedNotifier(notifier, log);
    }
    FeatureChoice choice = dispatcher.features();
    forbidden.addAll(choice.without());
    forbidden.forEach(this::enable); // which is refused, and the reason noted
    dispatcher.init(this);
    choice.with().forEach(this::enable);
    if (choice.maxBackground() > 0) {
      maxBackground(choice.maxBackground());
    }
  }

  /** Asks for what is wanted by default, and for nothing else. */
  protected final void wantDefaults() {
    for (Feature feature : Feature.values()) {
      if (isDefault(feature)) {
        enable(feature);
      } else {
        disable(feature);
      }
    }
  }

  private boolean isDefault(Feature feature) {
    return switch (feature) {
      case READDIRPLUS -> offered.contains(Operation.READDIRPLUS);
      case READDIRPLUS_AUTO ->
          offered.contains(Operation.READDIRPLUS) && offered.contains(Operation.READDIR);
      case POSIX_LOCKS -> offered.contains(Operation.GETLK) && offered.contains(Operation.SETLK);
      case FLOCK_LOCKS -> offered.contains(Operation.FLOCK);
      default -> DEFAULTS.contains(feature);
    };
  }

  /** Books something that was wanted, is no {@link Feature}, and was not offered by the kernel. */
  protected final void notOffered(String what) {
    refused.put(what, KERNEL_LACKS_IT);
  }

  /** Books something that was wanted, is no {@link Feature}, and is not known to somebody. */
  protected final void notKnown(String what, String toWhom) {
    refused.put(what, toWhom + DOES_NOT_PASS_IT_ON);
  }

  /** Init is over; says what was agreed. */
  protected final void agree(String protocol, int maxBackground) {
    agreed.complete(
        "%s, features %s, %d background requests%s%s%s"
            .formatted(
                protocol,
                wantedFeatures(),
                maxBackground,
                withReasons("not agreed", refused),
                withReasons("not wanted", declined),
                withReasons("cannot be switched off", kept)));
  }

  private String wantedFeatures() {
    return Arrays.stream(Feature.values())
        .filter(this::wants)
        .map(Feature::name)
        .collect(Collectors.collectingAndThen(Collectors.joining(","), Negotiation::orNone));
  }

  private static String orNone(String names) {
    return names.isEmpty() ? "none" : names;
  }

  private static String withReasons(String what, Map<String, String> reasons) {
    return reasons.isEmpty()
        ? ""
        : reasons.entrySet().stream()
            .map(each -> each.getKey() + " (" + each.getValue() + ")")
            .collect(Collectors.joining(", ", "; " + what + ": ", ""));
  }

  /** Init threw: the mount fails with it. */
  public final void failed(Throwable thrown) {
    agreed.completeExceptionally(thrown);
  }

  /**
   * Completed with a line that says what was agreed, what was not and what nobody wanted, or with
   * what init threw.
   */
  public final CompletableFuture<String> whenAgreed() {
    return agreed;
  }

  @Override
  public final boolean enable(Feature feature) {
    declined.remove(feature.name());
    kept.remove(feature.name());
    if (forbidden.contains(feature)) {
      disable(feature, "switched off by an option of the mount");
      return false;
    }
    if (!offers(feature)) {
      String lacking = whoLacks(feature);
      refused.put(
          feature.name(), lacking.isEmpty() ? KERNEL_LACKS_IT : lacking + DOES_NOT_PASS_IT_ON);
      return false;
    }
    want(feature, true);
    return true;
  }

  @Override
  public final void disable(Feature feature) {
    refused.remove(feature.name());
    if (!forbidden.contains(feature)) {
      declined.remove(feature.name());
    }
    String insisting = whoInsists(feature);
    if (insisting.isEmpty()) {
      want(feature, false);
    } else {
      kept.put(feature.name(), insisting + INSISTS);
    }
  }

  @Override
  public final void disable(Feature feature, String why) {
    disable(feature);
    if (!kept.containsKey(feature.name())) {
      declined.put(feature.name(), why);
    }
  }

  @Override
  public final Notifier notifier() {
    return notifier;
  }

  /**
   * Checks a number of background requests; returns it, or the most that the protocol can say.
   *
   * @throws IllegalArgumentException if it is less than 1
   */
  protected static int backgroundRequests(int requests) {
    if (requests < 1) {
      throw new IllegalArgumentException("at least 1 background request, not " + requests);
    }
    return Math.min(requests, MAX_BACKGROUND_LIMIT);
  }
}
