package dev.slabmount.vfs.manifest;

import java.util.Objects;

/**
 * A document without defects, under one of the four types that documents have: a whole tree or the
 * changes against another one, with paths below its root or below that of a machine. The type says
 * what can be done with it; only a {@link Snapshot} can be mounted.
 *
 * <p>Documents of the older forms are views too; what is made of them by {@code under} has the form
 * of today. Immutable; any thread.
 */
public sealed interface ManifestView {

  /** What is viewed. */
  ManifestDocument document();

  /** The view that a document without defects has. */
  static ManifestView of(final ManifestDocument document) {
    final ManifestForm form = document.form();
    if (form.isAbsolute()) {
      return form.isDiff() ? new AbsoluteSnapshotDiff(document) : new AbsoluteSnapshot(document);
    }
    return form.isDiff() ? new SnapshotDiff(document) : new Snapshot(document);
  }

  /** A whole tree. */
  record Snapshot(ManifestDocument document) implements ManifestView {
    /**
     * The tree, to be mounted.
     *
     * @throws ManifestException if the whole is too large
     */
    public Manifest tree() throws ManifestException {
      return document.toManifest();
    }

    /**
     * The same files at a place on a machine.
     *
     * @param root an absolute path
     * @throws ManifestException if {@code root} is none, or paths become too long
     */
    public AbsoluteSnapshot under(final String root) throws ManifestException {
      return new AbsoluteSnapshot(Rebase.under(document, root, ManifestForm.ABSOLUTE_SNAPSHOT));
    }
  }

  /** Changes against another tree. */
  record SnapshotDiff(ManifestDocument document) implements ManifestView {
    /** The hash of the document that the changes are against. */
    public String parentHash() {
      return Objects.requireNonNull(document.parentHash());
    }

    /** The same changes at a place on a machine; as {@link Snapshot#under}. */
    public AbsoluteSnapshotDiff under(final String root) throws ManifestException {
      return new AbsoluteSnapshotDiff(Rebase.under(document, root, ManifestForm.ABSOLUTE_DIFF));
    }
  }

  /** Files anywhere on a machine. */
  record AbsoluteSnapshot(ManifestDocument document) implements ManifestView {
    /**
     * The tree below a folder.
     *
     * @param root its absolute path
     * @throws ManifestException if something lies outside of it
     */
    public Snapshot below(final String root) throws ManifestException {
      return new Snapshot(Rebase.below(document, root, ManifestForm.RELATIVE_SNAPSHOT));
    }
  }

  /** Changes against files anywhere on a machine. */
  record AbsoluteSnapshotDiff(ManifestDocument document) implements ManifestView {
    /** The hash of the document that the changes are against. */
    public String parentHash() {
      return Objects.requireNonNull(document.parentHash());
    }

    /** The changes below a folder; as {@link AbsoluteSnapshot#below}. */
    public SnapshotDiff below(final String root) throws ManifestException {
      return new SnapshotDiff(Rebase.below(document, root, ManifestForm.RELATIVE_DIFF));
    }
  }
}
