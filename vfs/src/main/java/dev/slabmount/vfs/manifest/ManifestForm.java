package dev.slabmount.vfs.manifest;

import static dev.slabmount.vfs.manifest.ManifestException.quote;

import org.jspecify.annotations.Nullable;

/**
 * The forms that manifests come in. A document names its form in {@code specificationVersion}, or,
 * in older forms and only if that is absent, in {@code manifestVersion}.
 *
 * <p>{@code docs/MANIFEST.md} describes each of them and says where it differs from the others.
 */
public enum ManifestForm {
  /** Files only, under the key {@code paths}: no directories, links, execute bits or chunks. */
  LEGACY_2023("2023-03-03", false, false),
  /** A whole tree with paths below its root: the form that is mounted, and the default. */
  RELATIVE_SNAPSHOT("relative-manifest-snapshot-beta-2025-12", false, false),
  /** Changes against another tree, with paths below the root. */
  RELATIVE_DIFF("relative-manifest-diff-beta-2025-12", false, true),
  /** A set of files anywhere on a machine. */
  ABSOLUTE_SNAPSHOT("absolute-manifest-snapshot-beta-2025-12", true, false),
  /** Changes against a set of files anywhere on a machine. */
  ABSOLUTE_DIFF("absolute-manifest-diff-beta-2025-12", true, true),
  /** An early draft of {@link #RELATIVE_SNAPSHOT} with other keys; read, never written. */
  BETA_SNAPSHOT("2025-12-04-beta", false, false),
  /** An early draft of {@link #RELATIVE_DIFF}: the same, with a parent; read, never written. */
  BETA_DIFF("2025-12-04-beta", false, true);

  /** The one hash that content is named by. */
  static final String HASH_ALGORITHM = "xxh128";

  private static final String SPECIFICATION_POINTER = "/specificationVersion";
  private static final String MANIFEST_POINTER = "/manifestVersion";

  /** Another name for {@link #RELATIVE_SNAPSHOT}. */
  private static final String SHORT_NAME = "2025-12";

  private final String text;
  private final boolean absolute;
  private final boolean diff;

  ManifestForm(final String text, final boolean absolute, final boolean diff) {
    this.text = text;
    this.absolute = absolute;
    this.diff = diff;
  }

  /** What a document of this form says that it is. */
  public String text() {
    return text;
  }

  /** Whether paths begin at the root of a machine, not at that of the tree. */
  public boolean isAbsolute() {
    return absolute;
  }

  /** Whether it lists changes against another manifest, which it names by its hash. */
  public boolean isDiff() {
    return diff;
  }

  /** Whether a document of this form can be mounted: it is a whole tree with relative paths. */
  public boolean isMountable() {
    return !absolute && !diff;
  }

  /** Whether documents of this form are written. */
  public boolean isWritable() {
    return !isBeta();
  }

  /**
   * The form that a document has.
   *
   * @param specification the value of {@code specificationVersion}, or null
   * @param manifest the value of {@code manifestVersion}, or null
   * @param hasParent whether it has {@code parentManifestHash}, which tells the drafts apart
   * @throws ManifestException if it names none, or one that is not known
   */
  static ManifestForm of(
      final @Nullable String specification,
      final @Nullable String manifest,
      final boolean hasParent)
      throws ManifestException {
    if (specification != null) {
      for (final ManifestForm form : values()) {
        if (form.text.equals(specification) && form.isNamedBySpecification()) {
          return form;
        }
      }
      throw unknown(SPECIFICATION_POINTER, specification);
    }
    if (manifest == null) {
      throw new ManifestException(
          "", "has neither 'specificationVersion' nor 'manifestVersion': not a manifest");
    }
    return switch (manifest) {
      case "2023-03-03" -> LEGACY_2023;
      case SHORT_NAME -> RELATIVE_SNAPSHOT;
      case "2025-12-04-beta" -> hasParent ? BETA_DIFF : BETA_SNAPSHOT;
      default -> throw unknown(MANIFEST_POINTER, manifest);
    };
  }

  private static ManifestException unknown(final String pointer, final String version) {
    return new ManifestException(
        pointer,
        "unknown form " + quote(version) + "; docs/MANIFEST.md lists those that are known");
  }

  /**
   * Requires that a document of this form can be mounted.
   *
   * @throws ManifestException if not; it says why
   */
  void requireMountable() throws ManifestException {
    final String pointer = this == BETA_DIFF ? "/parentManifestHash" : SPECIFICATION_POINTER;
    if (diff) {
      throw new ManifestException(
          pointer,
          quote(text)
              + (this == BETA_DIFF ? " with a parent" : "")
              + " lists changes against another manifest, not a whole tree, so it cannot be mounted;"
              + " apply it to its parent and mount the result");
    }
    if (absolute) {
      throw new ManifestException(
          pointer,
          quote(text)
              + " has absolute paths, which have no place in a mounted tree;"
              + " 'slabmount convert --root' makes them relative");
    }
  }

  boolean isNamedBySpecification() {
    return this != LEGACY_2023 && !isBeta();
  }

  /** Whether rows of {@code files} refer to rows of {@code dirs}. */
  boolean hasDirectories() {
    return this != LEGACY_2023;
  }

  /** The key of the array of files and links. */
  String filesKey() {
    return this == LEGACY_2023 ? "paths" : "files";
  }

  /** The key of an entry's path. */
  String pathKey() {
    return isBeta() ? "name" : "path";
  }

  /** The key of the mark of a deleted entry. */
  String deletedKey() {
    return isBeta() ? "delete" : "deleted";
  }

  /** The key of a link's target within {@code symlink}. */
  String targetKey() {
    return isBeta() ? "name" : "target";
  }

  /** The key of a link's target outside {@code symlink}, which only the drafts have, or null. */
  @Nullable String flatTargetKey() {
    return isBeta() ? "symlink_target" : null;
  }

  private boolean isBeta() {
    return this == BETA_SNAPSHOT || this == BETA_DIFF;
  }
}
