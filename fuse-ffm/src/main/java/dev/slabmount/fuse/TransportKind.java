package dev.slabmount.fuse;

/**
 * What carries requests from the kernel to a {@link FileSystem} and answers back. A filesystem sees
 * no difference; both need libfuse3, which parses options, mounts and unmounts.
 */
public enum TransportKind {
  /** libfuse decodes requests and encodes answers. Works with every libfuse3 from 3.10 on. */
  LIBFUSE,
  /**
   * The binding speaks the kernel's protocol itself on the descriptor of {@code /dev/fuse}: no
   * upcalls, answers straight from off-heap memory, features negotiated that libfuse may not know.
   */
  DEV
}
