package dev.slabmount.fuse;

/**
 * What is agreed with the kernel when a mount begins; valid only during {@link FileSystem#init},
 * except for {@link #notifier}. Not thread-safe.
 */
public interface Connection {
  /** Protocol version of the kernel, as {@code major * 1000 + minor}: 7038 is 7.38. */
  int protocolVersion();

  /** Whether kernel and libfuse offer a feature. */
  boolean offers(Feature feature);

  /** Whether a feature is asked for at present. */
  boolean wants(Feature feature);

  /**
   * Asks for a feature if it is offered and whoever mounts has not switched it off; returns whether
   * it is asked for now.
   */
  boolean enable(Feature feature);

  /** Does without a feature. */
  void disable(Feature feature);

  /**
   * Does without a feature and has the log say why.
   *
   * @param why a few words for whoever reads the log
   */
  void disable(Feature feature, String why);

  /**
   * How many background requests (read-ahead, mostly) the kernel may have under way; at least 1.
   */
  void maxBackground(int requests);

  /** Largest read-ahead in bytes; the kernel takes the smaller of this and its own. */
  void maxReadahead(int bytes);

  /** The way to tell the kernel that something changed behind its back; valid while mounted. */
  Notifier notifier();
}
