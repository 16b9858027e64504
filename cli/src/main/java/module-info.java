/** The slabmount command. */
module dev.slabmount.cli {
  requires dev.slabmount.vfs;
  requires info.picocli;
  requires org.slf4j;
  requires static org.jspecify;
}
