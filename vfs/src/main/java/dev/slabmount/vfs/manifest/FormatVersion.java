package dev.slabmount.vfs.manifest;

import static dev.slabmount.vfs.manifest.ManifestException.quote;

import org.jspecify.annotations.Nullable;

/**
 * The names by which documents say what they are, and which of them can be read.
 *
 * <p>A document names its form either in {@code specificationVersion} (which wins) or, in older
 * forms, in {@code manifestVersion}.
 */
final class FormatVersion {

  /** The form that is written, and the one that is read under this name. */
  static final String RELATIVE_SNAPSHOT = "relative-manifest-snapshot-beta-2025-12";

  /** The one hash that content is named by. */
  static final String HASH_ALGORITHM = "xxh128";

  private static final String SPECIFICATION_POINTER = "/specificationVersion";
  private static final String MANIFEST_POINTER = "/manifestVersion";

  private FormatVersion() {}

  /**
   * Checks that a document can be read.
   *
   * @param specification the value of {@code specificationVersion}, or null
   * @param manifest the value of {@code manifestVersion}, or null
   * @return null if it can, else why not
   */
  static @Nullable ManifestException refusal(
      final @Nullable String specification, final @Nullable String manifest) {
    if (specification != null) {
      return specificationRefusal(specification);
    }
    if (manifest == null) {
      return new ManifestException(
          "", "has neither 'specificationVersion' nor 'manifestVersion': not a manifest");
    }
    return switch (manifest) {
      // Another name for the relative snapshot.
      case "2025-12" -> null;
      case "2023-03-03", "2025-12-04-beta" ->
          new ManifestException(
              MANIFEST_POINTER,
              "manifests of the form "
                  + quote(manifest)
                  + " are not read, only "
                  + quote(RELATIVE_SNAPSHOT));
      default -> unknown(MANIFEST_POINTER, manifest);
    };
  }

  private static @Nullable ManifestException specificationRefusal(final String specification) {
    return switch (specification) {
      case RELATIVE_SNAPSHOT -> null;
      case "relative-manifest-diff-beta-2025-12", "absolute-manifest-diff-beta-2025-12" ->
          new ManifestException(
              SPECIFICATION_POINTER,
              quote(specification)
                  + " lists changes against another manifest, not a whole tree; only "
                  + quote(RELATIVE_SNAPSHOT)
                  + " is read");
      case "absolute-manifest-snapshot-beta-2025-12" ->
          new ManifestException(
              SPECIFICATION_POINTER,
              quote(specification)
                  + " has absolute paths, which have no place in a mounted tree; only "
                  + quote(RELATIVE_SNAPSHOT)
                  + " is read");
      default -> unknown(SPECIFICATION_POINTER, specification);
    };
  }

  private static ManifestException unknown(final String pointer, final String version) {
    return new ManifestException(
        pointer,
        "unknown form " + quote(version) + "; only " + quote(RELATIVE_SNAPSHOT) + " is read");
  }
}
