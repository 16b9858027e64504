package dev.slabmount.cli;

import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.FuseMount;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The options of a mount about what is agreed with the kernel over the filesystem's head. */
final class KernelOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--with",
      paramLabel = "FEATURES",
      converter = FeaturesConverter.class,
      description = {
        "Kernel features to ask for in addition, such as AUTO_INVAL_DATA, with commas between them.",
        "Default: none."
      })
  private Set<Feature> with = EnumSet.noneOf(Feature.class);

  @Option(
      names = "--without",
      paramLabel = "FEATURES",
      converter = FeaturesConverter.class,
      description = {
        "Kernel features to do without, such as ASYNC_READ,MAX_PAGES, with commas between them.",
        "Default: none."
      })
  private Set<Feature> without = EnumSet.noneOf(Feature.class);

  @Option(
      names = "--max-background",
      paramLabel = "N",
      converter = WholeNumber.Background.class,
      description = {
        "How many background requests (read-ahead) the kernel may have under way, 1 to 65535.",
        "Default: 768."
      })
  private @Nullable Integer maxBackground;

  /**
   * What was chosen.
   *
   * @throws ParameterException if a feature is both asked for and switched off
   */
  Choice choice() {
    for (final Feature feature : with) {
      if (without.contains(feature)) {
        throw new ParameterException(
            spec.commandLine(),
            "Invalid option '--with': " + feature + " is switched off by --without");
      }
    }
    return new Choice(
        Set.copyOf(with), Set.copyOf(without), maxBackground == null ? 0 : maxBackground);
  }

  /**
   * What is agreed with the kernel over the filesystem's head.
   *
   * @param with features to ask for
   * @param without features to do without
   * @param maxBackground how many background requests; 0: as the filesystem chooses
   */
  record Choice(Set<Feature> with, Set<Feature> without, int maxBackground) {
    /** Puts it into the description of a mount. */
    void applyTo(final FuseMount.Builder builder) {
      with.forEach(builder::with);
      without.forEach(builder::without);
      if (maxBackground > 0) {
        builder.maxBackground(maxBackground);
      }
    }
  }

  /** Reads names of features with commas between them, as the log has them or in small letters. */
  static final class FeaturesConverter implements ITypeConverter<Set<Feature>> {
    @Override
    public Set<Feature> convert(final String text) {
      return Stream.of(text.split(",", -1))
          .map(FeaturesConverter::feature)
          .collect(Collectors.toUnmodifiableSet());
    }

    private static Feature feature(final String name) {
      for (final Feature feature : Feature.values()) {
        if (feature.name().equals(name.toUpperCase(Locale.ROOT).replace('-', '_'))) {
          return feature;
        }
      }
      throw new TypeConversionException(
          "'"
              + name
              + "' is not known, only "
              + Stream.of(Feature.values()).map(Feature::name).collect(Collectors.joining(", ")));
    }
  }
}
