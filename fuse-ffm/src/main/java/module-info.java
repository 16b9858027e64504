/** A binding of libfuse3 for any filesystem. */
@SuppressWarnings("requires-automatic") // Agrona has no module descriptor.
module dev.slabmount.fuse {
  requires dev.slabmount.nativebindings;
  requires org.agrona;
  requires static transitive org.jspecify;

  exports dev.slabmount.fuse;
}
