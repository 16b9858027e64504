package dev.slabmount.vfs.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hashing;
import dev.slabmount.vfs.content.ContentHash;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManifestRoundTripTest {

  /** An empty directory, nested rows, a chunked file, a link and an executable file. */
  static final String EXAMPLE =
      "{\"dirs\":[{\"path\":\"assets\"},{\"path\":\"$0/tex\"},{\"path\":\"empty\"}],\"files\":["
          + "{\"chunkhashes\":[\"e7e6e2cfd0fb193c998e510addb2da2d\","
          + "\"9872ce5eb2ae11905d6348f8e683f04b\"],"
          + "\"mtime\":1700000000000000,\"path\":\"$0/big.bin\",\"size\":314572800},"
          + "{\"hash\":\"890c8a5c5ad2a8a2edba9e94785346a3\",\"mtime\":1700000000000000,"
          + "\"path\":\"$1/a.txt\",\"size\":6},"
          + "{\"path\":\"latest\",\"symlink\":{\"target\":\"$1/a.txt\"}},"
          + "{\"hash\":\"38d6a0c73ce3aa28b9b26f0f4702a844\",\"mtime\":1700000001500000,"
          + "\"path\":\"run.sh\",\"runnable\":true,\"size\":18}],\"hashAlg\":\"xxh128\","
          + "\"specificationVersion\":\"relative-manifest-snapshot-beta-2025-12\","
          + "\"totalSize\":314572824}";

  @Test
  void shouldReadTheExample() throws Exception {
    final Manifest manifest = ManifestReader.read(EXAMPLE.getBytes(StandardCharsets.UTF_8));
    assertEquals(
        List.of(
            new DirectoryEntry("assets"),
            new DirectoryEntry("assets/tex"),
            new DirectoryEntry("empty"),
            new FileEntry(
                "assets/big.bin",
                314572800,
                1700000000000000L,
                false,
                List.of(
                    ContentHash.parse("e7e6e2cfd0fb193c998e510addb2da2d"),
                    ContentHash.parse("9872ce5eb2ae11905d6348f8e683f04b"))),
            new FileEntry(
                "assets/tex/a.txt",
                6,
                1700000000000000L,
                false,
                List.of(ContentHash.parse("890c8a5c5ad2a8a2edba9e94785346a3"))),
            new SymlinkEntry("latest", "assets/tex/a.txt"),
            new FileEntry(
                "run.sh",
                18,
                1700000001500000L,
                true,
                List.of(ContentHash.parse("38d6a0c73ce3aa28b9b26f0f4702a844")))),
        manifest.entries());
    assertEquals(3, manifest.directoryCount());
    assertEquals(314572824, manifest.totalSize());
  }

  @Test
  void shouldWriteTheExampleWithTheSameBytes() throws Exception {
    final byte[] bytes =
        ManifestWriter.toBytes(ManifestReader.read(EXAMPLE.getBytes(StandardCharsets.UTF_8)));
    assertEquals(EXAMPLE, new String(bytes, StandardCharsets.US_ASCII));
    final HashValue128 hash = Hashing.xxh3_128().hashBytesTo128Bits(bytes);
    assertEquals(
        "de7f5261f80aebb878a33ead50d87984",
        new ContentHash(hash.getMostSignificantBits(), hash.getLeastSignificantBits()).toString());
  }
}
