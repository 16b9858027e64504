package dev.slabmount.vfs.snapshot;

import java.util.List;

/** A {@linkplain SnapshotRequest#strict strict} snapshot met what a manifest cannot say. */
public final class UnsayableException extends SnapshotException {

  private static final long serialVersionUID = 1L;

  private final transient List<Unsayable> unsayable;

  UnsayableException(final List<Unsayable> unsayable) {
    super(Fault.SOURCE, message(unsayable));
    this.unsayable = unsayable;
  }

  private static String message(final List<Unsayable> unsayable) {
    final Unsayable first = unsayable.getFirst();
    final int others = unsayable.size() - 1;
    return "a manifest cannot hold everything of this tree: %s (%s)%s; nothing was stored"
        .formatted(
            first,
            first.kind().description(),
            others == 0 ? "" : " and " + others + " other things");
  }

  /** Everything that it met, sorted. */
  public List<Unsayable> unsayable() {
    return unsayable;
  }
}
