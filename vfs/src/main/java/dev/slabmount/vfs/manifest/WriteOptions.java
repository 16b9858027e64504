package dev.slabmount.vfs.manifest;

/**
 * How a tree is written down.
 *
 * @param form {@link ManifestForm#RELATIVE_SNAPSHOT} or {@link ManifestForm#LEGACY_2023}
 * @param convention how text is spelled
 * @param lossy whether what the form has no words for is left out; otherwise it is an error
 */
public record WriteOptions(ManifestForm form, TextConvention convention, boolean lossy) {

  /** Refuses forms that cannot hold a tree. */
  public WriteOptions {
    if (!form.isMountable() || !form.isWritable()) {
      throw new IllegalArgumentException("no form that a tree is written in: " + form);
    }
  }

  /** The form of today in ASCII. */
  public static WriteOptions defaults() {
    return new WriteOptions(ManifestForm.RELATIVE_SNAPSHOT, TextConvention.ASCII, false);
  }
}
