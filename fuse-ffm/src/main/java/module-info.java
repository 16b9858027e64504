/** A binding of libfuse3 for any filesystem. */
@SuppressWarnings({
  "requires-automatic", // Agrona has no module descriptor.
  "module" // dev.slabmount.cli is compiled later and so not found here.
})
module dev.slabmount.fuse {
  requires dev.slabmount.nativebindings;
  requires jdk.jfr;
  requires org.agrona;
  requires static transitive org.jspecify;

  exports dev.slabmount.fuse;
  exports dev.slabmount.fuse.example;
  exports dev.slabmount.fuse.example.memfs;
  exports dev.slabmount.fuse.session to
      dev.slabmount.cli; // MountTable and Unmounter, for 'slabmount unmount'
}
