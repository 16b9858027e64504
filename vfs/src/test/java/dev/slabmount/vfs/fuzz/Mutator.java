package dev.slabmount.vfs.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages inputs: cuts, copies, flips bits, and puts words where they do not belong. */
final class Mutator {

  private final Random random;
  private final List<byte[]> seeds;
  private final List<byte[]> words;

  Mutator(final Random random, final List<byte[]> seeds, final List<String> words) {
    this.random = random;
    this.seeds = seeds;
    this.words = words.stream().map(word -> word.getBytes(StandardCharsets.UTF_8)).toList();
  }

  /** Some seed, damaged one to three times. */
  byte[] next() {
    byte[] input = seeds.get(random.nextInt(seeds.size()));
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      final int at = random.nextInt(input.length + 1);
      final int cut = Math.min(input.length - at, random.nextInt(12));
      final byte[] word = words.get(random.nextInt(words.size()));
      input =
          switch (random.nextInt(6)) {
            case 0 -> Arrays.copyOf(input, at);
            case 1 -> splice(input, at, cut, new byte[0]);
            case 2 -> splice(input, at, 0, word);
            case 3 -> splice(input, at, cut, word);
            case 4 -> splice(input, at, 0, Arrays.copyOfRange(input, at, at + cut));
            default -> flip(input);
          };
    }
    return input;
  }

  private byte[] flip(final byte[] input) {
    final byte[] result = input.clone();
    if (result.length > 0) {
      result[random.nextInt(result.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return result;
  }

  private static byte[] splice(final byte[] input, final int at, final int cut, final byte[] word) {
    final byte[] result = new byte[input.length - cut + word.length];
    System.arraycopy(input, 0, result, 0, at);
    System.arraycopy(word, 0, result, at, word.length);
    System.arraycopy(input, at + cut, result, at + word.length, input.length - at - cut);
    return result;
  }
}
