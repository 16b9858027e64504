/** A binding of libfuse3 for any filesystem. */
@SuppressWarnings("requires-automatic") // Agrona names its module in the manifest only.
module dev.slabmount.fuse {
  requires dev.slabmount.nativebindings;
  requires org.agrona;
  requires static org.jspecify;
}
