package dev.slabmount.vfs.manifest;

/**
 * How text outside printable ASCII is spelled in a document that is written. Both say the same, but
 * not in the same bytes, and so the documents have different hashes. Readers take either.
 */
public enum TextConvention {
  /**
   * Everything outside printable ASCII as a backslash, {@code u} and four lower-case hex digits for
   * each UTF-16 code unit, so that characters beyond U+FFFF are a pair: what Python's {@code
   * json.dumps} writes unless told otherwise. The default.
   */
  ASCII,
  /**
   * UTF-8 as it is; only control characters below U+0020, quotes and backslashes are escaped: what
   * {@code serde_json} and Python's {@code ensure_ascii=False} write.
   */
  UTF8
}
