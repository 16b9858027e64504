/** The off-heap block pool. */
@SuppressWarnings("requires-automatic") // Agrona names its module in the manifest only.
module dev.slabmount.core {
  requires jdk.jfr;
  requires org.agrona;
  requires static transitive org.jspecify;

  exports dev.slabmount.core.pool;
}
