/** Manifests, content stores and the filesystem over the pool. */
module dev.slabmount.vfs {
  requires transitive dev.slabmount.core;
  requires transitive dev.slabmount.fuse;
  requires dev.slabmount.nativebindings;
  requires com.fasterxml.jackson.core;
  requires com.dynatrace.hash4j;
  requires static transitive org.jspecify;

  exports dev.slabmount.vfs;
  exports dev.slabmount.vfs.content;
  exports dev.slabmount.vfs.scrub;
  exports dev.slabmount.vfs.snapshot;
  exports dev.slabmount.vfs.manifest;
  exports dev.slabmount.vfs.prefetch;
  exports dev.slabmount.vfs.tree;
}
