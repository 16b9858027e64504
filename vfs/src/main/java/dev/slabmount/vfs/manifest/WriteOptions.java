package dev.slabmount.vfs.manifest;

/**
 * How a tree is written down.
 *
 * @param form {@link ManifestForm#RELATIVE_SNAPSHOT} or {@link ManifestForm#LEGACY_2023}
 * @param convention how text is spelled
 * @param lossy whether links and folders that the form has no words for are left out; otherwise
 *     they are an error
 */
public record WriteOptions(ManifestForm form, TextConvention convention, boolean lossy) {

  /** Refuses forms that cannot hold a tree. */
  public WriteOptions {
    if (!form.isMountable() || !form.isWritable()) {
      throw new IllegalArgumentException("no form that a tree is written in: " + form);
    }
  }

  /** The same, but lossy. */
  public WriteOptions lossily() {
    return new WriteOptions(form, convention, true);
  }

  /** The form of today in ASCII. */
  public static WriteOptions defaults() {
    return new WriteOptions(ManifestForm.RELATIVE_SNAPSHOT, TextConvention.ASCII, false);
  }
}
